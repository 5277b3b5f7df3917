//! What a registry says of its skills as a whole.

use crate::RegistryError;
use crate::section::{items, map, number, part, text};
use crate::skill::{Skill, skills};
use atomic_io::Document;
use serde::{Deserialize, Serialize};

/// The section `analysis`, as far as it is known here.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Analysis {
    /// When it was made, as written there.
    pub last_calculated: Option<String>,
    /// How each category does.
    pub category_performance: Vec<CategoryPerformance>,
    /// What all skills together are worth.
    pub roi_summary: RoiSummary,
}

/// How the skills of one category do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CategoryPerformance {
    /// The category.
    pub category: String,
    /// The mean of the effectiveness scores that there are, in percent.
    pub avg_effectiveness: Option<f64>,
    /// How often its skills were used.
    pub total_tasks: Option<f64>,
    /// How many of these uses succeeded, in percent.
    pub success_rate: Option<f64>,
}

/// What all skills together are worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RoiSummary {
    /// How much time they have saved.
    pub total_time_saved_minutes: Option<f64>,
    /// By how much results are better, in percent.
    pub avg_quality_improvement: Option<f64>,
    /// What they cost for what they bring.
    pub cost_benefit_ratio: Option<f64>,
}

/// What the section `analysis` says; where there is none, nothing.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, if it is no mapping, or a part of it is of another kind than it should be.
pub fn analysis(document: &Document) -> Result<Analysis, RegistryError> {
    let Some(section) = map(document.root(), "analysis", "")? else { return Ok(Analysis::default()) };
    let categories = items(section, "category_performance")?.into_iter().filter_map(|item| {
        Some(CategoryPerformance {
            category: text(item, "category")?,
            avg_effectiveness: number(item, "avg_effectiveness"),
            total_tasks: number(item, "total_tasks"),
            success_rate: number(item, "success_rate"),
        })
    });
    Ok(Analysis {
        last_calculated: text(section, "last_calculated"),
        category_performance: categories.collect(),
        roi_summary: part(section, "roi_summary", " of `analysis`")?,
    })
}

/// The skills that have an effectiveness score, the best first; of equals, the one used more often, then the one that is first in
/// the file.
///
/// # Errors
///
/// Those of [`skills`].
pub fn top_skills(document: &Document) -> Result<Vec<Skill>, RegistryError> {
    let mut skills = skills(document)?;
    skills.retain(|skill| skill.metrics.effectiveness_score.is_some());
    skills.sort_by(|one, other| {
        let score = |skill: &Skill| skill.metrics.effectiveness_score.unwrap_or(f64::NEG_INFINITY);
        let by_score = score(other).total_cmp(&score(one));
        by_score.then(other.usage.usage_count.cmp(&one.usage.usage_count))
    });
    Ok(skills)
}

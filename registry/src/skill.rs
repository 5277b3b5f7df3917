//! Skills, and how they are read from a document: pure functions, without a file.

use crate::RegistryError;
use crate::section::{self, part, text};
use atomic_io::{Document, Node};
use serde::{Deserialize, Serialize};

/// A skill that agents can use.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Skill {
    /// Its key in the registry.
    pub id: String,
    /// Its name for people; the id where none is given.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// What kind of skill it is.
    pub category: Option<String>,
    /// The agent that it stands for.
    pub agent: Option<String>,
    /// The version of the skill.
    pub version: Option<String>,
    /// When it was added, as written there.
    pub created: Option<String>,
    /// How well it did.
    pub metrics: Metrics,
    /// How often it was used.
    pub usage: Usage,
    /// What it is worth.
    pub roi: Roi,
    /// When to choose it.
    pub selection: Selection,
}

/// How well a skill did, in percent. What was never measured is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names are those of the file and say it")]
pub struct Metrics {
    pub effectiveness_score: Option<f64>,
    pub success_rate: Option<f64>,
    pub time_efficiency: Option<f64>,
    pub trigger_accuracy: Option<f64>,
    pub quality_score: Option<f64>,
    pub reuse_rate: Option<f64>,
}

/// How often a skill was used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Usage {
    /// How often in all.
    pub usage_count: u64,
    /// How often with success.
    pub success_count: u64,
    /// How often without. What came to half a success counts neither here nor there.
    pub failure_count: u64,
    /// When first, as written there (RFC 3339).
    pub first_used: Option<String>,
    /// When last, as written there (RFC 3339).
    pub last_used: Option<String>,
    /// The mean duration of a use, in milliseconds.
    pub avg_execution_time_ms: Option<f64>,
}

impl Usage {
    /// Whether more uses ended well or badly than there were.
    pub(crate) fn is_contradictory(&self) -> bool {
        self.success_count.saturating_add(self.failure_count) > self.usage_count
    }
}

/// What a skill is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Roi {
    /// How long its tasks take without it.
    pub baseline_minutes: Option<f64>,
    /// How much time it has saved.
    pub time_saved_minutes: Option<f64>,
    /// By how much its results are better, in percent.
    pub quality_improvement: Option<f64>,
    /// What it costs for what it brings.
    pub cost_benefit_ratio: Option<f64>,
}

/// When to choose a skill.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Selection {
    /// Words in the description of a task that speak for it.
    pub triggers: Vec<String>,
    /// How sure one should be before choosing it, in percent.
    pub confidence_threshold: Option<f64>,
    /// Which of several that fit comes first, the lowest.
    pub priority: Option<f64>,
    /// When to use it, in words.
    pub when_to_use: Option<String>,
    /// When not to, in words.
    pub when_to_avoid: Option<String>,
    /// How much is known of it: `low`, `medium` or `high`.
    pub confidence: Option<String>,
}

/// All skills of a registry, in the order of the file.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, if `skills` is missing or no mapping, or a skill in it cannot be read.
pub fn skills(document: &Document) -> Result<Vec<Skill>, RegistryError> {
    section::each_skill(document)?
        .map(|skill| {
            let (id, node) = skill?;
            read(&id, node)
        })
        .collect()
}

/// The skill with this id. Other skills are not looked at, so what is wrong with them does no harm.
///
/// # Errors
///
/// As [`skills`]; and [`RegistryError::NoSuchSkill`].
pub fn skill(document: &Document, id: &str) -> Result<Skill, RegistryError> {
    read(id, section::skill(document, id)?)
}

fn read(id: &str, node: Node<'_>) -> Result<Skill, RegistryError> {
    let of = format!(" of the skill `{id}`");
    Ok(Skill {
        name: text(node, "name").unwrap_or_else(|| id.to_owned()),
        id: id.to_owned(),
        description: text(node, "description"),
        category: text(node, "category"),
        agent: text(node, "agent"),
        version: text(node, "version"),
        created: text(node, "created"),
        metrics: part(node, "metrics", &of)?,
        usage: part(node, "usage", &of)?,
        roi: part(node, "roi", &of)?,
        selection: part(node, "selection", &of)?,
    })
}

//! Writing down how well a skill does, as somebody has measured it.

use super::{Change, look_first, put, put_number, recalculate::component_names, skill_path, touch};
use crate::RegistryError;
use crate::section::{self, map};
use atomic_io::Document;
use jiff::Timestamp;

/// One metric of a skill and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricEdit {
    /// The metric: `success_rate` and so on.
    pub name: String,
    /// Its value, in percent; `None` for "never measured".
    pub value: Option<f64>,
}

pub(super) const METRICS: [&str; 6] = [
    "effectiveness_score",
    "success_rate",
    "time_efficiency",
    "trigger_accuracy",
    "quality_score",
    "reuse_rate",
];

/// Writes metrics of a skill. All of them, or none.
///
/// # Errors
///
/// [`RegistryError::NoSuchSkill`]; [`RegistryError::BadValue`] for a metric that is neither known here nor in the registry's own
/// `metrics_schema`, and for a number that is not finite or, but for `time_efficiency`, not from 0 to 100;
/// [`RegistryError::Invalid`], with its line, where a part of the file that this touches is of another kind than it should be;
/// [`RegistryError::Document`] if the file cannot be edited.
pub fn update_metrics(
    document: &mut Document,
    now: Timestamp,
    skill: &str,
    edits: &[MetricEdit],
) -> Result<Change<()>, RegistryError> {
    look_first(document)?;
    map(section::skill(document, skill)?, "metrics", &format!(" of the skill `{skill}`"))?;
    let own = component_names(document)?;
    let text = document.text().to_owned();
    for MetricEdit { name, value } in edits {
        let bad = |why: String| RegistryError::BadValue { field: name.clone(), why };
        if !METRICS.contains(&name.as_str()) && !own.contains(name) {
            return Err(bad(format!("give one of {}", METRICS.join(", "))));
        }
        // What took longer than without the skill is less than nothing.
        let may_be_negative = name == "time_efficiency";
        let is_good = |value: f64| value.is_finite() && (may_be_negative || (0.0..=100.0).contains(&value));
        let place = skill_path(skill).key("metrics");
        match value {
            Some(value) if is_good(*value) => put_number(document, &place, name, *value)?,
            Some(_) => return Err(bad("give a number from 0 to 100".into())),
            None => put(document, &place, name, &None::<f64>)?,
        }
    }
    if document.text() != text {
        touch(document, now)?;
    }
    Ok(Change::none(()))
}

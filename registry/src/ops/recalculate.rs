//! Working out how well skills do, from what is written down.
//!
//! | component | from |
//! |---|---|
//! | `success_rate` | `success_count` and `usage_count` of the skill, once it was used; null where more uses ended than there were |
//! | `time_efficiency` | `avg_execution_time_ms` and `baseline_minutes` of the skill, where it has both |
//! | `trigger_accuracy` | `trigger_was_correct` of the outcomes that name it, where any says so |
//! | `quality_score` | `quality_rating` of these, times 20, where any has one |
//!
//! What nothing is written down of keeps the value that somebody gave it, as does every other component. The score is the mean of the
//! components that `metrics_schema` lists, by their weights; if one of these has no value, there is no score.

use super::{Change, METRICS_KEY, look_first, put, put_number, skill_path, touch};
use crate::RegistryError;
use crate::analysis::analysis;
use crate::event::stamp;
use crate::history::{TaskOutcome, task_outcomes};
use crate::number::hundredths;
use crate::section::{self, invalid, items, map, number, text};
use crate::skill::{Skill, skills};
use atomic_io::{DocPath, Document, Node};
use jiff::Timestamp;
use serde::Serialize;

pub(crate) const SCHEMA: &str = "metrics_schema";
const SCORE: &str = "effectiveness_score";
const SUCCESS_RATE: &str = "success_rate";

/// What came of one skill.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Recalculated {
    /// The skill.
    pub id: String,
    /// Its score before, in percent.
    pub before: Option<f64>,
    /// Its score now; `None` while components are missing.
    pub after: Option<f64>,
    /// The components that have no value.
    pub missing: Vec<String>,
}

/// A component of the score, as `metrics_schema` lists it.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) weight: f64,
}

/// Writes the components that follow from what is written down, and the effectiveness score that follows from all components. Where the file has
/// `analysis.category_performance`, its entries are brought up to date too. It never makes up a figure: see above.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, if `metrics_schema` lists no components with weights, or another part of the file that this
/// touches is of another kind than it should be; [`RegistryError::Document`] if the file cannot be edited.
pub fn recalculate(
    document: &mut Document,
    now: Timestamp,
) -> Result<Change<Vec<Recalculated>>, RegistryError> {
    let before = document.text().to_owned();
    look_first(document)?;
    analysis(document)?;
    let components = components(document)?;
    let outcomes = task_outcomes(document)?;
    let mut all = Vec::new();
    for skill in skills(document)? {
        derive(document, &skill, &components, &outcomes)?;
        let metrics = map(section::skill(document, &skill.id)?, METRICS_KEY, "")?;
        let value = |name: &str| metrics.and_then(|metrics| number(metrics, name));
        let missing: Vec<String> = components
            .iter()
            .filter(|component| value(&component.name).is_none())
            .map(|component| component.name.clone())
            .collect();
        let score = if missing.is_empty() { weighted_mean(&components, value) } else { None };
        write(document, &skill.id, SCORE, score)?;
        let before = skill.metrics.effectiveness_score;
        all.push(Recalculated { id: skill.id, before, after: score, missing });
    }
    categories(document)?;
    if document.text() != before {
        if map(document.root(), "analysis", "")?.is_some() {
            document.set("analysis.last_calculated", &stamp(now))?;
        }
        touch(document, now)?;
    }
    Ok(Change::none(all))
}

/// The components of the score.
pub(crate) fn components(document: &Document) -> Result<Vec<Component>, RegistryError> {
    let root = document.root();
    let Some(schema) = map(root, SCHEMA, "")? else {
        let reason = format!("there is no mapping `{SCHEMA}`, which says what the score is made of");
        return Err(RegistryError::Invalid { line: root.line().or(Some(1)), reason });
    };
    let read = |item: Node<'_>| {
        let name = text(item, "name").ok_or_else(|| invalid(item, "this component has no `name`".into()))?;
        let weight = number(item, "weight").filter(|weight| *weight >= 0.0);
        let weight =
            weight.ok_or_else(|| invalid(item, format!("the component `{name}` has no `weight`")))?;
        Ok(Component { name, weight })
    };
    let components: Vec<_> =
        items(schema, "components")?.into_iter().map(read).collect::<Result<_, RegistryError>>()?;
    if components.iter().map(|component| component.weight).sum::<f64>() > 0.0 {
        return Ok(components);
    }
    Err(invalid(schema, format!("`{SCHEMA}` lists no components with weights")))
}

/// Their names; none where nothing is said of them.
pub(super) fn component_names(document: &Document) -> Result<Vec<String>, RegistryError> {
    let Some(schema) = map(document.root(), SCHEMA, "")? else { return Ok(Vec::new()) };
    Ok(items(schema, "components")?.into_iter().filter_map(|item| text(item, "name")).collect())
}

fn weighted_mean(components: &[Component], value: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let mut sum = 0.0;
    for component in components {
        sum += component.weight * value(&component.name)?;
    }
    let weights: f64 = components.iter().map(|component| component.weight).sum();
    Some(hundredths(sum / weights))
}

fn derive(
    document: &mut Document,
    skill: &Skill,
    components: &[Component],
    outcomes: &[TaskOutcome],
) -> Result<(), RegistryError> {
    let usage = map(section::skill(document, &skill.id)?, "usage", "")?;
    let succeeded = usage.and_then(|usage| number(usage, "success_count"));
    let uses = usage.and_then(|usage| number(usage, "usage_count")).filter(|uses| *uses > 0.0);
    let of_it = || outcomes.iter().filter(|outcome| outcome.skill_used.as_ref() == Some(&skill.id));
    let correct = of_it().filter_map(|outcome| outcome.trigger_was_correct);
    let ratings = of_it().filter_map(|outcome| outcome.quality_rating);
    let baseline = skill.roi.baseline_minutes.filter(|minutes| *minutes > 0.0);
    let minutes = skill.usage.avg_execution_time_ms.map(|time| time / 60_000.0);
    let is_listed = |name: &str| components.iter().any(|component| component.name == name);
    let is_contradictory = skill.usage.is_contradictory();
    if is_contradictory && is_listed(SUCCESS_RATE) {
        write(document, &skill.id, SUCCESS_RATE, None)?;
    }
    let counts = succeeded.zip(uses).filter(|_| !is_contradictory);
    let derived = [
        (SUCCESS_RATE, counts.map(|(succeeded, uses)| succeeded / uses * 100.0)),
        (
            "time_efficiency",
            baseline.zip(minutes).map(|(baseline, took)| (baseline - took) / baseline * 100.0),
        ),
        ("trigger_accuracy", mean(correct.map(|correct| if correct { 100.0 } else { 0.0 }))),
        ("quality_score", mean(ratings).map(|rating| rating * 20.0)),
    ];
    for (name, value) in derived {
        if value.is_some() && is_listed(name) {
            write(document, &skill.id, name, value.map(hundredths))?;
        }
    }
    Ok(())
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    (count > 0.0).then(|| sum / count)
}

/// Sets a metric to a number, or to null where there is one.
fn write(document: &mut Document, id: &str, name: &str, value: Option<f64>) -> Result<(), RegistryError> {
    let metrics = skill_path(id).key(METRICS_KEY);
    let is_there = document.node(metrics.clone().key(name))?.is_some();
    match value {
        Some(value) => put_number(document, &metrics, name, value),
        None if is_there => put(document, &metrics, name, &None::<f64>),
        None => Ok(()),
    }
}

fn categories(document: &mut Document) -> Result<(), RegistryError> {
    let Some(section) = map(document.root(), "analysis", "")? else { return Ok(()) };
    let names: Vec<_> =
        items(section, "category_performance")?.into_iter().map(|item| text(item, "category")).collect();
    let skills = skills(document)?;
    for (index, name) in names.into_iter().enumerate().filter(|(_, name)| name.is_some()) {
        let of_it = || skills.iter().filter(|skill| skill.category == name);
        let uses: u64 = of_it().map(|skill| skill.usage.usage_count).fold(0, u64::saturating_add);
        let succeeded: u64 = of_it().map(|skill| skill.usage.success_count).fold(0, u64::saturating_add);
        let is_known = uses > 0 && !of_it().any(|skill| skill.usage.is_contradictory());
        let rate = is_known.then(|| hundredths(ratio(succeeded, uses) * 100.0));
        let scores = mean(of_it().filter_map(|skill| skill.metrics.effectiveness_score)).map(hundredths);
        let place = DocPath::root().key("analysis").key("category_performance").index(index);
        for (key, value) in [("avg_effectiveness", scores), (SUCCESS_RATE, rate)] {
            match value {
                Some(value) => put_number(document, &place, key, value)?,
                None => put(document, &place, key, &None::<f64>)?,
            }
        }
        put(document, &place, "total_tasks", &uses)?;
    }
    Ok(())
}

fn ratio(part: u64, whole: u64) -> f64 {
    let float = |count: u64| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    float(part) / float(whole)
}

//! The counters that the file carries about itself.

use super::mean::{Told, mean};
use super::{Change, count, look_first, put, put_number, skill_path, totals, touch};
use crate::RegistryError;
use crate::history::usage_history;
use crate::section::{each_skill, map, number, text};
use crate::skill::Usage;
use atomic_io::{DocPath, Document, Node};
use jiff::Timestamp;

/// One counter that does not say what is true.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Counter {
    /// The skill whose counter it is; `None` for those in `metadata`.
    pub skill: Option<String>,
    /// Its key.
    pub key: &'static str,
    /// The line that it stands on, or the mapping that it belongs into, from 1.
    pub line: Option<usize>,
    /// What the file says; `None` if it says no number.
    pub stored: Option<f64>,
    /// What is true, or at least so much.
    pub actual: u64,
}

impl Counter {
    /// Where it stands, or would.
    pub fn path(&self) -> DocPath {
        self.mapping().key(self.key)
    }

    fn mapping(&self) -> DocPath {
        self.skill.as_ref().map_or_else(|| DocPath::root().key("metadata"), |id| skill_path(id).key("usage"))
    }
}

/// The counters that have drifted: the totals in `metadata` that are not what is there, and counts of a skill that are lower than what the
/// history tells of. Counts that are higher are left alone, for a history may have been cut.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, where a part of the file that this looks at is of another kind than it should be.
pub fn counters(document: &Document) -> Result<Vec<Counter>, RegistryError> {
    let mut drifted = Vec::new();
    if let Some(metadata) = map(document.root(), "metadata", "")? {
        let (skills, uses) = totals(document)?;
        for (key, actual) in [("total_skills", skills), ("total_usage_records", uses)] {
            let actual = u64::try_from(actual).unwrap_or(u64::MAX);
            let stored = metadata.field(key).map(|_| number(metadata, key));
            if stored.is_some_and(|stored| stored != Some(float(actual))) {
                drifted.push(counter(None, metadata, key, actual));
            }
        }
    }
    for skill in each_skill(document)? {
        let (id, skill) = skill?;
        let usage = map(skill, "usage", &format!(" of the skill `{id}`"))?;
        let told = Told::of(document, &id)?;
        for (key, actual) in
            [("usage_count", told.uses), ("success_count", told.succeeded), ("failure_count", told.failed)]
        {
            if count(usage, key, &id)? < actual {
                drifted.push(counter(Some(&id), usage.unwrap_or(skill), key, actual));
            }
        }
    }
    Ok(drifted)
}

fn counter(skill: Option<&str>, map: Node<'_>, key: &'static str, actual: u64) -> Counter {
    let line = map.field(key).unwrap_or(map).line();
    Counter { skill: skill.map(str::to_owned), key, line, stored: number(map, key), actual }
}

fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// The counts of a skill as [`sync_counters`] would leave them: none lower than what the history tells of.
pub(crate) fn mended_counts(document: &Document, skill: Node<'_>, id: &str) -> Result<Usage, RegistryError> {
    let usage = map(skill, "usage", &format!(" of the skill `{id}`"))?;
    let told = Told::of(document, id)?;
    Ok(Usage {
        usage_count: count(usage, "usage_count", id)?.max(told.uses),
        success_count: count(usage, "success_count", id)?.max(told.succeeded),
        failure_count: count(usage, "failure_count", id)?.max(told.failed),
        ..Usage::default()
    })
}

/// Writes the truth into every counter that has drifted, and returns those, with what they said before. A skill whose uses were not
/// counted also gets `first_used`, `last_used` and the mean duration that the history tells of, where it has none.
///
/// # Errors
///
/// As [`counters`]; [`RegistryError::Document`] if the file cannot be edited.
pub fn sync_counters(document: &mut Document, now: Timestamp) -> Result<Change<Vec<Counter>>, RegistryError> {
    look_first(document)?;
    let drifted = counters(document)?;
    for counter in &drifted {
        put(document, &counter.mapping(), counter.key, &counter.actual)?;
    }
    let mut ids: Vec<&str> = drifted.iter().filter_map(|counter| counter.skill.as_deref()).collect();
    ids.dedup();
    for id in ids {
        complete(document, id)?;
    }
    if !drifted.is_empty() {
        touch(document, now)?;
    }
    Ok(Change::none(drifted))
}

fn complete(document: &mut Document, id: &str) -> Result<(), RegistryError> {
    let history = usage_history(document)?;
    let times = || history.iter().filter(|record| record.skill.as_deref() == Some(id));
    let (first, last) = (
        times().find_map(|record| record.timestamp.clone()),
        times().rev().find_map(|record| record.timestamp.clone()),
    );
    let usage = map(crate::section::skill(document, id)?, "usage", "")?;
    let has = |key: &str| usage.is_some_and(|usage| text(usage, key).is_some());
    let (has_first, has_last, has_mean) = (has("first_used"), has("last_used"), has("avg_execution_time_ms"));
    let uses = count(usage, "usage_count", id)?;
    let place = skill_path(id).key("usage");
    for (key, has, value) in [("first_used", has_first, first), ("last_used", has_last, last)] {
        if let Some(value) = value.filter(|_| !has) {
            put(document, &place, key, &value)?;
        }
    }
    let told = Told::of(document, id)?;
    if let Some(time) = mean(uses, None, told, told).filter(|_| !has_mean) {
        put_number(document, &place, "avg_execution_time_ms", time)?;
    }
    Ok(())
}

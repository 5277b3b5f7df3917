//! Writing down the use of a skill.

use super::mean::{Told, mean};
use super::{Change, USAGE_HISTORY, count, look_first, put, put_number, skill_path, touch};
use crate::RegistryError;
use crate::event::stamp;
use crate::history::{Ending, usage_history};
use crate::section::{self, map, number, text};
use atomic_io::Document;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A use of a skill that is to be written down.
#[derive(Clone, Debug)]
pub struct NewUsage {
    /// For which task.
    pub task_id: String,
    /// Which skill.
    pub skill: String,
    /// Which skills would have fitted.
    pub applicable_skills: Vec<String>,
    /// How sure one was, in percent.
    pub confidence: Option<u8>,
    /// What spoke for it.
    pub trigger_reason: Option<String>,
    /// How long it took, in milliseconds.
    pub execution_time_ms: Option<u64>,
    /// How it ended.
    pub result: Ending,
    /// What else there is to say.
    pub notes: Option<String>,
}

impl NewUsage {
    /// A use of which nothing else is known.
    pub fn new(task_id: impl Into<String>, skill: impl Into<String>, result: Ending) -> Self {
        Self {
            task_id: task_id.into(),
            skill: skill.into(),
            applicable_skills: Vec::new(),
            confidence: None,
            trigger_reason: None,
            execution_time_ms: None,
            result,
            notes: None,
        }
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    timestamp: String,
    task_id: &'a str,
    skill: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    applicable_skills: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trigger_reason: Option<&'a str>,
    execution_time_ms: Option<u64>,
    result: Ending,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'a str>,
}

/// Appends a use to `usage_history`, and counts it at its skill: `usage_count`, `success_count` or `failure_count`, `first_used`,
/// `last_used` and the mean `avg_execution_time_ms` of all uses whose duration is known. Each call is one more use.
///
/// # Errors
///
/// [`RegistryError::NoSuchSkill`]; [`RegistryError::BadValue`] for no task; [`RegistryError::Invalid`], with its line, where a part of the file that this touches is of another kind than it
/// should be; [`RegistryError::Document`] if the file cannot be edited.
pub fn log_usage(
    document: &mut Document,
    now: Timestamp,
    usage: &NewUsage,
) -> Result<Change<()>, RegistryError> {
    look_first(document)?;
    if usage.task_id.is_empty() {
        return Err(RegistryError::BadValue { field: "task_id".into(), why: "give a task".into() });
    }
    log_use(document, now, usage)?;
    touch(document, now)?;
    Ok(Change::none(()))
}

pub(super) fn log_use(
    document: &mut Document,
    now: Timestamp,
    usage: &NewUsage,
) -> Result<(), RegistryError> {
    let tally = Tally::of(document, &usage.skill)?;
    let entry = Entry {
        timestamp: stamp(now),
        task_id: &usage.task_id,
        skill: &usage.skill,
        applicable_skills: &usage.applicable_skills,
        confidence: usage.confidence,
        trigger_reason: usage.trigger_reason.as_deref(),
        execution_time_ms: usage.execution_time_ms,
        result: usage.result,
        notes: usage.notes.as_deref(),
    };
    document.push(USAGE_HISTORY, &entry)?;
    tally.write(document, Some(now))
}

/// What a skill and the history say of its uses, before a change of the history.
pub(super) struct Tally {
    id: String,
    uses: u64,
    succeeded: u64,
    failed: u64,
    mean: Option<f64>,
    first_used: Option<String>,
    told: Told,
}

impl Tally {
    pub(super) fn of(document: &Document, id: &str) -> Result<Self, RegistryError> {
        let skill = section::skill(document, id)?;
        let usage = map(skill, "usage", &format!(" of the skill `{id}`"))?;
        Ok(Self {
            id: id.into(),
            uses: count(usage, "usage_count", id)?,
            succeeded: count(usage, "success_count", id)?,
            failed: count(usage, "failure_count", id)?,
            mean: usage.and_then(|usage| number(usage, "avg_execution_time_ms")),
            first_used: usage.and_then(|usage| text(usage, "first_used")),
            told: Told::of(document, id)?,
        })
    }

    /// Writes into the skill what the history says now, that much more or less than before. `used` is when there was a use.
    pub(super) fn write(
        &self,
        document: &mut Document,
        used: Option<Timestamp>,
    ) -> Result<(), RegistryError> {
        let (before, after) = (self.told, Told::of(document, &self.id)?);
        let moved = |count: u64, before: u64, after: u64| count.saturating_add(after).saturating_sub(before);
        let usage = skill_path(&self.id).key("usage");
        put(document, &usage, "usage_count", &moved(self.uses, before.uses, after.uses))?;
        put(document, &usage, "success_count", &moved(self.succeeded, before.succeeded, after.succeeded))?;
        put(document, &usage, "failure_count", &moved(self.failed, before.failed, after.failed))?;
        if let Some(now) = used {
            if self.first_used.is_none() {
                put(document, &usage, "first_used", &stamp(now))?;
            }
            put(document, &usage, "last_used", &stamp(now))?;
        }
        match mean(self.uses, self.mean, before, after) {
            Some(mean) => put_number(document, &usage, "avg_execution_time_ms", mean),
            None if self.mean.is_some() => put(document, &usage, "avg_execution_time_ms", &None::<u64>),
            None => Ok(()),
        }
    }

    /// Writes when the skill was used first and last, after it got or lost the use of the time `moved`. Times that the history does not
    /// tell of stay.
    pub(super) fn write_times(
        &self,
        document: &mut Document,
        moved: Option<&str>,
    ) -> Result<(), RegistryError> {
        let history = usage_history(document)?;
        let of_it = history.iter().filter(|record| record.skill.as_deref() == Some(&self.id));
        let told: Vec<&str> = of_it.filter_map(|record| record.timestamp.as_deref()).collect();
        let usage = map(section::skill(document, &self.id)?, "usage", "")?;
        let stored = |key| usage.and_then(|usage| text(usage, key));
        let (first, last) = (stored("first_used"), stored("last_used"));
        let times = |stored: Option<&str>| -> BTreeMap<Timestamp, String> {
            let kept = stored.filter(|time| Some(*time) != moved);
            let all = told.iter().copied().chain(kept);
            all.filter_map(|text| Some((text.parse().ok()?, text.to_owned()))).collect()
        };
        let earliest = times(first.as_deref()).into_values().next();
        let latest = times(last.as_deref()).into_values().next_back();
        let place = skill_path(&self.id).key("usage");
        for (key, stored, now) in [("first_used", first, earliest), ("last_used", last, latest)] {
            // What somebody wrote in a form of his own cannot be compared.
            let is_time = |text: &String| text.parse::<Timestamp>().is_ok();
            if stored != now && stored.as_ref().is_none_or(is_time) {
                put(document, &place, key, &now)?;
            }
        }
        Ok(())
    }
}

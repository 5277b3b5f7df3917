//! Writing down a task that is done, with everything that belongs to it.

use super::outcome::{NewOutcome, Recorded, event, find, write};
use super::usage::{NewUsage, Tally, log_use};
use super::{Change, USAGE_HISTORY, touch};
use crate::RegistryError;
use crate::history::{Ending, TaskOutcome, UsageRecord, usage_history};
use crate::number::whole_or_float;
use crate::section;
use atomic_io::{DocPath, Document};
use jiff::Timestamp;
use serde_yaml::Value;

/// Writes down the outcome of a task, as [`add_task_outcome`](super::add_task_outcome) does, and the use of its skill if it had one, as
/// [`log_usage`](super::log_usage) does. Recording a task again changes both instead of adding to them: its use is the last one in the
/// history with the task and the skill that its outcome names, so a use that was logged before is not counted twice, and one whose skill was
/// wrong is counted at the right one from then on. Where the skill was put right in the outcome alone, its use is the first of the task since
/// the outcome was written down: one from before is another. Of a skill that was removed since, nothing is counted and no use is added.
///
/// # Errors
///
/// As [`add_task_outcome`](super::add_task_outcome) and [`log_usage`](super::log_usage).
pub fn record(
    document: &mut Document,
    now: Timestamp,
    new: &NewOutcome,
) -> Result<Change<Recorded>, RegistryError> {
    let before = document.text().to_owned();
    let skill_before = find(document, &new.task_id)?.and_then(|(_, outcome)| outcome.skill_used);
    for skill in [&skill_before, &new.skill_used].into_iter().flatten() {
        // Whether they can be counted is asked before anything is written.
        tally(document, skill)?;
    }
    let mut recorded = write(document, now, new)?;
    if let Some((_, outcome)) = find(document, &new.task_id)?
        && let Some(skill) = outcome.skill_used.clone()
    {
        match place_of_use(document, &outcome, skill_before.as_deref())? {
            Some(index) => change_use(document, index, &skill, new)?,
            None if tally(document, &skill)?.is_some() => {
                log_use(document, now, &use_of(&outcome, &skill))?;
            }
            None => {}
        }
    }
    if document.text() != before {
        if recorded == Recorded::Unchanged {
            recorded = Recorded::Updated;
        }
        touch(document, now)?;
    }
    Ok(Change { value: recorded, events: event(document, now, &new.task_id)? })
}

/// What there is to count at a skill; `None` if the skill was removed since.
fn tally(document: &Document, skill: &str) -> Result<Option<Tally>, RegistryError> {
    let is_there = section::skills(document)?.field(skill).is_some();
    is_there.then(|| Tally::of(document, skill)).transpose()
}

/// The use that an outcome tells of.
fn use_of(outcome: &TaskOutcome, skill: &str) -> NewUsage {
    let result = match outcome.outcome.as_deref() {
        Some("success") => Ending::Success,
        Some("failure") => Ending::Failure,
        Some("partial") => Ending::Partial,
        _ => Ending::Unknown,
    };
    NewUsage {
        execution_time_ms: outcome.duration_minutes.and_then(milliseconds),
        notes: outcome.notes.clone(),
        ..NewUsage::new(&outcome.task_id, skill, result)
    }
}

/// Minutes as whole milliseconds; `None` for less than none, and for more than a file can tell of.
pub fn milliseconds(minutes: f64) -> Option<u64> {
    match whole_or_float((minutes * 60_000.0).round()) {
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

/// Where in the history the use of an outcome stands, which named `skill_before`, if it was there before.
fn place_of_use(
    document: &Document,
    outcome: &TaskOutcome,
    skill_before: Option<&str>,
) -> Result<Option<usize>, RegistryError> {
    let history = usage_history(document)?;
    let of_task = |found: &UsageRecord| found.task_id.as_ref() == Some(&outcome.task_id);
    let last_with = |skill: &str| {
        history.iter().rposition(|found| of_task(found) && found.skill.as_deref() == Some(skill))
    };
    let named = [skill_before, outcome.skill_used.as_deref()];
    if let Some(found) = named.into_iter().flatten().find_map(last_with) {
        return Ok(Some(found));
    }
    let time = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Timestamp>().ok());
    let Some(recorded) = skill_before.and_then(|_| time(&outcome.timestamp)) else { return Ok(None) };
    Ok(history.iter().position(|found| {
        let is_since = time(&found.timestamp).is_some_and(|used| used >= recorded);
        of_task(found) && found.skill.is_some() && is_since
    }))
}

/// Writes into a use what is given, and counts it at its skill again, which may have been another one.
fn change_use(
    document: &mut Document,
    index: usize,
    skill: &str,
    new: &NewOutcome,
) -> Result<(), RegistryError> {
    let found = usage_history(document)?.swap_remove(index);
    let was = found.skill.filter(|was| was != skill);
    let mut tallies = Vec::new();
    for skill in [Some(skill), was.as_deref()].into_iter().flatten() {
        tallies.extend(tally(document, skill)?);
    }
    let place = DocPath::root().key(USAGE_HISTORY).index(index);
    document.set(place.clone().key("skill"), skill)?;
    if let Some(outcome) = new.outcome {
        document.set(place.clone().key("result"), outcome.word())?;
    }
    if let Some(time) = new.duration_minutes.and_then(milliseconds) {
        document.set(place.clone().key("execution_time_ms"), &time)?;
    }
    if let Some(notes) = &new.notes {
        document.set(place.key("notes"), notes)?;
    }
    for tally in tallies {
        tally.write(document, None)?;
        if was.is_some() {
            tally.write_times(document, found.timestamp.as_deref())?;
        }
    }
    Ok(())
}

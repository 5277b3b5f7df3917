//! Writing down what became of a task.

use super::{Change, look_first, milliseconds, touch};
use crate::RegistryError;
use crate::event::{Event, stamp};
use crate::history::{Ending, TASK_OUTCOMES, TaskOutcome, read_outcome};
use crate::number::whole_or_float;
use crate::section::{self, items};
use atomic_io::{DocPath, Document};
use jiff::Timestamp;
use serde::Serialize;
use serde_yaml::Value;

/// What is known of the outcome of a task. What is `None` is not said: a new outcome goes without it, one that is there keeps what it
/// has.
#[derive(Clone, Debug, Default)]
pub struct NewOutcome {
    /// The task.
    pub task_id: String,
    /// Which skill was used.
    pub skill_used: Option<String>,
    /// What kind of task it was.
    pub task_type: Option<String>,
    /// How long it took, in minutes.
    pub duration_minutes: Option<f64>,
    /// How it ended; not [`Ending::Unknown`].
    pub outcome: Option<Ending>,
    /// How good the result is, from 1 to 5.
    pub quality_rating: Option<u8>,
    /// Whether the skill was the right one, or none was needed.
    pub trigger_was_correct: Option<bool>,
    /// Whether it would be chosen again.
    pub would_use_again: Option<bool>,
    /// What else there is to say.
    pub notes: Option<String>,
}

/// What became of an outcome that was to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Recorded {
    /// The task had none.
    Added,
    /// The task had one, and fields of it were changed.
    Updated,
    /// The task had this one already.
    Unchanged,
}

/// Writes the outcome of a task into `task_outcomes`: one for each task, so that of a task which has one the fields that are given are
/// changed, and only these. Of several that a task has by some accident it is the last.
///
/// # Errors
///
/// [`RegistryError::NoSuchSkill`] if the skill is not there; a task may have been done without one. [`RegistryError::BadValue`];
/// [`RegistryError::Invalid`], with its line, where a part of the file that this touches is of another kind than it should be;
/// [`RegistryError::Document`] if the file cannot be edited.
pub fn add_task_outcome(
    document: &mut Document,
    now: Timestamp,
    new: &NewOutcome,
) -> Result<Change<Recorded>, RegistryError> {
    let recorded = write(document, now, new)?;
    if recorded != Recorded::Unchanged {
        touch(document, now)?;
    }
    Ok(Change { value: recorded, events: event(document, now, &new.task_id)? })
}

pub(super) fn event(document: &Document, now: Timestamp, task: &str) -> Result<Vec<Event>, RegistryError> {
    let found = find(document, task)?;
    Ok(found.map(|(_, outcome)| Event::recorded(&outcome, stamp(now))).into_iter().collect())
}

/// The outcome of a task, and its place in the list.
pub(super) fn find(document: &Document, task: &str) -> Result<Option<(usize, TaskOutcome)>, RegistryError> {
    let items = items(document.root(), TASK_OUTCOMES)?;
    let of_it = |(index, item)| Some((index, read_outcome(item)?)).filter(|(_, found)| found.task_id == task);
    Ok(items.into_iter().enumerate().rev().find_map(of_it))
}

pub(super) fn write(
    document: &mut Document,
    now: Timestamp,
    new: &NewOutcome,
) -> Result<Recorded, RegistryError> {
    check(document, new)?;
    let Some((index, _)) = find(document, &new.task_id)? else {
        let mut entry = serde_yaml::Mapping::new();
        entry.insert("task_id".into(), new.task_id.as_str().into());
        entry.insert("timestamp".into(), stamp(now).into());
        entry.insert("skill_used".into(), Value::Null);
        entry.extend(fields(new).into_iter().map(|(key, value)| (key.into(), value)));
        document.push(TASK_OUTCOMES, &entry)?;
        return Ok(Recorded::Added);
    };
    let place = DocPath::root().key(TASK_OUTCOMES).index(index);
    let mut recorded = Recorded::Unchanged;
    for (key, value) in fields(new) {
        let path = place.clone().key(key);
        let stored = document.node(&path)?.and_then(|node| node.get::<Value>().ok());
        if stored.is_none_or(|stored| !is_same(&stored, &value)) {
            document.set(&path, &value)?;
            recorded = Recorded::Updated;
        }
    }
    if recorded == Recorded::Updated {
        document.set(place.key("updated_at"), &stamp(now))?;
    }
    Ok(recorded)
}

/// 40 and 40.0 are one number.
fn is_same(one: &Value, other: &Value) -> bool {
    one == other || one.as_f64().is_some_and(|number| Some(number) == other.as_f64())
}

/// What is given, in the order in which it stands in files.
fn fields(new: &NewOutcome) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let all = [
        ("skill_used", text(&new.skill_used)),
        ("task_type", text(&new.task_type)),
        ("duration_minutes", new.duration_minutes.map(whole_or_float)),
        ("outcome", new.outcome.map(|outcome| outcome.word().into())),
        ("quality_rating", new.quality_rating.map(Value::from)),
        ("trigger_was_correct", new.trigger_was_correct.map(Value::from)),
        ("would_use_again", new.would_use_again.map(Value::from)),
        ("notes", text(&new.notes)),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn check(document: &Document, new: &NewOutcome) -> Result<(), RegistryError> {
    let bad = |field: &str, why: &str| Err(RegistryError::BadValue { field: field.into(), why: why.into() });
    look_first(document)?;
    if new.task_id.is_empty() {
        return bad("task_id", "give a task");
    }
    if new.outcome == Some(Ending::Unknown) {
        return bad("outcome", "give success, failure or partial");
    }
    if new.quality_rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
        return bad("quality_rating", "give a number from 1 to 5");
    }
    if new.duration_minutes.is_some_and(|minutes| milliseconds(minutes).is_none()) {
        return bad("duration_minutes", "give a number of minutes");
    }
    new.skill_used.iter().try_for_each(|skill| section::skill(document, skill).map(drop))
}

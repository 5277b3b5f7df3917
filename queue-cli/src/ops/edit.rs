//! Changing what a task says of itself.

use super::{Change, find};
use crate::dialect::{BLOCKED, BLOCKERS, Dialect};
use crate::error::QueueError;
use crate::status::Priority;
use crate::task::{Task, tasks};
use atomic_io::{DocPath, Document, DocumentError};
use serde::Serialize;
use std::borrow::Cow;

/// One field of a task and what becomes of it.
#[derive(Clone, Debug)]
pub struct FieldEdit<V> {
    /// The field, or a path below it: `title`, `roi.effort`.
    pub field: String,
    /// The value to be written; `None` takes the field away.
    pub value: Option<V>,
}

/// The fields that verbs write, each with the verb.
const BY_VERBS: [(&str, &str); 18] = [
    ("id", "nothing: others refer to it"),
    ("task_id", "nothing: others refer to it"),
    ("status", "`claim`, `start`, `done`, `fail`, `release`, `retry`, `cancel`, `block` and `unblock`"),
    ("claimed_by", "`claim`"),
    ("claimed_at", "`claim`"),
    ("attempt", "`claim`"),
    ("supervisor", "`run`"),
    ("lease_until", "`heartbeat`"),
    ("heartbeat_at", "`heartbeat`"),
    ("started_at", "`start`"),
    ("completed_at", "`done`"),
    ("completed_by", "`done`"),
    ("failure_count", "`fail`"),
    ("last_error", "`fail`"),
    ("retry_at", "`fail` and `retry`"),
    ("created_at", "`add`"),
    ("added_at", "`add`"),
    (BLOCKED, "`dep add` of the other task"),
];
const NUMBERS: [&str; 2] = ["priority_score", "estimated_minutes"];

/// Writes or takes away fields of the task `id`. All of them, or none.
///
/// A known word for a priority is written in the case that the file uses. A word that is not known is refused unless it stands in
/// the queue already.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`]; [`QueueError::NoField`]; [`QueueError::NotEditable`] for fields that claims and other verbs keep;
/// [`QueueError::BadValue`]; [`QueueError::NothingAround`] for a field below one that is not there; [`QueueError::Document`] for another
/// path that leads nowhere; those of [`tasks`].
pub fn edit<V: Serialize>(
    document: &mut Document,
    id: &str,
    edits: &[FieldEdit<V>],
) -> Result<Change<()>, QueueError> {
    let task = find(document, id)?;
    let dialect = Dialect::of(document)?;
    for edit in edits {
        let path: DocPath = edit.field.parse()?;
        // Any other path leads to the task itself, or to an item of it as of a list.
        let no_field = || QueueError::NoField { given: edit.field.clone() };
        let key = path.first_key().ok_or_else(no_field)?;
        if let Some(instead) = verb_for(key) {
            return Err(QueueError::NotEditable { field: edit.field.clone(), instead });
        }
        let place = task.path().join(&path);
        match &edit.value {
            Some(value) => document.set(&place, value).map_err(|error| match error {
                DocumentError::NotFound { .. } => {
                    QueueError::NothingAround { id: id.into(), field: edit.field.clone() }
                }
                error => error.into(),
            })?,
            None => {
                document.remove(&place)?;
            }
        }
        if edit.value.is_some() && place == task.path().key(key) {
            check(document, &task, &dialect, key)?;
        }
    }
    Ok(Change::none(()))
}

fn verb_for(key: &str) -> Option<&'static str> {
    if BLOCKERS.contains(&key) {
        return Some("`dep add` and `dep rm`");
    }
    BY_VERBS.iter().find(|(field, _)| *field == key).map(|(_, verb)| *verb)
}

/// What the queue's rules read must be what they can read.
fn check(document: &mut Document, task: &Task, dialect: &Dialect, key: &str) -> Result<(), QueueError> {
    let place = &task.path().key(key);
    let bad = |why: &str| QueueError::BadValue { field: key.into(), why: why.into() };
    let text = document.node(place)?.and_then(|node| node.str().map(Cow::into_owned));
    if NUMBERS.contains(&key) {
        let number = text.and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
        return number.map(drop).ok_or_else(|| bad("give a number"));
    }
    if key == "title" {
        return text.map(drop).ok_or_else(|| bad("give a text"));
    }
    if key == "priority" {
        let word = text.ok_or_else(|| bad(PRIORITIES))?;
        let others = tasks(document)?;
        let used = |task: &Task| task.priority_word.as_ref() == Some(&word);
        let known = Priority::from_word(&word) != Priority::Unstated;
        if !known && !others.iter().any(|other| other.index != task.index && used(other)) {
            return Err(bad(PRIORITIES));
        }
        document.set(place, &dialect.priority(&word))?;
    }
    Ok(())
}

pub(super) const PRIORITIES: &str = "give CRITICAL, HIGH, MEDIUM or LOW";

//! What is written into a task, and what of it is not as it was.

use super::conditions::Decision;
use super::rules::Action;
use super::{FieldChange, TaskChange, told};
use crate::dialect::Dialect;
use crate::error::QueueError;
use crate::ops::append_note;
use crate::status::{Priority, Status};
use crate::task::Task;
use atomic_io::{DocPath, Document, Node};
use serde_yaml::Value;
use std::borrow::Cow;

const FLAGGED: &str = "needs-review";
const BOOSTED: &str = "priority-boosted";
const INVALIDATED: &str = "invalidated";

/// The fields that actions write.
const FIELDS: [&str; 5] = ["status", "priority", "tags", "notes", "retry_at"];

pub(super) fn is_own_tag(tag: &str) -> bool {
    [FLAGGED, BOOSTED, INVALIDATED].iter().any(|own| own.eq_ignore_ascii_case(tag))
}

/// Whether the action has not been done yet, and can be. What cannot be marked as done would be done again by every run.
pub(super) fn is_to_do(action: Action, task: &Task, item: Node<'_>) -> bool {
    let has = |mark: &str| task.tags.iter().any(|tag| tag.eq_ignore_ascii_case(mark));
    let waits = matches!(task.status, Status::Pending | Status::Blocked);
    match action {
        Action::Unblock => task.status == Status::Blocked,
        Action::Boost => waits && !has(BOOSTED) && can_be_tagged(item) && class_above(task).is_some(),
        Action::Flag => !has(FLAGGED) && can_be_tagged(item),
        Action::Invalidate => !task.status.is_in_hand(),
    }
}

fn can_be_tagged(item: Node<'_>) -> bool {
    !item.field("tags").is_some_and(|tags| tags.is_map())
}

/// The priority one class up. Above the highest there is none, so it stays; a word that is not known is not ours to replace.
fn class_above(task: &Task) -> Option<&'static str> {
    match task.priority {
        Priority::Critical | Priority::High => Some("CRITICAL"),
        Priority::Medium => Some("HIGH"),
        Priority::Low => Some("MEDIUM"),
        Priority::Unstated if task.priority_word.is_none() => Some("LOW"),
        Priority::Unstated => None,
    }
}

/// Writes the decision down.
///
/// # Errors
///
/// [`QueueError::Document`] where the file cannot be edited.
pub(super) fn carry_out(document: &mut Document, decision: &Decision<'_>) -> Result<TaskChange, QueueError> {
    let Decision { task, action, reasons } = decision;
    let path = task.path();
    let before = values(document, &path)?;
    match action {
        Action::Unblock => set_status(document, task, &Status::Pending)?,
        Action::Boost => {
            if let Some(word) = class_above(task) {
                let word = cased(document, task, word)?;
                document.set(path.clone().key("priority"), &word)?;
            }
            add_tag(document, &path, BOOSTED)?;
        }
        Action::Flag => add_tag(document, &path, FLAGGED)?,
        Action::Invalidate => {
            set_status(document, task, &Status::Invalid)?;
            document.remove(path.clone().key("retry_at"))?;
            if can_be_tagged(node(document, &path)?) {
                add_tag(document, &path, INVALIDATED)?;
            }
            let note = format!("reanalysis: {}; it was {}", told(reasons), task.status);
            match append_note(document, &path, &note) {
                // Notes that are neither a text nor a list are left as they are; the event says why, too.
                Err(QueueError::BadValue { .. }) => {}
                other => other?,
            }
        }
    }
    let after = values(document, &path)?;
    let fields = FIELDS.into_iter().zip(before.into_iter().zip(after));
    let fields = fields.filter(|(_, (before, after))| before != after);
    let fields = fields.map(|(field, (before, after))| FieldChange { field, before, after }).collect();
    Ok(TaskChange { id: task.id.clone(), action: *action, reasons: reasons.clone(), fields })
}

fn set_status(document: &mut Document, task: &Task, status: &Status) -> Result<(), QueueError> {
    Ok(document.set(task.path().key("status"), &status.word_like(&task.status_word))?)
}

/// The word in the case of the one it replaces, or of the file's others.
fn cased(document: &Document, task: &Task, word: &str) -> Result<String, QueueError> {
    Ok(match &task.priority_word {
        Some(old) if old.chars().any(char::is_lowercase) => word.to_lowercase(),
        Some(_) => word.to_owned(),
        None => Dialect::of(document)?.priority(word),
    })
}

fn add_tag(document: &mut Document, task: &DocPath, tag: &str) -> Result<(), QueueError> {
    let path = task.clone().key("tags");
    let one = node(document, task)?.field("tags").and_then(|tags| tags.str().map(Cow::into_owned));
    match one {
        Some(one) => document.set(&path, &[one.as_str(), tag])?,
        None => document.push(&path, tag)?,
    }
    Ok(())
}

fn node<'d>(document: &'d Document, path: &DocPath) -> Result<Node<'d>, QueueError> {
    Ok(document.node(path)?.unwrap_or_else(|| document.root()))
}

fn values(document: &Document, task: &DocPath) -> Result<Vec<Option<Value>>, QueueError> {
    let item = node(document, task)?;
    let value = |field: &str| item.field(field).map(|node| node.get::<Value>()).transpose();
    Ok(FIELDS.iter().map(|field| value(field)).collect::<Result<_, _>>()?)
}

//! Putting a task into the queue.

use super::Change;
use crate::error::QueueError;
use crate::event::{Event, EventKind, stamp};
use crate::status::Status;
use crate::task::tasks;
use atomic_io::Document;
use jiff::Timestamp;
use serde::Serialize;

/// A task to be added. What is left out is not written.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// The id; made from the type and the next free number if left out.
    pub id: Option<String>,
    /// What is to be done, for people.
    pub title: String,
    /// The type, which also names the id.
    pub kind: Option<String>,
    /// The priority's word, as it is to stand in the file.
    pub priority: Option<String>,
    /// Orders tasks of one priority.
    pub priority_score: Option<f64>,
    /// The tasks that must be completed first.
    pub blocked_by: Vec<String>,
    /// How long it will take, in minutes.
    pub estimated_minutes: Option<u64>,
    /// `sequential` runs alone.
    pub parallel_group: Option<String>,
    /// The task's own command, for a shell.
    pub run: Option<String>,
}

/// The item as it is written; the names and their order are those of the file.
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority_score: Option<f64>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_minutes: Option<u64>,
    #[serde(rename = "blockedBy")]
    blocked_by: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    created_at: String,
}

/// Appends `new` to the list, pending, and returns its id.
///
/// # Errors
///
/// [`QueueError::IdTaken`], [`QueueError::NoSuchBlocker`], and those of [`tasks`].
pub fn add(document: &mut Document, now: Timestamp, new: &NewTask) -> Result<Change<String>, QueueError> {
    let tasks = tasks(document)?;
    let known = |id: &str| tasks.iter().any(|task| task.id == id);
    let id = match &new.id {
        Some(id) if known(id) => return Err(QueueError::IdTaken { id: id.clone() }),
        Some(id) => id.clone(),
        None => free_id(new.kind.as_deref(), known),
    };
    if let Some(blocker) = new.blocked_by.iter().find(|blocker| !known(blocker)) {
        return Err(QueueError::NoSuchBlocker { id, blocker: blocker.clone() });
    }
    // A new task speaks the language of the others: a queue that shouts its states gets a shouted one.
    let spoken =
        tasks.iter().map(|task| task.status_word.as_str()).find(|word| !word.is_empty()).unwrap_or_default();
    let status = Status::Pending.word_like(spoken);
    let item = Item {
        id: &id,
        kind: new.kind.as_deref(),
        status: &status,
        priority: new.priority.as_deref(),
        priority_score: new.priority_score,
        title: &new.title,
        estimated_minutes: new.estimated_minutes,
        blocked_by: &new.blocked_by,
        parallel_group: new.parallel_group.as_deref(),
        run: new.run.as_deref(),
        created_at: stamp(now),
    };
    document.push("tasks", &item)?;
    let event = Event::new(EventKind::Added, now, &id, None, &Status::Pending);
    Ok(Change { value: id, events: vec![event] })
}

/// `TASK-` and the first four letters of the type (`TASK-ARCH-007`), with the next number that nobody has.
fn free_id(kind: Option<&str>, known: impl Fn(&str) -> bool) -> String {
    let letters: String =
        kind.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(4).collect();
    let prefix =
        if letters.is_empty() { "TASK".into() } else { format!("TASK-{}", letters.to_ascii_uppercase()) };
    let mut number = 1_u64;
    loop {
        let id = format!("{prefix}-{number:03}");
        if !known(&id) {
            return id;
        }
        number += 1;
    }
}

//! Putting a task into the queue.

use super::Change;
use super::dependencies::{add_blockers, way};
use super::edit::PRIORITIES;
use crate::dialect::Dialect;
use crate::error::QueueError;
use crate::event::{Event, EventKind, stamp};
use crate::status::{Priority, Status};
use crate::task::{Task, tasks};
use atomic_io::Document;
use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A task to be added. What is left out is not written.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// The id; made from the type and the next free number if left out.
    pub id: Option<String>,
    /// What is to be done, for people.
    pub title: String,
    /// The type, which also names the id.
    pub kind: Option<String>,
    /// The priority's word, which is written in the case that the file uses.
    pub priority: Option<String>,
    /// Orders tasks of one priority.
    pub priority_score: Option<f64>,
    /// The tasks that must be completed first.
    pub blocked_by: Vec<String>,
    /// The tasks that are to wait for this one.
    pub blocks: Vec<String>,
    /// How long it will take, in minutes.
    pub estimated_minutes: Option<u64>,
    /// `sequential` runs alone.
    pub parallel_group: Option<String>,
    /// What it uses most, such as `cpu_bound`.
    pub resource: Option<String>,
    /// What people filter by.
    pub tags: Vec<String>,
    /// Notes for whoever does it.
    pub notes: Option<String>,
    /// The task's own command, for a shell.
    pub run: Option<String>,
}

/// The item as it is written, in the file's own names.
struct Item<'a> {
    dialect: &'a Dialect,
    id: &'a str,
    status: &'a str,
    priority: Option<String>,
    new: &'a NewTask,
    added: String,
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { dialect, new, .. } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(dialect.id, self.id)?;
        new.kind.iter().try_for_each(|kind| map.serialize_entry("type", kind))?;
        map.serialize_entry("status", self.status)?;
        self.priority.iter().try_for_each(|word| map.serialize_entry("priority", word))?;
        new.priority_score.iter().try_for_each(|score| map.serialize_entry("priority_score", score))?;
        map.serialize_entry("title", &new.title)?;
        new.estimated_minutes.iter().try_for_each(|time| map.serialize_entry("estimated_minutes", time))?;
        if dialect.spells_no_blockers || !new.blocked_by.is_empty() {
            map.serialize_entry(dialect.blockers, &new.blocked_by)?;
        }
        if let Some(resource) = &new.resource {
            match dialect.resource {
                "resources" => map.serialize_entry("resources", &[resource])?,
                key => map.serialize_entry(key, resource)?,
            }
        }
        new.parallel_group.iter().try_for_each(|group| map.serialize_entry("parallel_group", group))?;
        if !new.tags.is_empty() {
            map.serialize_entry("tags", &new.tags)?;
        }
        new.notes.iter().try_for_each(|notes| map.serialize_entry("notes", notes))?;
        new.run.iter().try_for_each(|run| map.serialize_entry("run", run))?;
        map.serialize_entry(dialect.added, &self.added)?;
        map.end()
    }
}

/// Appends `new` to the list, pending, and returns its id.
///
/// `is_taken` tells of ids that are not in the queue any more and yet must not be given again, such as those in its archive: events
/// and logs know tasks by their id alone.
///
/// # Errors
///
/// [`QueueError::IdTaken`]; [`QueueError::NoSuchBlocker`] and [`QueueError::NoSuchTask`] for tasks that it is to wait for, or that
/// are to wait for it; [`QueueError::Cycle`]; [`QueueError::BadValue`] for a priority that is neither known nor used in the queue;
/// those of [`tasks`].
pub fn add(
    document: &mut Document,
    now: Timestamp,
    is_taken: &dyn Fn(&str) -> bool,
    new: &NewTask,
) -> Result<Change<String>, QueueError> {
    let tasks = tasks(document)?;
    let dialect = Dialect::of(document)?;
    let known = |id: &str| tasks.iter().any(|task| task.id == id);
    let id = match &new.id {
        Some(id) if known(id) || is_taken(id) => return Err(QueueError::IdTaken { id: id.clone() }),
        Some(id) => id.clone(),
        None => free_id(new.kind.as_deref(), |id| known(id) || is_taken(id)),
    };
    check_neighbours(&tasks, &id, new)?;
    let item = Item {
        dialect: &dialect,
        id: &id,
        // A new task speaks the language of the others: a queue that shouts its states gets a shouted one.
        status: &Status::Pending.word_like(&dialect.spoken_status),
        priority: new.priority.as_deref().map(|word| priority(&tasks, &dialect, word)).transpose()?,
        new,
        added: stamp(now),
    };
    document.push(dialect.list_key(), &item)?;
    for blocked in &new.blocks {
        add_blockers(document, blocked, std::slice::from_ref(&id))?;
    }
    let event = Event::new(EventKind::Added, now, &id, None, &Status::Pending);
    Ok(Change { value: id, events: vec![event] })
}

fn check_neighbours(tasks: &[Task], id: &str, new: &NewTask) -> Result<(), QueueError> {
    let known = |id: &str| tasks.iter().any(|task| task.id == id);
    if let Some(blocker) = new.blocked_by.iter().find(|blocker| !known(blocker)) {
        return Err(QueueError::NoSuchBlocker { id: id.into(), blocker: blocker.clone() });
    }
    for blocked in &new.blocks {
        if !known(blocked) {
            return Err(QueueError::NoSuchTask { id: blocked.clone() });
        }
        for blocker in &new.blocked_by {
            if let Some(path) = way(tasks, blocker, blocked) {
                return Err(QueueError::Cycle {
                    path: [vec![id.to_owned()], path, vec![id.to_owned()]].concat(),
                });
            }
        }
    }
    Ok(())
}

fn priority(tasks: &[Task], dialect: &Dialect, word: &str) -> Result<String, QueueError> {
    let used = tasks.iter().any(|task| task.priority_word.as_deref() == Some(word));
    if Priority::from_word(word) == Priority::Unstated && !used {
        return Err(QueueError::BadValue { field: "priority".into(), why: PRIORITIES.into() });
    }
    Ok(dialect.priority(word))
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

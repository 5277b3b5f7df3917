//! What a person decides about a task that nobody works on: to hold it back, to call it off, to try it again.

use super::{Change, OF_THE_CLAIM, clear, find, set_text};
use crate::error::QueueError;
use crate::event::{Event, EventKind};
use crate::ready::{Board, ClaimIsOver, Waiting};
use crate::status::Status;
use crate::task::{Task, tasks};
use atomic_io::Document;
use jiff::Timestamp;

/// Puts a task back that failed, was called off, waits for its time to be tried again, or was marked as being worked on without a
/// claim: `pending`, to be claimed at once. What it failed of last stays, and so does the count of its failures.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`]; [`QueueError::WrongState`] for a task that is held, completed, held back, or in a state that is not
/// known; those of [`tasks`].
pub fn retry(
    document: &mut Document,
    now: Timestamp,
    is_over: ClaimIsOver<'_>,
    id: &str,
) -> Result<Change<()>, QueueError> {
    let may = |status: &Status| !matches!(status, Status::Completed | Status::Blocked | Status::Other(_));
    let task = free(document, now, is_over, id, "put back", may)?;
    if task.status == Status::Pending && task.retry_at.is_none() {
        return Ok(Change::none(()));
    }
    let path = task.path();
    clear(document, &path, &OF_THE_CLAIM)?;
    clear(document, &path, &["retry_at", "completed_at", "completed_by"])?;
    mark(document, now, &task, &Status::Pending, EventKind::Requeued)
}

/// Calls a task off: `cancelled`. Doing so twice changes nothing.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`]; [`QueueError::WrongState`] for a task that is held or completed; those of [`tasks`].
pub fn cancel(
    document: &mut Document,
    now: Timestamp,
    is_over: ClaimIsOver<'_>,
    id: &str,
) -> Result<Change<()>, QueueError> {
    let task = free(document, now, is_over, id, "cancelled", |status| *status != Status::Completed)?;
    if task.status == Status::Cancelled {
        return Ok(Change::none(()));
    }
    clear(document, &task.path(), &["retry_at", "lease_until", "supervisor"])?;
    mark(document, now, &task, &Status::Cancelled, EventKind::Cancelled)
}

/// Holds a pending task back: `blocked`. Doing so twice changes nothing.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`]; [`QueueError::WrongState`] for a task that is not pending; those of [`tasks`].
pub fn block(document: &mut Document, now: Timestamp, id: &str) -> Result<Change<()>, QueueError> {
    let task = find(document, id)?;
    match task.status {
        Status::Blocked => Ok(Change::none(())),
        Status::Pending => mark(document, now, &task, &Status::Blocked, EventKind::Blocked),
        _ => Err(wrong_state(&task, "held back")),
    }
}

/// Lets a task that was held back come to its turn: `pending`. Doing so twice changes nothing.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`]; [`QueueError::WrongState`] for a task that is not held back; those of [`tasks`].
pub fn unblock(document: &mut Document, now: Timestamp, id: &str) -> Result<Change<()>, QueueError> {
    let task = find(document, id)?;
    match task.status {
        Status::Pending => Ok(Change::none(())),
        Status::Blocked => mark(document, now, &task, &Status::Pending, EventKind::Unblocked),
        _ => Err(wrong_state(&task, "let go")),
    }
}

/// The task, if nobody holds it and it `may` be decided upon.
fn free(
    document: &Document,
    now: Timestamp,
    is_over: ClaimIsOver<'_>,
    id: &str,
    verb: &'static str,
    may: impl Fn(&Status) -> bool,
) -> Result<Task, QueueError> {
    let tasks = tasks(document)?;
    let board = Board::new(&tasks, now, is_over);
    let task = board.find(id).ok_or_else(|| QueueError::NoSuchTask { id: id.into() })?;
    let is_held = matches!(board.waiting(task), Some(Waiting::Held { .. }));
    if is_held || !may(&task.status) { Err(wrong_state(task, verb)) } else { Ok(task.clone()) }
}

/// The transition. It bears no attempt, of which it is not a part: the same may be decided of a task again and again.
fn mark(
    document: &mut Document,
    now: Timestamp,
    task: &Task,
    to: &Status,
    kind: EventKind,
) -> Result<Change<()>, QueueError> {
    set_text(document, &task.path(), "status", &to.word_like(&task.status_word))?;
    Ok(Change { value: (), events: vec![Event::new(kind, now, &task.id, Some(&task.status), to)] })
}

fn wrong_state(task: &Task, verb: &'static str) -> QueueError {
    QueueError::WrongState {
        id: task.id.clone(),
        verb,
        status: task.status.clone(),
        holder_name: task.claimed_by.clone().filter(|_| task.status.is_in_hand()),
    }
}

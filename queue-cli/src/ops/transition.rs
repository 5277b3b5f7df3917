//! What the holder of a claim does with it.

use super::{Change, clear, set_number, set_text};
use crate::error::QueueError;
use crate::event::{Event, EventKind, stamp};
use crate::status::Status;
use crate::task::{Task, tasks};
use atomic_io::Document;
use jiff::{SignedDuration, Timestamp};

/// How somebody shows that the claim is theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By the number that the claim returned. Good only while the task is at that attempt.
    Attempt(u64),
    /// By name: the agent that claimed the task.
    Agent(String),
}

/// A task, and the right to act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The task.
    pub id: String,
    /// Why the caller may.
    pub proof: Proof,
}

/// The task begins: `claimed` becomes `in_progress`. Beginning twice changes nothing.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`], [`QueueError::StaleAttempt`], [`QueueError::NotHolder`], [`QueueError::WrongState`], and those of
/// [`tasks`].
pub fn start(document: &mut Document, now: Timestamp, token: &Token) -> Result<Change<()>, QueueError> {
    let task = held(document, token, "started")?;
    if task.status == Status::InProgress {
        return Ok(Change::none(()));
    }
    let path = task.path();
    set_text(document, &path, "status", &Status::InProgress.word_like(&task.status_word))?;
    set_text(document, &path, "started_at", &stamp(now))?;
    Ok(transition(&task, now, EventKind::Started, &Status::InProgress, None))
}

/// The holder is alive: the time is noted, and a lease runs for `lease` from now. Returns until when it runs, if it is one.
///
/// # Errors
///
/// As [`start`].
pub fn heartbeat(
    document: &mut Document,
    now: Timestamp,
    token: &Token,
    lease: SignedDuration,
) -> Result<Change<Option<String>>, QueueError> {
    let task = held(document, token, "kept alive")?;
    let path = task.path();
    set_text(document, &path, "heartbeat_at", &stamp(now))?;
    if task.lease_until.is_none() {
        return Ok(Change::none(None));
    }
    let until = stamp(now.checked_add(lease).unwrap_or(Timestamp::MAX));
    set_text(document, &path, "lease_until", &until)?;
    Ok(Change::none(Some(until)))
}

/// The task is done: `completed`. Doing so twice with one attempt changes nothing.
///
/// # Errors
///
/// As [`start`].
pub fn done(
    document: &mut Document,
    now: Timestamp,
    token: &Token,
    agent: &str,
) -> Result<Change<()>, QueueError> {
    if finished_already(document, token, &Status::Completed)? {
        return Ok(Change::none(()));
    }
    let task = held(document, token, "done")?;
    let path = task.path();
    set_text(document, &path, "status", &Status::Completed.word_like(&task.status_word))?;
    clear(document, &path, &["lease_until", "supervisor"])?;
    set_text(document, &path, "completed_at", &stamp(now))?;
    set_text(document, &path, "completed_by", task.claimed_by.as_deref().unwrap_or(agent))?;
    Ok(transition(&task, now, EventKind::Completed, &Status::Completed, None))
}

/// The task failed, of `reason`. Doing so twice with one attempt changes nothing.
///
/// # Errors
///
/// As [`start`].
pub fn fail(
    document: &mut Document,
    now: Timestamp,
    token: &Token,
    reason: &str,
) -> Result<Change<()>, QueueError> {
    if finished_already(document, token, &Status::Failed)? {
        return Ok(Change::none(()));
    }
    let task = held(document, token, "failed")?;
    let path = task.path();
    set_text(document, &path, "status", &Status::Failed.word_like(&task.status_word))?;
    clear(document, &path, &["lease_until", "supervisor"])?;
    set_number(document, &path, "failure_count", task.failure_count.saturating_add(1))?;
    set_text(document, &path, "last_error", reason)?;
    Ok(transition(&task, now, EventKind::Failed, &Status::Failed, Some(reason)))
}

/// The task is given back: `pending`, as if it had not been claimed, but for its attempt, which only grows.
///
/// # Errors
///
/// As [`start`].
pub fn release(document: &mut Document, now: Timestamp, token: &Token) -> Result<Change<()>, QueueError> {
    let task = held(document, token, "released")?;
    let path = task.path();
    set_text(document, &path, "status", &Status::Pending.word_like(&task.status_word))?;
    let of_the_claim =
        ["claimed_by", "claimed_at", "started_at", "heartbeat_at", "lease_until", "supervisor"];
    clear(document, &path, &of_the_claim)?;
    Ok(transition(&task, now, EventKind::Released, &Status::Pending, None))
}

fn transition(task: &Task, now: Timestamp, kind: EventKind, to: &Status, error: Option<&str>) -> Change<()> {
    let mut event = Event::new(kind, now, &task.id, Some(&task.status), to);
    event.attempt = task.attempt;
    event.agent.clone_from(&task.claimed_by);
    event.data.error = error.map(Into::into);
    Change { value: (), events: vec![event] }
}

/// Whether this very claim has come to this end before: then saying so again, after a lost answer, is no error.
fn finished_already(document: &Document, token: &Token, end: &Status) -> Result<bool, QueueError> {
    let task = find(document, token)?;
    let same = match &token.proof {
        Proof::Attempt(attempt) => task.attempt == Some(*attempt),
        Proof::Agent(agent) => task.claimed_by.as_ref() == Some(agent),
    };
    Ok(same && task.status == *end)
}

fn find(document: &Document, token: &Token) -> Result<Task, QueueError> {
    tasks(document)?
        .into_iter()
        .find(|task| task.id == token.id)
        .ok_or_else(|| QueueError::NoSuchTask { id: token.id.clone() })
}

/// The task, if it is in hand and the token's owner has it.
fn held(document: &Document, token: &Token, verb: &'static str) -> Result<Task, QueueError> {
    let task = find(document, token)?;
    let (id, status, holder_name) = (task.id.clone(), task.status.clone(), task.claimed_by.clone());
    match &token.proof {
        Proof::Attempt(attempt) if task.attempt != Some(*attempt) => {
            let now = task.attempt.unwrap_or(0);
            Err(QueueError::StaleAttempt { id, attempt: *attempt, now, status, holder_name })
        }
        _ if !task.status.is_in_hand() => Err(QueueError::WrongState { id, verb, status, holder_name }),
        // A supervised task runs in the name of whoever started the dispatcher, and ends with its processes: a name alone must
        // not give it away while they run.
        Proof::Agent(agent) if task.claimed_by.as_ref() != Some(agent) || task.supervisor.is_some() => {
            Err(QueueError::NotHolder { id, agent: agent.clone(), holder_name })
        }
        _ => Ok(task),
    }
}

//! What the holder of a claim does with it.

use super::{Change, OF_THE_CLAIM, clear, find, set_number, set_text};
use crate::error::QueueError;
use crate::event::{Event, EventKind, stamp};
use crate::status::Status;
use crate::task::Task;
use atomic_io::{DocPath, Document};
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;

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

/// The task begins: `claimed` becomes `in_progress`. Beginning twice changes nothing. Returns where in the document the task is.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`], [`QueueError::StaleAttempt`], [`QueueError::NotHolder`], [`QueueError::WrongState`], and those of
/// [`tasks`](crate::tasks).
pub fn start(document: &mut Document, now: Timestamp, token: &Token) -> Result<Change<DocPath>, QueueError> {
    let task = held(document, token, "started")?;
    let path = task.path();
    if task.status == Status::InProgress {
        return Ok(Change::none(path));
    }
    set_text(document, &path, "status", &Status::InProgress.word_like(&task.status_word))?;
    set_text(document, &path, "started_at", &stamp(now))?;
    let change = transition(&task, now, EventKind::Started, &Status::InProgress, None);
    Ok(Change { value: path, events: change.events })
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
    let task = find(document, &token.id)?;
    // This very claim has come to this end before: saying so again, after a lost answer, is no error.
    if task.status == Status::Completed && is_of(&task, token) {
        return Ok(Change::none(()));
    }
    let task = of_holder(task, token, "done")?;
    let path = task.path();
    set_text(document, &path, "status", &Status::Completed.word_like(&task.status_word))?;
    clear(document, &path, &["lease_until", "supervisor"])?;
    set_text(document, &path, "completed_at", &stamp(now))?;
    set_text(document, &path, "completed_by", task.claimed_by.as_deref().unwrap_or(agent))?;
    Ok(transition(&task, now, EventKind::Completed, &Status::Completed, None))
}

/// How often, and how soon, a failed task is tried again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// How many times a task may fail and be tried again.
    pub retries: u64,
    /// How long to wait after the first failure; twice as long after the second, and so on, but never more than an hour or this time.
    pub first_wait: SignedDuration,
    /// Which part of the latter half of the wait is waited, from 0 to 1, drawn anew for every failure: tasks that failed of one
    /// thing together are not tried again together.
    /// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>, "equal jitter")
    pub jitter: f64,
}

impl Backoff {
    /// How long to wait after the failure with this number, from 1; `None` when that was the last one.
    fn wait(&self, failure: u64) -> Option<SignedDuration> {
        if failure > self.retries {
            return None;
        }
        let longest = SignedDuration::from_hours(1).max(self.first_wait).as_secs_f64();
        let doublings = i32::try_from(failure.saturating_sub(1)).unwrap_or(i32::MAX);
        let wait = (self.first_wait.as_secs_f64() * 2_f64.powi(doublings)).min(longest);
        let jitter = if self.jitter.is_finite() { self.jitter.clamp(0.0, 1.0) } else { 1.0 };
        SignedDuration::try_from_secs_f64(wait * (0.5 + jitter / 2.0)).ok()
    }
}

/// The task failed, of `reason`. With retries left it is `pending` again, and not ready before the time that is returned; else it
/// is `failed`. Doing so twice with one attempt changes nothing.
///
/// # Errors
///
/// As [`start`].
pub fn fail(
    document: &mut Document,
    now: Timestamp,
    token: &Token,
    reason: &str,
    backoff: Option<&Backoff>,
) -> Result<Change<Option<String>>, QueueError> {
    let task = find(document, &token.id)?;
    if let Some(retry_at) = failed_already(&task, token) {
        return Ok(Change::none(retry_at));
    }
    let task = of_holder(task, token, "failed")?;
    let path = task.path();
    let failures = task.failure_count.saturating_add(1);
    let retry_at = backoff
        .and_then(|backoff| backoff.wait(failures))
        .map(|wait| stamp(now.checked_add(wait).unwrap_or(Timestamp::MAX)));
    let to = if retry_at.is_some() { Status::Pending } else { Status::Failed };
    set_text(document, &path, "status", &to.word_like(&task.status_word))?;
    match &retry_at {
        Some(at) => {
            clear(document, &path, &OF_THE_CLAIM)?;
            set_text(document, &path, "retry_at", at)?;
        }
        None => clear(document, &path, &["lease_until", "supervisor"])?,
    }
    set_number(document, &path, "failure_count", failures)?;
    set_text(document, &path, "last_error", reason)?;
    let change = transition(&task, now, EventKind::Failed, &to, Some(reason));
    Ok(Change { value: retry_at, events: change.events })
}

/// Adds a line to the task's notes: the time, who says it, and `text`. A task in hand is spoken of by its holder alone; of others
/// anybody may, unless they name an attempt that is over.
///
/// Notes are a text to which a line is added, or a list that gets an item.
///
/// # Errors
///
/// As [`start`].
pub fn note(
    document: &mut Document,
    now: Timestamp,
    token: &Token,
    agent: &str,
    text: &str,
) -> Result<Change<()>, QueueError> {
    let task = find(document, &token.id)?;
    if task.status.is_in_hand() || matches!(token.proof, Proof::Attempt(_)) {
        held(document, token, "noted upon")?;
    }
    append_note(document, &task.path(), &format!("{} {agent}: {text}", stamp(now)))?;
    Ok(Change::none(()))
}

/// Adds a line to the notes of the task at `path`.
pub(crate) fn append_note(document: &mut Document, path: &DocPath, line: &str) -> Result<(), QueueError> {
    let path = path.clone().key("notes");
    let notes = document.node(&path)?;
    let old = notes.and_then(|node| node.str().map(Cow::into_owned));
    match notes.filter(|node| !node.is_null()) {
        None => document.set(&path, line)?,
        Some(node) if node.is_list() => document.push(&path, line)?,
        Some(_) => {
            let old = old.ok_or_else(|| QueueError::BadValue {
                field: "notes".into(),
                why: "notes are a text or a list, and here they are neither".into(),
            })?;
            let gap = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
            document.set(&path, &format!("{old}{gap}{line}\n"))?;
        }
    }
    Ok(())
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
    clear(document, &path, &OF_THE_CLAIM)?;
    Ok(transition(&task, now, EventKind::Released, &Status::Pending, None))
}

/// The task is given back because a more urgent one needs its place: as [`release`], with a note that says so where notes can be
/// added to.
///
/// # Errors
///
/// As [`start`].
pub fn preempt(
    document: &mut Document,
    now: Timestamp,
    token: &Token,
    agent: &str,
) -> Result<Change<()>, QueueError> {
    let task = held(document, token, "preempted")?;
    match note(document, now, token, agent, "stopped for a more urgent task, to be run again") {
        // Notes that are neither a text nor a list are left as they are; the event says why, too.
        Err(QueueError::BadValue { .. }) => {}
        other => drop(other?),
    }
    release(document, now, token)?;
    Ok(transition(&task, now, EventKind::Preempted, &Status::Pending, None))
}

fn transition(task: &Task, now: Timestamp, kind: EventKind, to: &Status, error: Option<&str>) -> Change<()> {
    let mut event = Event::new(kind, now, &task.id, Some(&task.status), to);
    event.attempt = task.attempt;
    event.agent.clone_from(&task.claimed_by);
    event.data.error = error.map(Into::into);
    Change { value: (), events: vec![event] }
}

/// Whether this very claim has failed before, which may have made the task pending: then with the time of its next try.
fn failed_already(task: &Task, token: &Token) -> Option<Option<String>> {
    let retry_at = task.retry_at.as_ref().filter(|_| task.status == Status::Pending);
    let failed = task.status == Status::Failed || retry_at.is_some();
    (failed && is_of(task, token)).then(|| retry_at.map(|at| at.text.clone()))
}

fn is_of(task: &Task, token: &Token) -> bool {
    match &token.proof {
        Proof::Attempt(attempt) => task.attempt == Some(*attempt),
        Proof::Agent(agent) => task.claimed_by.as_ref() == Some(agent),
    }
}

/// The task, if it is in hand and the token's owner has it.
fn held(document: &Document, token: &Token, verb: &'static str) -> Result<Task, QueueError> {
    of_holder(find(document, &token.id)?, token, verb)
}

fn of_holder(task: Task, token: &Token, verb: &'static str) -> Result<Task, QueueError> {
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

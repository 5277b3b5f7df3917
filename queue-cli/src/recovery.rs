//! Which transitions the queue tells of that its event log lacks, and adding them.
//!
//! A queue is saved first and its event is appended after that, so whoever is killed in between leaves the log one entry short. What
//! can be told from the queue is added here, marked `recovered: true`. Nothing else is:
//!
//! - Only the newest attempt of a task is looked at, because the fields of the claim are its own. What became of an earlier one is not in
//!   the queue any more.
//! - Only what the operations of this crate write is a proof. A task that has no `attempt`, that was set to `completed` by hand and so
//!   has no `completed_at`, or whose `completed_at` is older than its claim, proves nothing.
//! - A log tells of the time since it began, which is the time of its first record that was not itself recovered. What is older was archived or
//!   cut off, or happened before there was a log, and is not missing. Two things are known to belong to it nevertheless: the claims of tasks that
//!   are in hand, and the end of an attempt whose beginning it has.
//! - A supervised claim or a lease that is over is no end: nothing of that stands in the queue until somebody takes the task.

use crate::error::QueueError;
use crate::event::{Event, EventKind};
use crate::queue::Queue;
use crate::status::Status;
use crate::task::{Task, tasks};
use atomic_io::{EventError, Events, FileError};
use jiff::Timestamp;
use serde_yaml::Value;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::thread;
use std::time::{Duration, SystemTime};

/// How long after a save its events may still be on their way into the log. They follow at once; what takes longer is a
/// process that was stopped, or waits for the log's lock.
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// What people decide.
const DECISIONS: [EventKind; 4] =
    [EventKind::Requeued, EventKind::Cancelled, EventKind::Blocked, EventKind::Unblocked];

/// Why missing events could not be found or added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// The queue cannot be read.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The log cannot be read or appended to.
    #[error(transparent)]
    Log(#[from] EventError),
}

/// How much of an event log is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// All of it, which takes as long as the log is.
    WholeLog,
    /// Its last 2,000 records. What happened before these is taken to be there.
    LastRecords,
}

/// What [`Depth::LastRecords`] looks at: more than what can have happened since the last dispatcher was killed, and read in milliseconds.
const LAST: usize = 2_000;

/// What an event log tells: which transitions of which attempts, and from when on.
#[derive(Clone, Debug, Default)]
pub struct History {
    begins: Option<Timestamp>,
    /// Whether there is more before that.
    is_cut: bool,
    attempts: HashMap<String, HashMap<u64, HashSet<String>>>,
}

impl History {
    /// What is in `events`. Records of other programs, without an attempt, only tell when it began.
    pub fn of(events: &Events) -> Self {
        let mut history = Self::default();
        for record in &events.records {
            let text = |key: &str| record.get(key).and_then(Value::as_str);
            let is_recovered = record.get("recovered").and_then(Value::as_bool).unwrap_or(false);
            if history.begins.is_none() && !is_recovered {
                history.begins = text("timestamp").and_then(|time| time.parse().ok());
            }
            let (Some(id), Some(kind)) = (text("task_id"), text("type")) else { continue };
            match record.get("attempt").and_then(Value::as_u64) {
                Some(attempt) => history.add(id, attempt, kind),
                None => history.add_decision(id, kind),
            }
        }
        history
    }

    /// What a person decided about a task bears no attempt. It ended the one before, if that had not ended by itself.
    fn add_decision(&mut self, id: &str, kind: &str) {
        let attempts = self.attempts.get_mut(id);
        let newest = attempts.and_then(|attempts| attempts.iter_mut().max_by_key(|(number, _)| **number));
        if let Some((_, kinds)) = newest.filter(|_| DECISIONS.iter().any(|decision| decision.word() == kind))
        {
            kinds.insert(kind.into());
        }
    }

    fn add(&mut self, id: &str, attempt: u64, kind: &str) {
        self.attempts.entry(id.into()).or_default().entry(attempt).or_default().insert(kind.into());
    }

    fn kinds(&self, id: &str, attempt: u64) -> Option<&HashSet<String>> {
        self.attempts.get(id)?.get(&attempt)
    }

    /// Whether the log has this transition of the task and the attempt.
    pub fn has(&self, id: &str, attempt: u64, kind: EventKind) -> bool {
        self.kinds(id, attempt).is_some_and(|kinds| kinds.contains(kind.word()))
    }

    /// The newest attempt of each task that had one.
    pub fn newest_attempts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.attempts.iter().filter_map(|(id, attempts)| Some((id.as_str(), attempts.keys().copied().max()?)))
    }

    fn covers(&self, time: Timestamp) -> bool {
        self.begins.is_some_and(|begins| begins <= time)
    }
}

/// The transitions that `tasks` prove and `history` lacks, the oldest first, marked as recovered. Their time is the task's own where it has one,
/// otherwise `now`.
pub fn missing_events(tasks: &[Task], history: &History, now: Timestamp) -> Vec<Event> {
    let mut missing: Vec<(Timestamp, Event)> =
        tasks.iter().flat_map(|task| Attempt::newest(task, history).missing(now)).collect();
    missing.sort_by_key(|(time, _)| *time);
    missing.into_iter().map(|(_, event)| event).collect()
}

/// The newest attempt of a task, in the queue and in the log.
struct Attempt<'a> {
    task: &'a Task,
    history: &'a History,
    /// `None`: never claimed by a program that counts.
    number: Option<u64>,
    claimed_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
}

impl<'a> Attempt<'a> {
    fn newest(task: &'a Task, history: &'a History) -> Self {
        let claimed_at = time(task.claimed_at.as_ref());
        // A claim takes the beginning of the one before away, unless another program made it.
        let started_at = time(task.started_at.as_ref()).filter(|started| claimed_at <= Some(*started));
        Self { task, history, number: task.attempt, claimed_at, started_at }
    }

    fn missing(&self, now: Timestamp) -> Vec<(Timestamp, Event)> {
        let Some(number) = self.number else { return Vec::new() };
        let told = self.history.kinds(&self.task.id, number);
        let mut proven = self.beginning();
        proven.extend(self.end(told, now));
        proven.retain(|(_, event)| !told.is_some_and(|told| told.contains(event.kind.word())));
        proven
    }

    fn beginning(&self) -> Vec<(Timestamp, Event)> {
        let is_in_hand = self.task.status.is_in_hand() && !self.history.is_cut;
        let is_told_of = |time: &Timestamp| is_in_hand || self.history.covers(*time);
        let claimed = self.claimed_at.filter(is_told_of);
        let claimed =
            claimed.map(|time| self.event(EventKind::Claimed, time, &Status::Pending, &Status::Claimed));
        let started = self.claimed_at.and(self.started_at).filter(is_told_of);
        let started =
            started.map(|time| self.event(EventKind::Started, time, &Status::Claimed, &Status::InProgress));
        claimed.into_iter().chain(started).collect()
    }

    fn end(&self, told: Option<&HashSet<String>>, now: Timestamp) -> Option<(Timestamp, Event)> {
        let begun = told.is_some_and(|told| told.contains(EventKind::Claimed.word()));
        let was_started =
            self.started_at.is_some() || told.is_some_and(|told| told.contains(EventKind::Started.word()));
        let from = if was_started { Status::InProgress } else { Status::Claimed };
        let has_failed = self.task.last_error.is_some();
        match &self.task.status {
            Status::Completed => {
                let completed_at = time(self.task.completed_at.as_ref())?;
                let is_of_this_attempt = self.claimed_at.is_none_or(|claimed| claimed <= completed_at);
                (is_of_this_attempt && (begun || self.history.covers(completed_at)))
                    .then(|| self.event(EventKind::Completed, completed_at, &from, &Status::Completed))
            }
            Status::Failed if has_failed => {
                let is_told_of = begun || self.claimed_at.is_some_and(|claimed| self.history.covers(claimed));
                is_told_of.then(|| self.event(EventKind::Failed, now, &from, &Status::Failed))
            }
            // What was given back keeps nothing of the claim but its number, so the log must tell that it began, and of no end.
            Status::Pending if begun && told.is_some_and(has_no_end) => {
                let is_retried = has_failed && self.task.retry_at.is_some();
                let kind = if is_retried { EventKind::Failed } else { EventKind::Released };
                Some(self.event(kind, now, &from, &Status::Pending))
            }
            _ => None,
        }
    }

    fn event(&self, kind: EventKind, time: Timestamp, from: &Status, to: &Status) -> (Timestamp, Event) {
        let mut event = Event::new(kind, time, &self.task.id, Some(from), to);
        event.attempt = self.number;
        event.agent.clone_from(&self.task.claimed_by);
        event.recovered = true;
        if kind == EventKind::Failed {
            event.data.error.clone_from(&self.task.last_error);
        }
        (time, event)
    }
}

/// Whatever else than its beginning is known of an attempt may have ended it.
fn has_no_end(told: &HashSet<String>) -> bool {
    told.iter().all(|kind| [EventKind::Claimed.word(), EventKind::Started.word()].contains(&kind.as_str()))
}

fn time(text: Option<&String>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// The events that the log of `queue` lacks, without those that may be on their way: where the queue was saved less than a second ago, this
/// waits for the rest of that second and looks again. None without a log.
///
/// # Errors
///
/// [`RecoveryError`]: the queue or the log cannot be read. A missing log is no error.
pub fn find_missing(queue: &Queue, depth: Depth) -> Result<Vec<Event>, RecoveryError> {
    let first = look(queue, depth)?;
    let on_the_way = ON_THE_WAY.saturating_sub(since_saved(queue));
    if first.is_empty() || on_the_way.is_zero() {
        return Ok(first);
    }
    thread::sleep(on_the_way);
    let mut again = look(queue, depth)?;
    again.retain(|event| first.iter().any(|before| key(before) == key(event)));
    Ok(again)
}

/// Adds `missing`, which [`find_missing`] found, to the log of `queue`, but for what has come into it since, and returns how many
/// that were. Two processes that do so at once add each event once.
///
/// A process that was stopped for longer than [`find_missing`] waits, after it saved the queue and before it wrote its event down, still
/// writes it when it goes on. The log has the event twice then, once as recovered, under one key (task, attempt, type), and readers drop
/// the second.
///
/// # Errors
///
/// [`RecoveryError::Log`].
pub fn add_missing(queue: &Queue, missing: &[Event]) -> Result<usize, RecoveryError> {
    let Some(log) = queue.events().filter(|_| !missing.is_empty()) else { return Ok(0) };
    let lacking = |events: &Events| {
        let history = History::of(events);
        let is_in = |event: &Event| {
            event.attempt.is_some_and(|number| history.has(&event.task_id, number, event.kind))
        };
        missing.iter().filter(|event| !is_in(event)).cloned().collect::<Vec<_>>()
    };
    Ok(log.append_chosen(lacking)?)
}

fn key(event: &Event) -> (&str, Option<u64>, EventKind) {
    (&event.task_id, event.attempt, event.kind)
}

/// The queue is read before the log: what somebody does in between is in the log then, and not missing.
fn look(queue: &Queue, depth: Depth) -> Result<Vec<Event>, RecoveryError> {
    let Some(log) = queue.events() else { return Ok(Vec::new()) };
    let tasks = tasks(&queue.read()?)?;
    let events = match depth {
        Depth::WholeLog => log.read(),
        Depth::LastRecords => log.last(LAST),
    };
    let history = match events {
        Ok(events) => {
            let is_cut = depth == Depth::LastRecords && events.records.len() >= LAST;
            History { is_cut, ..History::of(&events) }
        }
        Err(EventError::File(FileError::NotFound { .. })) => History::default(),
        Err(error) => return Err(error.into()),
    };
    Ok(missing_events(&tasks, &history, Timestamp::now()))
}

/// How old the queue's file is. One from the future was saved by a clock that was set back since, or just now.
fn since_saved(queue: &Queue) -> Duration {
    let saved = fs::metadata(queue.path()).and_then(|found| found.modified());
    saved.map_or(Duration::ZERO, |saved| SystemTime::now().duration_since(saved).unwrap_or_default())
}

#[cfg(test)]
mod tests;

//! Which tasks may be claimed now, in which order, and why the others wait.

use crate::status::Status;
use crate::task::Task;
use jiff::Timestamp;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;

/// Says of a task that is held by a supervisor whether that claim is over: nobody of it lives any more.
///
/// The answer is a fact about processes, not about the queue, so whoever runs an operation brings it along. It must be
/// found out while the queue's lock is held. Operations fill in of the task what the rules look at, and not what is for people.
pub type ClaimIsOver<'a> = &'a dyn Fn(&Task) -> bool;

/// The answer for queues without running supervisors, and for looking without touching: no claim is over.
pub fn no_claim_is_over(_: &Task) -> bool {
    false
}

/// Why a task cannot be claimed now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waiting {
    /// For other tasks, with what these are now; `None`: there is no such task.
    For(Vec<(String, Option<Status>)>),
    /// For its time to be tried again.
    Until(String),
    /// Somebody has it, until the time given or for as long as it runs.
    Held {
        /// What it is now.
        status: Status,
        /// Who has it.
        by: Option<String>,
        /// When the lease runs out.
        until: Option<String>,
    },
    /// A person, or a program that makes no claims, marked it so, and only they can end that.
    Marked(Status),
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(blockers) => {
                f.write_str("waits for ")?;
                for (place, (id, status)) in blockers.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    match status {
                        Some(status) => write!(f, "{comma}{id} ({status})")?,
                        None => write!(f, "{comma}{id} (not in the queue)")?,
                    }
                }
                Ok(())
            }
            Self::Until(time) => write!(f, "not before {time}"),
            Self::Held { status, by, until } => {
                write!(f, "{status}")?;
                by.iter().try_for_each(|by| write!(f, " by {by}"))?;
                until.iter().try_for_each(|until| write!(f, " until {until}"))
            }
            Self::Marked(status @ Status::InProgress) => write!(f, "{status}, marked so without a claim"),
            Self::Marked(status) => write!(f, "{status}"),
        }
    }
}

/// All tasks of one queue at one time.
pub struct Board<'a> {
    tasks: &'a [Task],
    now: Timestamp,
    is_over: ClaimIsOver<'a>,
    by_id: HashMap<&'a str, &'a Task>,
}

impl<'a> Board<'a> {
    /// Looks at `tasks` as of `now`; `is_over` tells which supervised claims have ended.
    pub fn new(tasks: &'a [Task], now: Timestamp, is_over: ClaimIsOver<'a>) -> Self {
        Self { tasks, now, is_over, by_id: tasks.iter().map(|task| (task.id.as_str(), task)).collect() }
    }

    /// The task with this id.
    pub fn find(&self, id: &str) -> Option<&'a Task> {
        self.by_id.get(id).copied()
    }

    /// Why `task` cannot be claimed now; `None` if it can.
    ///
    /// Ready is what is pending, or claimed by somebody whose claim has ended, with every blocker completed and its retry time passed.
    pub fn waiting(&self, task: &Task) -> Option<Waiting> {
        match &task.status {
            Status::Pending => self.blocked(task),
            Status::Claimed | Status::InProgress => self.held(task).or_else(|| self.blocked(task)),
            other => Some(Waiting::Marked(other.clone())),
        }
    }

    fn blocked(&self, task: &Task) -> Option<Waiting> {
        let status = |id: &String| self.find(id).map(|blocker| &blocker.status);
        let open = task.blocked_by.iter().filter(|id| status(id) != Some(&Status::Completed));
        let open: Vec<_> = open.map(|id| (id.clone(), status(id).cloned())).collect();
        if !open.is_empty() {
            return Some(Waiting::For(open));
        }
        task.retry_at.as_ref().filter(|at| !at.has_passed(self.now)).map(|at| Waiting::Until(at.text.clone()))
    }

    /// When `task` can be claimed, if all that it waits for is its time to be tried again.
    pub fn retry_only(&self, task: &Task) -> Option<Timestamp> {
        match self.waiting(task) {
            Some(Waiting::Until(_)) if task.status == Status::Pending => task.retry_at.as_ref()?.time(),
            _ => None,
        }
    }

    /// A lease ends with its time, a supervised claim with its processes. Without either it was a person who marked the task.
    fn held(&self, task: &Task) -> Option<Waiting> {
        let held = |until| Waiting::Held { status: task.status.clone(), by: task.claimed_by.clone(), until };
        if task.supervisor.is_some() {
            return (!(self.is_over)(task)).then(|| held(None));
        }
        match &task.lease_until {
            Some(lease) => (!lease.has_passed(self.now)).then(|| held(Some(lease.text.clone()))),
            None => Some(Waiting::Marked(task.status.clone())),
        }
    }

    /// The tasks that can be claimed now, the first to be claimed first: by priority, then by score, then by how many tasks wait
    /// for it, then in the order of the file.
    pub fn ready(&self) -> Vec<&'a Task> {
        let unblocks = self.unblocks();
        let mut ready: Vec<&Task> = self.tasks.iter().filter(|task| self.waiting(task).is_none()).collect();
        ready.sort_by(|one, other| in_turn(one, other, &unblocks));
        ready
    }

    /// The first of [`ready`](Self::ready).
    pub fn next(&self) -> Option<&'a Task> {
        let unblocks = self.unblocks();
        let ready = self.tasks.iter().filter(|task| self.waiting(task).is_none());
        // Of equal ones the first in the file.
        ready.min_by(|one, other| in_turn(one, other, &unblocks))
    }

    fn unblocks(&self) -> Unblocks<'a> {
        unblocks(self.tasks)
    }
}

/// For each task its place among all of them, were they all ready.
pub(crate) fn turns(tasks: &[Task]) -> Vec<usize> {
    let unblocks = unblocks(tasks);
    let mut in_order: Vec<usize> = (0..tasks.len()).collect();
    in_order.sort_by(|one, other| in_turn(&tasks[*one], &tasks[*other], &unblocks));
    let mut turns = vec![0; tasks.len()];
    for (turn, place) in in_order.into_iter().enumerate() {
        turns[place] = turn;
    }
    turns
}

type Unblocks<'a> = HashMap<&'a str, usize>;

/// How many tasks wait for each.
fn unblocks(tasks: &[Task]) -> Unblocks<'_> {
    let mut waiting_for = Unblocks::new();
    for task in tasks.iter().filter(|task| task.status == Status::Pending) {
        for id in &task.blocked_by {
            *waiting_for.entry(id).or_default() += 1;
        }
    }
    waiting_for
}

fn in_turn(one: &Task, other: &Task, unblocks: &Unblocks<'_>) -> Ordering {
    let unblocks = |task: &Task| unblocks.get(task.id.as_str()).copied().unwrap_or(0);
    one.priority
        .cmp(&other.priority)
        .then_with(|| by_score(one, other))
        .then_with(|| unblocks(other).cmp(&unblocks(one)))
}

/// The higher score first; no score is a score of 0.
fn by_score(one: &Task, other: &Task) -> Ordering {
    let score = |task: &Task| task.priority_score.unwrap_or(0.0);
    score(other).total_cmp(&score(one))
}

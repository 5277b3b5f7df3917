//! Claiming: one task for a script, or a batch for a dispatcher.

use super::{Change, Proof, Token, clear, heartbeat, set_number, set_text};
use crate::error::QueueError;
use crate::event::{Event, EventKind, stamp};
use crate::ready::{Board, ClaimIsOver, Waiting};
use crate::status::{Priority, Status};
use crate::task::{Task, task_at, tasks_for_the_rules};
use atomic_io::Document;
use jiff::{SignedDuration, Timestamp};

/// What makes a claim end when its owner dies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// It runs out after this time unless a heartbeat prolongs it: for scripts, whose process goes away.
    Leased(SignedDuration),
    /// It lasts as long as the supervisor with this identity, or the task it started, lives.
    Supervised(String),
}

/// A claim that was made. The attempt is its fencing token: later calls name it, and are refused when it has moved on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The task.
    pub id: String,
    /// The attempt.
    pub attempt: u64,
    /// The task's title.
    pub title: String,
    /// Its type.
    pub kind: Option<String>,
    /// What it uses most.
    pub resource: Option<String>,
    /// How urgent it is.
    pub priority: Priority,
}

impl Claim {
    /// One of which no more is known.
    pub fn of(id: String, attempt: u64, title: String) -> Self {
        Self { id, attempt, title, kind: None, resource: None, priority: Priority::Unstated }
    }

    fn on(task: &Task, attempt: u64) -> Self {
        Self {
            id: task.id.clone(),
            attempt,
            title: task.title.clone(),
            kind: task.kind.clone(),
            resource: task.resource.clone(),
            priority: task.priority,
        }
    }
}

/// Claims the task that is to be done next.
///
/// # Errors
///
/// [`QueueError::NothingReady`], and those of [`tasks`](crate::tasks).
pub fn claim_next(
    document: &mut Document,
    now: Timestamp,
    is_over: ClaimIsOver<'_>,
    agent: &str,
    kind: &ClaimKind,
) -> Result<Change<Claim>, QueueError> {
    let tasks = tasks_for_the_rules(document)?;
    let Some(next) = Board::new(&tasks, now, is_over).next() else {
        return Err(QueueError::NothingReady);
    };
    take(document, next, now, agent, kind)
}

/// Claims the task `id`.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`]; [`QueueError::NotReady`] with the reason; those of [`tasks`](crate::tasks).
pub fn claim_id(
    document: &mut Document,
    now: Timestamp,
    is_over: ClaimIsOver<'_>,
    id: &str,
    agent: &str,
    kind: &ClaimKind,
) -> Result<Change<Claim>, QueueError> {
    let tasks = tasks_for_the_rules(document)?;
    let board = Board::new(&tasks, now, is_over);
    let Some(task) = board.find(id) else { return Err(QueueError::NoSuchTask { id: id.into() }) };
    match board.waiting(task) {
        None => take(document, task, now, agent, kind),
        Some(why) => Err(QueueError::NotReady { id: id.into(), why: why.to_string() }),
    }
}

/// Claims the task `id`, or returns the claim on it that `agent` holds by a lease that still runs, and lets that lease run anew: for
/// agents that may have lost the answer of a claim, and whose name is theirs alone. Whoever asks for an hour has an hour from now.
///
/// # Errors
///
/// As [`claim_id`].
pub fn reclaim_id(
    document: &mut Document,
    now: Timestamp,
    is_over: ClaimIsOver<'_>,
    id: &str,
    agent: &str,
    lease: SignedDuration,
) -> Result<Change<Claim>, QueueError> {
    let tasks = tasks_for_the_rules(document)?;
    let board = Board::new(&tasks, now, is_over);
    if let Some(task) = board.find(id)
        && let Some(Waiting::Held { until: Some(_), .. }) = board.waiting(task)
        && task.claimed_by.as_deref() == Some(agent)
        && let Some(attempt) = task.attempt
    {
        let claim = Claim::on(&task_at(document, task.index)?, attempt);
        let token = Token { id: id.into(), proof: Proof::Attempt(attempt) };
        heartbeat(document, now, &token, lease)?;
        return Ok(Change::none(claim));
    }
    claim_id(document, now, is_over, id, agent, &ClaimKind::Leased(lease))
}

/// What a dispatcher asks for.
#[derive(Clone, Copy, Debug)]
pub struct BatchRequest<'a> {
    /// In whose name.
    pub agent: &'a str,
    /// One idle supervisor for each claim that can be used.
    pub supervisors: &'a [String],
    /// The supervisors of this dispatcher, idle or not; the others' claims are told apart by it.
    pub own: &'a [String],
    /// Whether tasks without a command of their own can be run.
    pub has_command: bool,
    /// How many tasks this dispatcher runs.
    pub running: usize,
    /// How many may run in all.
    pub slots: usize,
    /// Tasks to leave alone.
    pub except: &'a [String],
    /// Tasks that need not wait any more to be tried again, whatever the clock says.
    pub waited: &'a [Waited],
}

/// A task that has waited long enough to be tried again, as measured by somebody who does not go by the clock on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waited {
    /// The task.
    pub id: String,
    /// Until when it was to wait, as it stands in the file. Another time there is another wait.
    pub retry_at: String,
}

/// A claim of another dispatcher's supervisor that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherRun {
    /// The task.
    pub id: String,
    /// The attempt.
    pub attempt: u64,
    /// The identity of the supervisor.
    pub supervisor: String,
}

/// What a dispatcher got.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The claims, at most one for each supervisor.
    pub claims: Vec<Claim>,
    /// How many tasks were ready besides, and could be run.
    pub left: usize,
    /// How many of these are of the highest class and lack nothing but a place.
    pub critical_left: usize,
    /// When the first of the tasks that wait for nothing but their time can be run.
    pub next_retry: Option<Timestamp>,
    /// When the first of the leases of scripts runs out.
    pub next_lease: Option<Timestamp>,
    /// What runs under supervisors that are not this dispatcher's.
    pub others: Vec<OtherRun>,
}

/// Claims for all free slots at once, in the order of [`Board::ready`]. A task that runs alone is claimed when nothing else
/// runs; until then, and while it runs, nothing else is claimed either, or it would never come to its turn.
///
/// # Errors
///
/// Those of [`tasks`](crate::tasks).
pub fn claim_batch(
    document: &mut Document,
    now: Timestamp,
    is_over: ClaimIsOver<'_>,
    request: &BatchRequest<'_>,
) -> Result<Change<Batch>, QueueError> {
    let mut tasks = tasks_for_the_rules(document)?;
    for task in tasks.iter_mut().filter(|task| task.retry_at.is_some()) {
        let is_over = |waited: &Waited| {
            task.id == waited.id && task.retry_at.as_ref().is_some_and(|at| at.text == waited.retry_at)
        };
        if request.waited.iter().any(is_over) {
            task.retry_at = None;
        }
    }
    let mut batch = Batch::default();
    let mut one_runs_alone = false;
    for task in tasks.iter().filter(|task| task.status.is_in_hand()) {
        let Some(supervisor) = &task.supervisor else { continue };
        let own = request.own.contains(supervisor);
        if own || !is_over(task) {
            one_runs_alone |= task.runs_alone();
            if !own {
                let attempt = task.attempt.unwrap_or(0);
                batch.others.push(OtherRun { id: task.id.clone(), attempt, supervisor: supervisor.clone() });
            }
        }
    }
    let board = Board::new(&tasks, now, is_over);
    let runnable =
        |task: &&Task| (request.has_command || task.has_command) && !request.except.contains(&task.id);
    let ready: Vec<&Task> = board.ready().into_iter().filter(runnable).collect();
    let busy = request.running + batch.others.len();
    let free = request.slots.saturating_sub(busy).min(request.supervisors.len());
    let chosen = choose(&ready, free, busy, one_runs_alone);
    let mut events = Vec::new();
    for (task, supervisor) in chosen.iter().zip(request.supervisors) {
        let change = take(document, task, now, request.agent, &ClaimKind::Supervised(supervisor.clone()))?;
        batch.claims.push(change.value);
        events.extend(change.events);
    }
    batch.left = ready.len() - batch.claims.len();
    // Were all places free, and something running in another: what runs alone waits until nothing runs, and what comes after it waits for it.
    let for_a_place = choose(&ready, usize::MAX, busy.max(1), one_runs_alone);
    let left = for_a_place.iter().filter(|task| !chosen.iter().any(|chosen| chosen.id == task.id));
    batch.critical_left = left.filter(|task| task.priority == Priority::Critical).count();
    batch.next_retry = tasks.iter().filter(runnable).filter_map(|task| board.retry_only(task)).min();
    let leased = tasks.iter().filter(|task| task.status.is_in_hand() && task.supervisor.is_none());
    batch.next_lease =
        leased.filter_map(|task| task.lease_until.as_ref()?.time()).filter(|at| *at > now).min();
    Ok(Change { value: batch, events })
}

fn choose<'a>(ready: &[&'a Task], free: usize, busy: usize, one_runs_alone: bool) -> Vec<&'a Task> {
    if one_runs_alone {
        return Vec::new();
    }
    let mut chosen = Vec::new();
    for task in ready.iter().take(free) {
        if task.runs_alone() {
            if busy == 0 && chosen.is_empty() {
                chosen.push(*task);
            }
            break;
        }
        chosen.push(*task);
    }
    chosen
}

/// Writes the claim into the task, which must be ready.
fn take(
    document: &mut Document,
    task: &Task,
    now: Timestamp,
    agent: &str,
    kind: &ClaimKind,
) -> Result<Change<Claim>, QueueError> {
    let task = task_at(document, task.index)?;
    let path = task.path();
    let attempt = task.attempt.unwrap_or(0).saturating_add(1);
    set_text(document, &path, "status", &Status::Claimed.word_like(&task.status_word))?;
    clear(document, &path, &["started_at", "heartbeat_at", "retry_at"])?;
    set_text(document, &path, "claimed_by", agent)?;
    set_text(document, &path, "claimed_at", &stamp(now))?;
    set_number(document, &path, "attempt", attempt)?;
    match kind {
        ClaimKind::Leased(lease) => {
            clear(document, &path, &["supervisor"])?;
            // A lease past the end of time is as long as time.
            let until = now.checked_add(*lease).unwrap_or(Timestamp::MAX);
            set_text(document, &path, "lease_until", &stamp(until))?;
        }
        ClaimKind::Supervised(supervisor) => {
            clear(document, &path, &["lease_until"])?;
            set_text(document, &path, "supervisor", supervisor)?;
        }
    }
    let event = |kind, from: &Status, to: &Status, attempt, agent: Option<&str>| Event {
        attempt,
        agent: agent.map(Into::into),
        ..Event::new(kind, now, &task.id, Some(from), to)
    };
    let mut events = Vec::new();
    if task.status.is_in_hand() {
        let before = task.claimed_by.as_deref();
        events.push(event(EventKind::Requeued, &task.status, &Status::Pending, task.attempt, before));
    }
    events.push(event(EventKind::Claimed, &Status::Pending, &Status::Claimed, Some(attempt), Some(agent)));
    Ok(Change { value: Claim::on(&task, attempt), events })
}

//! The life of one supervisor: it takes the run lock, begins the task, watches it, and writes down how it ended.
//!
//! It is a process of its own, so that a dispatcher that is killed loses nothing: its tasks run on and report their own end.

use super::inbox::{Inbox, Pause};
use super::signals::Asked;
use super::talk::{Talk, Wish};
use super::task_process::{Ended, GRACE, TaskCommand, TaskProcess, failure_of, stop_holders};
use crate::cli::{How, Retries, Supervise};
use crate::commands::{Context, Environment};
use crate::exit::{Exit, Failure, with_causes};
use crate::output::fields_json;
use atomic_io::Document;
use jiff::{SignedDuration, Timestamp};
use lock_core::ExclusiveLock;
use queue_cli::ops::{self, Backoff, Change, Claim, Proof, Token};
use queue_cli::{Committed, QueueError, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// How often, and how far apart, a supervisor tries to write down how its task ended: a disk that is full or a lock that is stuck
/// for minutes must not make a finished task run again.
const FINISH_TRIES: u32 = 600;
/// How often a supervisor tries to begin its task. Until then nothing is lost by giving the claim up.
const BEGIN_TRIES: u32 = 30;
/// Linux takes 128 KiB for a variable with its name and refuses to start the task otherwise; and there are more of them. execve(2).
const LONGEST_VARIABLE: usize = 16 * 1024;
const PAUSE: Duration = Duration::from_secs(1);

/// Where the task's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Log,
    /// Wherever this process's own goes.
    Terminal,
    /// All to standard error, because standard output holds the result alone.
    StandardError,
}

/// One claim to be seen through.
pub(crate) struct Work<'a> {
    pub(crate) context: &'a Context,
    pub(crate) claim: &'a Claim,
    pub(crate) how: &'a How,
    /// Whether it is tried again when it fails.
    pub(crate) retries: Option<&'a Retries>,
    /// The slot of a dispatcher; `run` has none.
    pub(crate) slot: Option<&'a str>,
    pub(crate) output: Output,
}

/// How it went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum End {
    Done,
    Failed(String),
    /// Stopped on request and given back.
    Released,
    /// The same, to make room for a more urgent task.
    Preempted,
    /// The claim was somebody else's when it was to be begun or finished.
    Lost(String),
}

impl End {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Done => "completed",
            Self::Failed(_) => "failed",
            Self::Released => "released",
            Self::Preempted => "preempted",
            Self::Lost(_) => "lost",
        }
    }

    pub(crate) fn error(&self) -> Option<&str> {
        match self {
            Self::Failed(error) | Self::Lost(error) => Some(error),
            Self::Done | Self::Released | Self::Preempted => None,
        }
    }
}

/// `queue supervise`: sees one task after the other through, as the dispatcher says on standard input. When that ends there is nothing more
/// to do. What had to be written down without the dispatcher it learns from how this process ends.
pub(crate) fn run(context: &Context, args: &Supervise) -> Result<Exit, Failure> {
    let inbox = Inbox::open()?;
    inbox
        .listen_to_dispatcher()
        .map_err(|error| Failure::because("cannot start the thread that listens to the dispatcher", error))?;
    let talk = Talk::with_dispatcher(&inbox);
    while let Some(assignment) = talk.assignment() {
        let assignment =
            assignment.map_err(|error| Failure::because("the assignment is not understood", error))?;
        let claim = Claim::of(assignment.id, assignment.attempt, assignment.title);
        // What a slot allows is known only now.
        let timeout =
            assignment.timeout_ms.and_then(|time| i64::try_from(time).ok()).map(SignedDuration::from_millis);
        let how = How { timeout, ..args.how.clone() };
        let work = Work {
            context,
            claim: &claim,
            how: &how,
            retries: Some(&args.retries),
            slot: Some(&assignment.slot),
            output: Output::Log,
        };
        let end = supervise(&work, &inbox, &talk)?;
        if talk.is_alone() {
            return Ok(match end {
                End::Done => Exit::Done,
                End::Failed(_) => Exit::TasksFailed,
                End::Released | End::Preempted => Exit::Nothing,
                End::Lost(_) => Exit::Conflict,
            });
        }
    }
    Ok(Exit::Nothing)
}

/// Sees one claim through to its end.
pub(crate) fn supervise(work: &Work<'_>, inbox: &Inbox, talk: &Talk<'_>) -> Result<End, Failure> {
    let (context, claim) = (work.context, work.claim);
    let runs = context.queue.runs();
    let lock = runs
        .take(&claim.id, claim.attempt)
        .map_err(|error| Failure::because(format!("cannot take the run lock of {}", claim.id), error))?;
    let token = Token { id: claim.id.clone(), proof: Proof::Attempt(claim.attempt) };
    // The lock first, then the start, which is refused when the claim was thought over and given to somebody else meanwhile. Whoever
    // looks after the start finds the lock held. So there is no instant at which two may run the task.
    let begun = match talk.ask(&Wish::Begin) {
        Some(fields) => Ok(fields),
        None => insist(inbox, BEGIN_TRIES, || {
            let begun = |document: &mut Document, now| {
                begin(document, now, &token).map(|change| told_of(change, work.slot))
            };
            context.queue.commit(begun).map(in_place)
        }),
    };
    let fields = match begun {
        Ok(fields) => fields,
        Err(error) if is_final(&error) => {
            runs.remove(&claim.id, claim.attempt);
            return Ok(End::Lost(error.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    let ended = run_task(work, &lock, inbox, &fields);
    if matches!(ended, Ok(Ended::TimedOut | Ended::Stopped(_))) {
        // A task that ended by itself may have left something on purpose. One that was stopped has not.
        drop(lock);
        stop_holders(runs, &claim.id, claim.attempt, GRACE);
    }
    let end = match ended {
        Ok(Ended::ByItself(status)) => failure_of(status).map_or(End::Done, End::Failed),
        Ok(Ended::TimedOut) => {
            End::Failed(format!("took longer than {:#}", work.how.timeout.unwrap_or_default()))
        }
        Ok(Ended::Stopped(Asked::Preempt)) => End::Preempted,
        Ok(Ended::Stopped(_)) => End::Released,
        Err(error) => End::Failed(error),
    };
    let end = match talk.ask(&Wish::End(end.clone())) {
        Some(_) => end,
        None => finish(work, &token, end, inbox)?,
    };
    runs.remove(&claim.id, claim.attempt);
    Ok(end)
}

/// Begins the task and returns its fields, for the task to read.
pub(crate) fn begin(
    document: &mut Document,
    now: Timestamp,
    token: &Token,
) -> Result<Change<Value>, QueueError> {
    let started = ops::start(document, now, token)?;
    let fields = document.node(&started.value)?.map(fields_json).transpose()?.unwrap_or_default();
    Ok(Change { value: fields, events: started.events })
}

/// Ends it, in the name of `agent`; when a failed one is tried again.
pub(crate) fn end_task(
    document: &mut Document,
    now: Timestamp,
    token: &Token,
    end: &End,
    agent: &str,
    backoff: Option<&Backoff>,
) -> Result<Change<Option<String>>, QueueError> {
    let change = match end {
        End::Done => ops::done(document, now, token, agent)?,
        End::Failed(reason) => return ops::fail(document, now, token, reason, backoff),
        End::Preempted => ops::preempt(document, now, token, agent)?,
        End::Released | End::Lost(_) => ops::release(document, now, token)?,
    };
    Ok(Change { value: None, events: change.events })
}

/// The same, with the slot in its events, which the queue itself says nothing of.
pub(crate) fn told_of<T>(mut change: Change<T>, slot: Option<&str>) -> Change<T> {
    for event in &mut change.events {
        event.data.slot = slot.map(Into::into);
    }
    change
}

/// Runs the task to its end. An error is why it could not even be run.
fn run_task(work: &Work<'_>, lock: &ExclusiveLock, inbox: &Inbox, fields: &Value) -> Result<Ended, String> {
    let own;
    let argv = if work.how.command.is_empty() {
        own = own_command(fields)
            .ok_or("the task has no command: its field `run` is neither a text nor a list of texts")?;
        &own
    } else {
        &work.how.command
    };
    let runs = work.context.queue.runs();
    let cwd = work.how.cwd.as_deref().unwrap_or(runs.queue_folder());
    let (stdout, stderr) = output(work).map_err(|error| format!("cannot open the log: {error}"))?;
    let command = TaskCommand {
        argv,
        cwd,
        environment: environment(work),
        input: format!("{fields}\n"),
        stdout,
        stderr,
    };
    let program = argv.first().map(|program| program.to_string_lossy().into_owned()).unwrap_or_default();
    let process =
        TaskProcess::start(command, inbox).map_err(|error| format!("cannot start {program}: {error}"))?;
    if let Err(error) = runs.note_group(lock, &process.identity) {
        tracing::warn!("the process group of {} is not written down: {error}", work.claim.id);
    }
    let timeout = work.how.timeout.and_then(|timeout| timeout.try_into().ok());
    process.wait(timeout, inbox).map_err(|error| format!("cannot wait for {program}: {error}"))
}

/// The task's own command: a text is for the shell, as its author wrote it; a list is a program and its arguments.
fn own_command(fields: &Value) -> Option<Vec<OsString>> {
    match &fields["run"] {
        Value::String(line) => Some(["sh", "-c", line].map(OsString::from).to_vec()),
        Value::Array(words) if !words.is_empty() => words.iter().map(word).collect(),
        _ => None,
    }
}

/// A word of a command: a number or a boolean is meant as it stands there.
fn word(value: &Value) -> Option<OsString> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string().into()),
        _ => None,
    }
}

/// What the task is told of itself, and of the queue: a `queue` that it calls locks and writes what this one does. Its fields are never
/// pasted into a command line.
fn environment(work: &Work<'_>) -> Environment {
    let file = work.context.queue.path();
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.into());
    work.context
        .environment()
        .with("QUEUE_TASK_ID", for_environment(&work.claim.id))
        .with("QUEUE_TASK_TITLE", for_environment(&work.claim.title))
        .with("QUEUE_ATTEMPT", work.claim.attempt.to_string())
        .with("QUEUE_SLOT", work.slot.unwrap_or("1"))
        .with("QUEUE_FILE", file)
}

/// A text as a variable can hold it: without NUL, and cut to what the system takes. The whole of it is on the task's standard input.
fn for_environment(text: &str) -> String {
    let mut text = text.replace('\0', " ");
    let mut end = LONGEST_VARIABLE.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

fn output(work: &Work<'_>) -> io::Result<(Stdio, Stdio)> {
    match work.output {
        Output::Terminal => return Ok((Stdio::inherit(), Stdio::inherit())),
        Output::StandardError => return Ok((io::stderr().into(), Stdio::inherit())),
        Output::Log => {}
    }
    let log = open_log(&work.context.queue.runs().log_path(&work.claim.id, work.claim.attempt))?;
    Ok((log.try_clone()?.into(), log.into()))
}

/// Opens a log for appending, with its folder.
pub(crate) fn open_log(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

/// Writes the end down. A disk that is full, a lock that is stuck, a file that an editor has half saved must not make a task that
/// has ended run again.
fn finish(work: &Work<'_>, token: &Token, end: End, inbox: &Inbox) -> Result<End, Failure> {
    let context = work.context;
    let backoff = work.retries.map(Retries::backoff);
    let written = insist(inbox, FINISH_TRIES, || {
        let ended = |document: &mut Document, now| {
            let change = end_task(document, now, token, &end, &context.agent, backoff.as_ref());
            change.map(|change| told_of(change, work.slot))
        };
        context.queue.commit(ended).map(in_place)
    });
    match written {
        Ok(_) => Ok(end),
        // The task, or somebody with its attempt, said so before us.
        Err(QueueError::WrongState { status: Status::Completed, .. }) => Ok(End::Done),
        Err(QueueError::WrongState { status: Status::Failed, .. }) => {
            Ok(End::Failed("as the task itself reported".into()))
        }
        Err(error) if is_final(&error) => Ok(End::Lost(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Whether trying again is of no use: the claim is not ours any more.
pub(crate) fn is_final(error: &QueueError) -> bool {
    matches!(
        error,
        QueueError::StaleAttempt { .. } | QueueError::WrongState { .. } | QueueError::NoSuchTask { .. }
    )
}

/// What is in place but perhaps not on disk stands: doing it again would change nothing, and so make nothing durable. After a power
/// cut the task may be found where it was before, and be run again.
fn in_place<T>(committed: Committed<T>) -> T {
    if let Err(error) = committed.durability {
        tracing::warn!("{}", with_causes(&error));
    }
    committed.value
}

/// Does `operation` until it succeeds, is refused for good, or was tried `tries` times. All of them can be done twice without harm.
/// A signal ends the patience.
fn insist<T>(
    inbox: &Inbox,
    tries: u32,
    mut operation: impl FnMut() -> Result<T, QueueError>,
) -> Result<T, QueueError> {
    let mut tried = 0;
    loop {
        tried += 1;
        let error = match operation() {
            Err(error) if !is_final(&error) && tried < tries => error,
            other => return other,
        };
        if tried == 1 {
            tracing::warn!("trying again every second: {}", with_causes(&error));
        }
        if inbox.pause(PAUSE) == Pause::Asked {
            return Err(error);
        }
    }
}

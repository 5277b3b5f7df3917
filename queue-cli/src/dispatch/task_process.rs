//! The task's own process: how it is started, waited for, and stopped with all that it started.

use crate::commands::Environment;
use crate::dispatch::inbox::{Inbox, Message};
use crate::dispatch::signals::{Asked, tell};
use queue_cli::ProcessIdentity;
use queue_cli::run_lock::RunFolder;
use rustix::process::{Pid, Signal, getpgid, getpgrp, kill_process, kill_process_group};
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a task has between SIGTERM and SIGKILL.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
const STOP_POLL: Duration = Duration::from_millis(10);
/// The same while holders of a run lock are waited for: every look goes through all processes.
const HOLDERS_POLL: Duration = Duration::from_millis(50);

/// What is to be run, where, and what it is told.
pub(crate) struct TaskCommand<'a> {
    pub(crate) argv: &'a [OsString],
    pub(crate) cwd: &'a Path,
    pub(crate) environment: Environment,
    /// Given to the task on its standard input.
    pub(crate) input: String,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
}

/// How a task came to its end.
pub(crate) enum Ended {
    ByItself(ExitStatus),
    TimedOut,
    /// Somebody asked the supervisor to stop it.
    Stopped(Asked),
}

/// A running task, the leader of a process group of its own.
pub(crate) struct TaskProcess {
    pub(crate) identity: ProcessIdentity,
}

impl TaskProcess {
    /// Starts the task. What this process holds without close-on-exec, its run lock, the task holds too.
    pub(crate) fn start(command: TaskCommand<'_>, inbox: &Inbox) -> io::Result<Self> {
        let Some((program, arguments)) = command.argv.split_first() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"));
        };
        let mut process = Command::new(program);
        let mut child = command
            .environment
            .set_for(&mut process)
            .args(arguments)
            .current_dir(command.cwd)
            .stdin(Stdio::piped())
            .stdout(command.stdout)
            .stderr(command.stderr)
            .process_group(0)
            .spawn()?;
        feed(&mut child, command.input);
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        let identity = ProcessIdentity::of_child(pid);
        let sender = inbox.sender();
        let waiter = move || tell(&sender, Message::Ended(child.wait()));
        thread::Builder::new().name("task".into()).spawn(waiter)?;
        Ok(Self { identity })
    }

    /// Waits until the task ends, its time is up, or a signal asks to stop it; then the whole group is stopped.
    pub(crate) fn wait(&self, timeout: Option<Duration>, inbox: &Inbox) -> io::Result<Ended> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let concerns_it = |message: &Message| matches!(message, Message::Ended(_) | Message::Asked(_));
        let end = match inbox.next(deadline, concerns_it) {
            Some(Message::Ended(status)) => return status.map(Ended::ByItself),
            Some(Message::Asked(asked)) => Ended::Stopped(asked),
            _ => Ended::TimedOut,
        };
        stop_group(&self.identity, GRACE);
        // The leader is of the group, so its end has been or is about to be reported.
        inbox.next(None, |message| matches!(message, Message::Ended(_)));
        Ok(end)
    }
}

/// Stops every process of the group that `leader` leads or led: SIGTERM, and after `grace` SIGKILL. A single process would not
/// do: a wrapper would die and its task live on.
pub(crate) fn stop_group(leader: &ProcessIdentity, grace: Duration) {
    let Some(group) = Pid::from_raw(leader.pid) else { return };
    if !leader.group_is_alive() {
        return;
    }
    // It may be gone by the time the signal comes, which is what was wanted. A stopped process sees SIGTERM only once it goes on.
    let _ = kill_process_group(group, Signal::TERM);
    let _ = kill_process_group(group, Signal::CONT);
    let started = Instant::now();
    while leader.group_is_alive() {
        if started.elapsed() >= grace {
            let _ = kill_process_group(group, Signal::KILL);
        }
        thread::sleep(STOP_POLL);
    }
}

/// Stops what a stopped task has left in other groups than its own: as long as any of it has the run lock, which the caller has given up, the
/// task lives, and its next attempt would run beside it. GNU timeout, setsid and shells with job control make such groups.
pub(crate) fn stop_holders(runs: &RunFolder, id: &str, attempt: u64, grace: Duration) {
    let started = Instant::now();
    let mut asked = HashSet::new();
    let mut is_told = false;
    while !runs.nobody_holds(id, attempt) {
        let is_over = started.elapsed() >= grace;
        for pid in runs.holders(id, attempt) {
            if is_over {
                signal_group_of(pid, &[Signal::KILL]);
            } else if asked.insert(pid) {
                signal_group_of(pid, &[Signal::TERM, Signal::CONT]);
            }
        }
        if is_over && !is_told {
            tracing::warn!(
                "{id} was stopped, and something of it still runs: {}",
                runs.who_holds(id, attempt)
            );
            is_told = true;
        }
        thread::sleep(HOLDERS_POLL);
    }
}

/// The whole group, since what a process has started may have closed the lock; but never the group that this process is in.
fn signal_group_of(pid: i32, signals: &[Signal]) {
    let Some(pid) = Pid::from_raw(pid) else { return };
    let group = getpgid(Some(pid)).ok().filter(|group| *group != getpgrp());
    for signal in signals {
        // It may be gone by now, which is what is wanted.
        let _ = match group {
            Some(group) => kill_process_group(group, *signal),
            None => kill_process(pid, *signal),
        };
    }
}

/// What an empty pipe takes at least without anybody reading at its other end: macOS has no more for it when memory is short.
pub(crate) const SURE_TO_FIT: usize = 4096;

/// Writes the input, if it is long from a thread of its own: a task that never reads it must not stop its supervisor.
fn feed(child: &mut Child, input: String) {
    let Some(mut pipe) = child.stdin.take() else { return };
    // A task that does not care for its input closes it, and the write fails; that is its right.
    if input.len() <= SURE_TO_FIT {
        let _ = pipe.write_all(input.as_bytes());
        return;
    }
    let feeder = move || pipe.write_all(input.as_bytes());
    if let Err(error) = thread::Builder::new().name("task-input".into()).spawn(feeder) {
        tracing::warn!("the task gets no input: {error}");
    }
}

/// What an exit status means, for people; `None` for success.
pub(crate) fn failure_of(status: ExitStatus) -> Option<String> {
    match (status.code(), status.signal()) {
        (Some(0), _) => None,
        (Some(code), _) => Some(format!("exit status {code}")),
        (None, Some(signal)) => Some(format!("killed by signal {signal}")),
        (None, None) => Some("ended in an unknown way".into()),
    }
}

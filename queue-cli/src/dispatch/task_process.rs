//! The task's own process: how it is started, waited for, and stopped with all that it started.

use crate::commands::Environment;
use crate::dispatch::signals::{Asked, listen, tell};
use crate::exit::Failure;
use queue_cli::ProcessIdentity;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How long a task has between SIGTERM and SIGKILL.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
const STOP_POLL: Duration = Duration::from_millis(10);

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
        let sender = inbox.sender.clone();
        let waiter = move || tell(&sender, Message::Ended(child.wait()));
        thread::Builder::new().name("task".into()).spawn(waiter)?;
        Ok(Self { identity })
    }

    /// Waits until the task ends, its time is up, or a signal asks to stop it; then the whole group is stopped.
    pub(crate) fn wait(&self, timeout: Option<Duration>, inbox: &Inbox) -> io::Result<Ended> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let end = match inbox.next(deadline) {
            Some(Message::Ended(status)) => return status.map(Ended::ByItself),
            Some(Message::Asked(asked)) => Ended::Stopped(asked),
            None => Ended::TimedOut,
        };
        stop_group(&self.identity, GRACE);
        // The leader is of the group, so its end has been or is about to be reported.
        while let Some(message) = inbox.next(None) {
            if matches!(message, Message::Ended(_)) {
                break;
            }
        }
        Ok(end)
    }
}

/// What a supervisor waits for.
pub(crate) enum Message {
    /// The task ended.
    Ended(io::Result<ExitStatus>),
    /// A signal asks to stop it.
    Asked(Asked),
}

/// How a pause ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    Over,
    Asked,
}

/// One place where both arrive, so that waiting for either is one wait.
pub(crate) struct Inbox {
    sender: Sender<Message>,
    receiver: Receiver<Message>,
}

impl Inbox {
    /// From now on signals arrive here.
    pub(crate) fn open() -> Result<Self, Failure> {
        let (sender, receiver) = mpsc::channel();
        let signals = sender.clone();
        listen(move |asked| tell(&signals, Message::Asked(asked)))?;
        Ok(Self { sender, receiver })
    }

    /// Waits for `time`, or until a signal asks to stop.
    pub(crate) fn pause(&self, time: Duration) -> Pause {
        let deadline = Instant::now() + time;
        loop {
            match self.next(Some(deadline)) {
                None => return Pause::Over,
                Some(Message::Asked(_)) => return Pause::Asked,
                Some(Message::Ended(_)) => {}
            }
        }
    }

    /// The next message, or `None` when the deadline has passed.
    fn next(&self, deadline: Option<Instant>) -> Option<Message> {
        match deadline {
            // This end keeps a sender too, so the channel never closes.
            None => self.receiver.recv().ok(),
            Some(deadline) => {
                self.receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
            }
        }
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

/// Writes the input from a thread of its own: a task that never reads it must not stop its supervisor.
fn feed(child: &mut Child, input: String) {
    let Some(mut pipe) = child.stdin.take() else { return };
    // A task that does not care for its input closes it, and the write fails; that is its right.
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

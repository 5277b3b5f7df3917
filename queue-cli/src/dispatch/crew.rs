//! The supervisors of one dispatcher: idle ones that wait for an assignment, and those at work.

use super::dispatcher::Wake;
use super::signals::tell;
use super::supervisor::{Assignment, open_log};
use crate::cli::Dispatch;
use crate::commands::{Context, Environment};
use jiff::{SignedDuration, Timestamp};
use queue_cli::ProcessIdentity;
use queue_cli::ops::Claim;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

/// A supervisor process that has nothing to do yet.
struct Idle {
    pid: i32,
    identity: String,
    assignment: ChildStdin,
}

/// A supervisor process at work.
pub(crate) struct Working {
    /// In which place, from 0.
    pub(crate) place: usize,
    pub(crate) claim: Claim,
    pub(crate) since: Instant,
    /// The same by the clock, for people.
    pub(crate) began: Timestamp,
    /// Whether it was asked to make room.
    pub(crate) is_leaving: bool,
    pub(crate) pid: i32,
    identity: String,
}

/// All of them.
pub(crate) struct Crew {
    command: Vec<OsString>,
    environment: Environment,
    log: PathBuf,
    idle: Vec<Idle>,
    working: Vec<Working>,
    ended: Sender<Wake>,
}

impl Crew {
    /// Nobody yet. `ended` is told of every supervisor that ends.
    pub(crate) fn new(context: &Context, args: &Dispatch, ended: Sender<Wake>) -> Self {
        Self {
            command: arguments(context, args),
            environment: context.environment(),
            log: context.queue.runs().supervisors_log(),
            idle: Vec::new(),
            working: Vec::new(),
            ended,
        }
    }

    pub(crate) fn working(&self) -> &[Working] {
        &self.working
    }

    pub(crate) fn is_free(&self, place: usize) -> bool {
        self.working.iter().all(|working| working.place != place)
    }

    /// Whom a claim may be written down for.
    pub(crate) fn idle_identities(&self) -> Vec<String> {
        self.idle.iter().map(|idle| idle.identity.clone()).collect()
    }

    /// All identities, idle or at work.
    pub(crate) fn identities(&self) -> Vec<String> {
        let working = self.working.iter().map(|working| working.identity.clone());
        self.idle_identities().into_iter().chain(working).collect()
    }

    /// Starts supervisors until `wanted` are idle.
    ///
    /// They are started before the claim is made: the claim then names a living supervisor from its first instant, and a
    /// dispatcher that is killed in between leaves a supervisor whose input ends, so that the claim is over.
    pub(crate) fn have_idle(&mut self, wanted: usize) -> io::Result<()> {
        while self.idle.len() < wanted {
            self.start()?;
        }
        Ok(())
    }

    fn start(&mut self) -> io::Result<()> {
        let mut program = own_program()?;
        let mut child = self
            .environment
            .set_for(&mut program)
            .args(&self.command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(open_log(&self.log)?)
            // Ctrl-C goes to the group of the terminal, and must reach the dispatcher alone.
            .process_group(0)
            .spawn()?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        let identity = ProcessIdentity::of(pid)
            .ok_or_else(|| io::Error::other("a supervisor ended at once"))?
            .to_string();
        let assignment = child.stdin.take().ok_or_else(|| io::Error::other("a supervisor has no input"))?;
        let ended = self.ended.clone();
        thread::Builder::new().name("supervisor".into()).spawn(move || {
            tell(
                &ended,
                Wake::SupervisorEnded { pid, code: child.wait().ok().and_then(|status| status.code()) },
            )
        })?;
        self.idle.push(Idle { pid, identity, assignment });
        Ok(())
    }

    /// Hands `claim` to the idle supervisor that it was written down for, which is the first in [`idle_identities`](Self::idle_identities),
    /// to be run in this place.
    pub(crate) fn assign(
        &mut self,
        claim: Claim,
        place: usize,
        slot: &str,
        timeout: Option<SignedDuration>,
    ) -> io::Result<()> {
        if self.idle.is_empty() {
            return Err(io::Error::other("no supervisor is idle"));
        }
        let mut idle = self.idle.remove(0);
        let assignment = Assignment {
            id: claim.id.clone(),
            attempt: claim.attempt,
            title: claim.title.clone(),
            slot: slot.into(),
            timeout_ms: timeout.and_then(|time| u64::try_from(time.as_millis()).ok()),
        };
        let line = format!("{}\n", serde_json::to_string(&assignment)?);
        // One that died meanwhile is reported as ended, and its claim is over then.
        let written = idle.assignment.write_all(line.as_bytes());
        self.working.push(Working {
            place,
            claim,
            since: Instant::now(),
            began: Timestamp::now(),
            is_leaving: false,
            pid: idle.pid,
            identity: idle.identity,
        });
        written
    }

    /// Takes the supervisor `pid`, which has ended, off the books; what it worked on, if it did.
    pub(crate) fn ended(&mut self, pid: i32) -> Option<Working> {
        self.idle.retain(|idle| idle.pid != pid);
        let place = self.working.iter().position(|working| working.pid == pid)?;
        Some(self.working.remove(place))
    }

    /// Asks every supervisor at work to stop its task and give it back.
    pub(crate) fn stop_all(&self) {
        for working in &self.working {
            ask(working.pid, Signal::TERM);
        }
    }

    /// Asks the supervisor at `number` of [`working`](Self::working) to make room; its claim.
    pub(crate) fn preempt(&mut self, number: usize) -> Option<&Claim> {
        let working = self.working.get_mut(number)?;
        working.is_leaving = true;
        ask(working.pid, Signal::USR1);
        Some(&working.claim)
    }
}

/// One that has ended needs no signal.
fn ask(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, signal);
    }
}

/// This very program, also when its file was replaced or removed since it was started.
fn own_program() -> io::Result<Command> {
    let path =
        if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { std::env::current_exe()? };
    let mut command = Command::new(path);
    command.arg0("queue");
    Ok(command)
}

/// Each option and its value in one word: a file named `-x` is not taken for an option then.
fn arguments(context: &Context, args: &Dispatch) -> Vec<OsString> {
    let option = |name: &str, value: &OsStr| {
        let mut word = OsString::from(format!("--{name}="));
        word.push(value);
        word
    };
    let (global, how) = (&context.global, &args.how);
    let mut arguments: Vec<OsString> = vec!["supervise".into(), option("file", global.file.as_os_str())];
    arguments.push(option("lock-timeout", global.lock_timeout.to_string().as_ref()));
    arguments.push(option("agent", context.agent.as_ref()));
    arguments.push(option("retries", args.retries.retries.to_string().as_ref()));
    arguments.push(option("retry-wait", args.retries.retry_wait.to_string().as_ref()));
    arguments.extend(how.cwd.iter().map(|cwd| option("cwd", cwd.as_os_str())));
    if !how.command.is_empty() {
        arguments.push("--".into());
        arguments.extend(how.command.iter().cloned());
    }
    arguments
}

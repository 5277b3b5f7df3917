//! The supervisors of one dispatcher: idle ones that wait for an assignment, and those at work.

use super::dispatcher::Wake;
use super::signals::tell;
use super::supervisor::open_log;
use super::talk::{Answer, Assignment, line};
use super::task_process::SURE_TO_FIT;
use crate::cli::Dispatch;
use crate::commands::{Context, Environment};
use jiff::{SignedDuration, Timestamp};
use queue_cli::ProcessIdentity;
use queue_cli::ops::Claim;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

/// A supervisor process that has nothing to do yet.
struct Idle {
    pid: i32,
    identity: String,
    input: ChildStdin,
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
    /// Whether it has come to begin its task.
    pub(crate) has_wished: bool,
    pub(crate) pid: i32,
    pub(crate) identity: String,
    /// Closed once something could not be said: the supervisor hears that, and goes on alone or ends.
    input: Option<ChildStdin>,
}

/// What one of them has seen through.
pub(crate) struct Finished {
    pub(crate) place: usize,
    pub(crate) claim: Claim,
    pub(crate) since: Instant,
}

/// All of them.
pub(crate) struct Crew {
    command: Vec<OsString>,
    environment: Environment,
    log: PathBuf,
    idle: Vec<Idle>,
    working: Vec<Working>,
    wakes: Sender<Wake>,
}

impl Crew {
    /// Nobody yet. `wakes` is told what supervisors wish, and of every one that ends.
    pub(crate) fn new(context: &Context, args: &Dispatch, wakes: Sender<Wake>) -> Self {
        Self {
            command: arguments(context, args),
            environment: context.environment(),
            log: context.queue.runs().supervisors_log(),
            idle: Vec::new(),
            working: Vec::new(),
            wakes,
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
            .stdout(Stdio::piped())
            .stderr(open_log(&self.log)?)
            // Ctrl-C goes to the group of the terminal, and must reach the dispatcher alone.
            .process_group(0)
            .spawn()?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        let identity = ProcessIdentity::of(pid)
            .ok_or_else(|| io::Error::other("a supervisor ended at once"))?
            .to_string();
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err(io::Error::other("a supervisor has no input or output"));
        };
        let wakes = self.wakes.clone();
        thread::Builder::new().name("supervisor".into()).spawn(move || listen(pid, child, output, &wakes))?;
        self.idle.push(Idle { pid, identity, input });
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
        // One that died meanwhile, or has heard nothing, is reported as ended, and its claim is over then.
        let written =
            line(&assignment).map_err(io::Error::from).and_then(|line| idle.input.write_all(line.as_bytes()));
        self.working.push(Working {
            place,
            claim,
            since: Instant::now(),
            began: Timestamp::now(),
            is_leaving: false,
            has_wished: false,
            pid: idle.pid,
            identity: idle.identity,
            input: written.is_ok().then_some(idle.input),
        });
        written
    }

    /// The supervisor `pid`, at work, has a wish.
    pub(crate) fn wishes(&mut self, pid: i32) -> Option<&Working> {
        let working = self.working.iter_mut().find(|working| working.pid == pid)?;
        working.has_wished = true;
        Some(working)
    }

    /// Whether the supervisor `pid`, at work, was asked to make room.
    pub(crate) fn is_leaving(&self, pid: i32) -> bool {
        self.working.iter().any(|working| working.pid == pid && working.is_leaving)
    }

    /// Tells the supervisor `pid` what became of its wish. One that is gone needs no answer.
    pub(crate) fn answer(&mut self, pid: i32, answer: &Answer) {
        let Some(working) = self.working.iter_mut().find(|working| working.pid == pid) else { return };
        // A supervisor may be stopped by a signal, and must not stop its dispatcher.
        let fits = |line: &String| line.len() <= SURE_TO_FIT;
        let line = line(answer).ok().filter(fits).or_else(|| line(&Answer::Alone).ok());
        let mut say = |line: String| working.input.as_mut()?.write_all(line.as_bytes()).ok();
        if line.and_then(&mut say).is_none() {
            working.input = None;
        }
    }

    /// The task of the supervisor `pid` has ended, and that is written down. The supervisor is idle again, unless it is not talked to any more, or was asked to make
    /// room: it may hear of that only now.
    pub(crate) fn finished(&mut self, pid: i32) -> Option<Finished> {
        let place = self.working.iter().position(|working| working.pid == pid)?;
        let Working { place, claim, since, is_leaving, pid, identity, input, .. } =
            self.working.remove(place);
        if let Some(input) = input
            && !is_leaving
        {
            self.idle.push(Idle { pid, identity, input });
        }
        Some(Finished { place, claim, since })
    }

    /// Sends the idle ones away.
    pub(crate) fn dismiss(&mut self) -> Vec<i32> {
        self.idle.drain(..).map(|idle| idle.pid).collect()
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

/// Passes on what the supervisor `pid` wishes, until it has ended.
fn listen(pid: i32, mut supervisor: Child, output: ChildStdout, wakes: &Sender<Wake>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        // What is not understood is not answered, and the supervisor goes on alone after a while.
        if let Ok(wish) = serde_json::from_str(&line) {
            tell(wakes, Wake::Wish { pid, wish });
        }
    }
    let code = supervisor.wait().ok().and_then(|status| status.code());
    tell(wakes, Wake::SupervisorEnded { pid, code });
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

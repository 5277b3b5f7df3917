//! The dispatcher's loop: claim for all free slots in one update, wait until something happens, claim again.

use super::closing::{Ran, print_closing};
use super::crew::Crew;
use super::progress::Progress;
use super::signals::{Asked, listen, tell};
use super::supervisor::End;
use super::task_process::{GRACE, stop_group};
use crate::cli::How;
use crate::commands::Context;
use crate::exit::{Exit, Failure, with_causes};
use crate::watch::watch_file;
use atomic_io::{FileError, LockError, Wait};
use jiff::Timestamp;
use lock_core::ExclusiveLock;
use queue_cli::ops::{Batch, BatchRequest, OtherRun, claim_batch};
use queue_cli::{Board, Status, Task, tasks};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait at most before looking again. Changes are reported by the kernel; this is for what it may drop, and for
/// leases and other dispatchers' tasks, whose end nobody reports.
const SLOW_POLL: Duration = Duration::from_secs(2);
/// The same while tasks of a dispatcher that is gone are waited for.
const OTHERS_POLL: Duration = Duration::from_millis(200);
/// How long a queue may be unusable before a dispatcher with nothing to wait for gives up: editors have a file away, or half
/// saved, for milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a task may lose its supervisor before this dispatcher leaves it alone.
const KILLED_TIMES: u32 = 3;

/// Why the loop goes round.
pub(crate) enum Wake {
    SupervisorEnded { pid: i32, code: Option<i32> },
    QueueChanged,
    Asked(Asked),
}

/// Runs ready tasks in `slots` places until nothing is left that could become ready here. `folder` was made for the queue, and is told.
pub(crate) fn run(context: &Context, slots: u16, how: &How, folder: Option<&Path>) -> Result<Exit, Failure> {
    // Before anything is made: a missing or broken queue is an error, not a folder with a lock in it.
    tasks(&context.queue.read()?)?;
    check_cwd(how)?;
    let _only_one = one_dispatcher(context)?;
    let (sender, wakes) = mpsc::channel();
    let signals = sender.clone();
    listen(move |asked| tell(&signals, Wake::Asked(asked)))?;
    let changes = sender.clone();
    let _watcher = watch_file(context.queue.path(), move || {
        tell(&changes, Wake::QueueChanged);
    });
    let crew = Crew::new(context, how, slots, sender);
    let mut dispatcher = Dispatcher {
        context,
        slots,
        has_command: !how.command.is_empty(),
        crew,
        wakes,
        progress: Progress::new(&context.global, slots),
        ran: Vec::new(),
        given_up: Vec::new(),
        killed: HashMap::new(),
        unusable_since: None,
        stopping: HashSet::new(),
        closing: Closing::No,
        started: Instant::now(),
    };
    let outcome = dispatcher.run_to_the_end();
    dispatcher.progress.finish();
    outcome?;
    let can_run = |task: &Task| dispatcher.has_command || task.has_command;
    print_closing(context, &dispatcher.ran, folder, can_run, dispatcher.started.elapsed())?;
    Ok(dispatcher.exit())
}

/// How far the dispatcher is on its way out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    No,
    /// Claims nothing more and waits for what runs.
    Waiting,
    /// Has asked the tasks to stop.
    Stopping,
}

struct Dispatcher<'a> {
    context: &'a Context,
    slots: u16,
    has_command: bool,
    crew: Crew,
    wakes: Receiver<Wake>,
    progress: Progress,
    ran: Vec<Ran>,
    /// Tasks whose supervisor failed at its own work: claiming them again at once would fail again.
    given_up: Vec<String>,
    /// How often the supervisor of a task was killed: a task that takes its supervisor along would be run for ever.
    killed: HashMap<String, u32>,
    /// Since when the queue cannot be claimed from.
    unusable_since: Option<Instant>,
    /// Tasks of dead supervisors that are being stopped.
    stopping: HashSet<(String, u64)>,
    closing: Closing,
    started: Instant,
}

impl Dispatcher<'_> {
    fn run_to_the_end(&mut self) -> Result<(), Failure> {
        loop {
            let mut pause = SLOW_POLL;
            if self.closing == Closing::No {
                match self.claim() {
                    Ok(batch) => {
                        self.unusable_since = None;
                        if self.is_over(&batch) {
                            return Ok(());
                        }
                        if !batch.others.is_empty() {
                            pause = OTHERS_POLL;
                        }
                        self.stop_orphans(&batch.others);
                    }
                    Err(failure) => {
                        self.bear(failure)?;
                        pause = OTHERS_POLL;
                    }
                }
            } else if self.crew.working().is_empty() {
                return Ok(());
            }
            self.wait(pause);
        }
    }

    /// The queue could not be claimed from. As long as tasks run there is something to wait for, and time to try again; without any
    /// it may still be an editor that has the file away for a moment. An error is what remains after that.
    fn bear(&mut self, failure: Failure) -> Result<(), Failure> {
        if self.unusable_since.is_none() {
            self.progress.note(&format!("cannot claim: {}", failure.tell(self.context.queue.path())));
        }
        let since = *self.unusable_since.get_or_insert_with(Instant::now);
        // A lock has been waited for already, as long as was asked for.
        let patience = if failure.exit() == Exit::LockTimedOut { Duration::ZERO } else { PATIENCE };
        if self.crew.working().is_empty() && since.elapsed() >= patience { Err(failure) } else { Ok(()) }
    }

    /// Claims for every free slot, as far as tasks are ready, and hands the claims to supervisors.
    fn claim(&mut self) -> Result<Batch, Failure> {
        let free = usize::from(self.slots) - self.crew.working().len();
        if free == 0 {
            return Ok(Batch { left: 1, ..Batch::default() });
        }
        let ready = self.ready_without_lock()?;
        self.crew
            .have_idle(ready.min(free))
            .map_err(|error| Failure::because("cannot start a supervisor", error))?;
        let (idle, own) = (self.crew.idle_identities(), self.crew.identities());
        // A supervisor may have ended without our having heard of it. Its task is not claimed again before that end is counted.
        let working = self.crew.working().iter().map(|working| working.claim.id.clone());
        let except: Vec<String> = self.given_up.iter().cloned().chain(working).collect();
        let request = BatchRequest {
            agent: &self.context.agent,
            supervisors: &idle,
            own: &own,
            has_command: self.has_command,
            running: self.crew.working().len(),
            slots: usize::from(self.slots),
            except: &except,
        };
        let is_over = self.context.is_over();
        let committed =
            self.context.queue.commit(|document, now| claim_batch(document, now, &is_over, &request))?;
        if let Err(error) = committed.durability {
            self.progress.note(&with_causes(&error));
        }
        let batch = committed.value;
        for claim in &batch.claims {
            match self.crew.assign(claim.clone()) {
                Ok(working) => self.progress.began(working.slot, claim),
                // The supervisor has died. Its claim is over then, and is claimed again.
                Err(error) => self.progress.note(&format!("{}: its supervisor is gone: {error}", claim.id)),
            }
        }
        Ok(batch)
    }

    /// How many supervisors are worth starting; only a guess, the claim itself looks again under the lock.
    fn ready_without_lock(&self) -> Result<usize, Failure> {
        let document = self.context.queue.read()?;
        let tasks = tasks(&document)?;
        let is_over = self.context.is_over();
        let board = Board::new(&tasks, Timestamp::now(), &is_over);
        let wanted = |id: &String| !self.given_up.contains(id);
        Ok(board
            .ready()
            .iter()
            .filter(|task| (self.has_command || task.has_command) && wanted(&task.id))
            .count())
    }

    /// Whether nothing is left; `batch` was taken under the lock just now.
    fn is_over(&self, batch: &Batch) -> bool {
        self.crew.working().is_empty()
            && batch.claims.is_empty()
            && batch.left == 0
            && batch.others.is_empty()
    }

    /// Tasks that live on without a supervisor are stopped: nobody would write down their end. Then their claims are over.
    fn stop_orphans(&mut self, others: &[OtherRun]) {
        for other in others {
            let runs = self.context.queue.runs();
            if !runs.is_orphaned(&other.id, other.attempt, &other.supervisor) {
                continue;
            }
            let Some(group) = runs.group(&other.id, other.attempt) else { continue };
            if self.stopping.insert((other.id.clone(), other.attempt)) {
                self.progress
                    .note(&format!("{} lost its supervisor and is stopped, to be run again", other.id));
                let stopper = move || stop_group(&group, GRACE);
                if let Err(error) = thread::Builder::new().name("stop".into()).spawn(stopper) {
                    self.progress.note(&format!("cannot stop {}: {error}", other.id));
                }
            }
        }
    }

    /// Waits for the next thing to happen, and takes in everything that has happened until then.
    fn wait(&mut self, pause: Duration) {
        let mut wake = self.wakes.recv_timeout(pause).ok();
        while let Some(next) = wake {
            match next {
                Wake::SupervisorEnded { pid, code } => self.supervisor_ended(pid, code),
                Wake::Asked(asked) => self.asked(asked),
                Wake::QueueChanged => {}
            }
            wake = self.wakes.try_recv().ok();
        }
    }

    fn supervisor_ended(&mut self, pid: i32, code: Option<i32>) {
        let Some(working) = self.crew.ended(pid) else { return };
        let is = |exit: Exit| code == Some(exit as i32);
        let end = if is(Exit::Done) {
            End::Done
        } else if is(Exit::TasksFailed) {
            End::Failed(self.last_error(&working.claim.id))
        } else if is(Exit::Nothing) {
            End::Released
        } else if is(Exit::Conflict) {
            End::Lost("claimed or finished by somebody else".into())
        } else if code.is_none() {
            // Killed. What it leaves is found by the next claim: stopped, and run again.
            let times = self.killed.entry(working.claim.id.clone()).or_default();
            *times += 1;
            if *times >= KILLED_TIMES {
                self.given_up.push(working.claim.id.clone());
            }
            End::Lost("its supervisor was killed".into())
        } else {
            self.given_up.push(working.claim.id.clone());
            let log = self.context.queue.runs().supervisors_log();
            End::Lost(format!(
                "its supervisor failed (exit {}); see {}",
                code.unwrap_or_default(),
                log.display()
            ))
        };
        let took = working.since.elapsed();
        self.progress.ended(working.slot, &working.claim, &end, took);
        self.ran.push(Ran { id: working.claim.id, attempt: working.claim.attempt, end, took });
    }

    fn last_error(&self, id: &str) -> String {
        let tasks = self.context.queue.read().and_then(|document| tasks(&document)).unwrap_or_default();
        let task = tasks.into_iter().find(|task| task.id == id && task.status == Status::Failed);
        task.and_then(|task| task.last_error).unwrap_or_else(|| "failed".into())
    }

    fn asked(&mut self, asked: Asked) {
        self.closing = match (asked, self.closing) {
            (Asked::Interrupt, Closing::No) => {
                self.progress.note("no more tasks are started; press Ctrl-C again to stop those that run");
                Closing::Waiting
            }
            _ => {
                self.progress.note("stopping the tasks");
                self.crew.stop_all();
                Closing::Stopping
            }
        };
    }

    fn exit(&self) -> Exit {
        if self.ran.iter().any(|ran| matches!(ran.end, End::Failed(_))) {
            Exit::TasksFailed
        } else if self.closing != Closing::No || !self.given_up.is_empty() {
            Exit::Failure
        } else {
            Exit::Done
        }
    }
}

/// How long the lock of a dispatcher that was killed may outlive it: a supervisor that it was just starting has its descriptors
/// until it is a program of its own. Without the wait, one start in fifty right after a kill was refused.
const LAST_BREATH: Duration = Duration::from_secs(2);

/// A folder that is not there would fail every task of the queue, one after the other.
fn check_cwd(how: &How) -> Result<(), Failure> {
    match &how.cwd {
        Some(cwd) if !cwd.is_dir() => {
            Err(Failure::new(Exit::NotFound, format!("{} is no folder to run tasks in", cwd.display())))
        }
        _ => Ok(()),
    }
}

fn one_dispatcher(context: &Context) -> Result<ExclusiveLock, Failure> {
    let lock = context.queue.runs().dispatcher_lock();
    lock.exclusive(Wait::AtMost(LAST_BREATH)).map_err(|error| match error {
        LockError::Held { path } | LockError::TimedOut { path, .. } => Failure::new(
            Exit::Conflict,
            format!(
                "{} has a dispatcher already, which holds {}",
                context.queue.path().display(),
                path.display()
            ),
        ),
        error => FileError::from(error).into(),
    })
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::Queue(error.into())
    }
}

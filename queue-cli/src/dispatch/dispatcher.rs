//! The dispatcher's loop: claim for all free places in one update, wait until something happens, claim again.

use super::closing::{Ran, print_closing};
use super::crew::Crew;
use super::opening::{add_missing_events, check_how, one_dispatcher};
use super::others::Awaited;
use super::own_waits::OwnWaits;
use super::pause::{note_path, paused};
use super::places::Places;
use super::preempt::{Running, victims};
use super::progress::Progress;
use super::signals::{Asked, listen, tell};
use super::talk::Wish;
use super::turn::{Claiming, Wished};
use super::unchanged::Unchanged;
use crate::cli::Dispatch;
use crate::commands::Context;
use crate::exit::{Exit, Failure, with_causes};
use crate::watch::watch_file;
use jiff::Timestamp;
use queue_cli::ops::Batch;
use queue_cli::slots::Occupant;
use queue_cli::{Task, tasks};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long to wait at most before looking again. Changes are reported by the kernel; this is for what it may drop, and for
/// leases and other dispatchers' tasks, whose end nobody reports.
const SLOW_POLL: Duration = Duration::from_secs(2);
/// The same while tasks of a dispatcher that is gone are waited for.
const OTHERS_POLL: Duration = Duration::from_millis(200);
/// How long a queue may be unusable before a dispatcher with nothing to wait for gives up: editors have a file away, or half
/// saved, for milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long idle supervisors are waited for at the end. They go at once; one that was stopped by a signal does not.
const FAREWELL: Duration = Duration::from_secs(1);
/// How often a task may lose its supervisor, or give itself back, before this dispatcher leaves it alone.
pub(super) const BACK_TIMES: u32 = 3;

/// Why the loop goes round.
pub(crate) enum Wake {
    SupervisorEnded { pid: i32, code: Option<i32> },
    Wish { pid: i32, wish: Wish },
    QueueChanged,
    Asked(Asked),
}

/// Runs ready tasks until nothing is left that could become ready here, or with `--watch` until it is asked to end. `folder` was made
/// for the queue, and is told.
pub(crate) fn run(context: &Context, args: &Dispatch, folder: Option<&Path>) -> Result<Exit, Failure> {
    // Before anything is made: a missing or broken queue is an error, not a folder with a lock in it.
    tasks(&context.queue.read()?)?;
    check_how(context, &args.how)?;
    let places = Places::open(context, args)?;
    let _only_one = one_dispatcher(context)?;
    add_missing_events(context);
    let (sender, wakes) = mpsc::channel();
    let signals = sender.clone();
    listen(move |asked| tell(&signals, Wake::Asked(asked)))?;
    let _watchers = [context.queue.path(), &note_path(context)].map(|path| {
        let changes = sender.clone();
        watch_file(path, move || {
            tell(&changes, Wake::QueueChanged);
        })
    });
    let mut dispatcher = Dispatcher {
        context,
        args,
        has_command: !args.how.command.is_empty(),
        crew: Crew::new(context, args, sender),
        wakes,
        wishes: Vec::new(),
        progress: Progress::new(&context.global, &places.names()),
        places,
        ran: Vec::new(),
        given_up: Vec::new(),
        back: HashMap::new(),
        looked: Instant::now(),
        unusable_since: None,
        unchanged: Unchanged::default(),
        own_waits: OwnWaits::default(),
        awaited: Vec::new(),
        stopping: HashSet::new(),
        told: HashSet::new(),
        closing: Closing::No,
        started: Instant::now(),
    };
    let outcome = dispatcher.run_to_the_end();
    dispatcher.dismiss();
    dispatcher.write_slots();
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

pub(super) struct Dispatcher<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a Dispatch,
    pub(super) has_command: bool,
    pub(super) places: Places,
    pub(super) crew: Crew,
    wakes: Receiver<Wake>,
    /// What supervisors wish to have written down.
    pub(super) wishes: Vec<Wished>,
    pub(super) progress: Progress,
    pub(super) ran: Vec<Ran>,
    /// Tasks whose supervisor failed at its own work: claiming them again at once would fail again.
    pub(super) given_up: Vec<String>,
    /// How often the supervisor of a task was killed, or the task gave itself back: it would be run for ever.
    pub(super) back: HashMap<String, u32>,
    /// When the queue was looked at last.
    looked: Instant,
    /// Since when the queue cannot be claimed from.
    unusable_since: Option<Instant>,
    pub(super) unchanged: Unchanged,
    pub(super) own_waits: OwnWaits,
    /// What others run and is waited for.
    pub(super) awaited: Vec<Awaited>,
    /// Tasks of dead supervisors that are being stopped.
    pub(super) stopping: HashSet<(String, u64)>,
    /// What was said already, and is not said again.
    told: HashSet<String>,
    closing: Closing,
    started: Instant,
}

impl Dispatcher<'_> {
    fn run_to_the_end(&mut self) -> Result<(), Failure> {
        loop {
            if self.closing != Closing::No && self.crew.working().is_empty() {
                return Ok(());
            }
            if self.own_waits.end_those_over() {
                self.unchanged.forget();
            }
            let claiming = self.claiming();
            let mut pause = SLOW_POLL;
            let turn = if !self.wishes.is_empty() {
                Some(self.write_and_claim(claiming))
            } else if claiming == Claiming::No || self.unchanged.is(self.context.queue.path()) {
                None
            } else {
                pause = self.look_again_in();
                pause.is_zero().then(|| {
                    self.looked = Instant::now();
                    self.look_and_claim()
                })
            };
            match turn {
                None => {}
                Some(Ok(batch)) if claiming == Claiming::Yes => {
                    self.see_others(&batch.others);
                    if self.is_over(&batch) {
                        return Ok(());
                    }
                    pause = self.after(&batch);
                }
                Some(Ok(_)) => {}
                Some(Err(failure)) => {
                    self.bear(failure)?;
                    pause = OTHERS_POLL;
                }
            }
            self.write_slots();
            self.wait(self.own_waits.next().map_or(pause, |own| own.min(pause)));
        }
    }

    fn claiming(&mut self) -> Claiming {
        if self.closing != Closing::No {
            return Claiming::No;
        }
        let Some(by) = paused(self.context) else { return Claiming::Yes };
        self.tell_once(&format!("{by}; `queue resume` goes on"));
        Claiming::No
    }

    /// As long as every place is taken nothing can be claimed, and every task that begins changes the queue: so it is not looked at for each
    /// change. A task that others are to make room for does not wait for that.
    fn look_again_in(&self) -> Duration {
        let is_full = self.crew.working().len() >= self.places.number();
        if is_full && !self.args.preempt {
            OTHERS_POLL.saturating_sub(self.looked.elapsed())
        } else {
            Duration::ZERO
        }
    }

    /// What follows from a turn; how long to wait for the next.
    fn after(&mut self, batch: &Batch) -> Duration {
        self.unusable_since = None;
        self.stop_orphans(&batch.others);
        let working = self.crew.working().len();
        // There was more to claim than there were supervisors.
        if batch.left > 0 && self.crew.idle_identities().is_empty() && working < self.places.number() {
            return Duration::ZERO;
        }
        if self.args.preempt {
            self.make_room(batch.critical_left);
        }
        if !batch.others.is_empty() {
            return OTHERS_POLL;
        }
        let due = batch.next_retry.into_iter().chain(batch.next_lease).min();
        if batch.claims.is_empty() {
            self.unchanged.remember(due);
        }
        if let (Some(at), true) = (batch.next_retry, self.crew.working().is_empty()) {
            self.tell_once(&format!("waiting for a task that is to be tried again at {at:.0}"));
        }
        let until_due = due.map(|due| Timestamp::now().duration_until(due));
        until_due
            .and_then(|time| time.try_into().ok())
            .map_or(SLOW_POLL, |time: Duration| time.min(SLOW_POLL))
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

    /// Whether nothing is left.
    pub(super) fn is_over(&self, batch: &Batch) -> bool {
        !self.args.watch
            && self.crew.working().is_empty()
            && batch.claims.is_empty()
            && batch.left == 0
            && batch.others.is_empty()
            && batch.next_retry.is_none()
    }

    /// Stops tasks for so many of the highest class that are ready and find no place.
    fn make_room(&mut self, critical: usize) {
        let running = self.crew.working().iter().map(|working| Running {
            priority: working.claim.priority,
            since: working.since,
            is_leaving: working.is_leaving,
        });
        for number in victims(&running.collect::<Vec<_>>(), critical) {
            if let Some(claim) = self.crew.preempt(number) {
                self.progress.note(&format!("{} is stopped for a more urgent task", claim.id));
            }
        }
    }

    /// Waits for the next thing to happen, and takes in everything that has happened until then.
    fn wait(&mut self, pause: Duration) {
        let mut wake = self.wakes.recv_timeout(pause).ok();
        while let Some(next) = wake {
            match next {
                Wake::SupervisorEnded { pid, code } => self.supervisor_ended(pid, code),
                Wake::Wish { pid, wish } => self.wished(pid, wish),
                Wake::Asked(asked) => self.asked(asked),
                Wake::QueueChanged => {}
            }
            wake = self.wakes.try_recv().ok();
        }
    }

    /// Sends the supervisors away, and waits until they are gone, so that nothing of a dispatcher is left when it ends.
    fn dismiss(&mut self) {
        let mut leaving = self.crew.dismiss();
        let deadline = Instant::now() + FAREWELL;
        while !leaving.is_empty() {
            match self.wakes.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Wake::SupervisorEnded { pid, .. }) => leaving.retain(|leaving| *leaving != pid),
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }

    fn asked(&mut self, asked: Asked) {
        self.closing = match (asked, self.closing) {
            (Asked::Preempt, closing) => closing,
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

    pub(super) fn tell_once(&mut self, line: &str) {
        if self.told.insert(line.to_owned()) {
            self.progress.note(line);
        }
    }

    /// What is told of a queue's slots is worth no task: where it cannot be written, that is said once.
    fn write_slots(&mut self) {
        let mut occupants: Vec<Option<Occupant>> = vec![None; self.places.number()];
        let Some(file) = &mut self.places.file else { return };
        for working in self.crew.working() {
            if let Some(place) = occupants.get_mut(working.place) {
                let (task, kind) = (working.claim.id.clone(), working.claim.kind.clone());
                *place = Some(Occupant { task, kind, pid: working.pid, since: working.began });
            }
        }
        if let Err(error) = file.write(&occupants) {
            self.tell_once(&format!("the slots are not written down: {}", with_causes(&error)));
        }
    }

    fn exit(&self) -> Exit {
        if self.ran.iter().any(Ran::has_failed) {
            Exit::TasksFailed
        } else if (self.closing != Closing::No && !self.args.watch) || !self.given_up.is_empty() {
            Exit::Failure
        } else {
            Exit::Done
        }
    }
}

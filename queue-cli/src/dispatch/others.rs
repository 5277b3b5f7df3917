//! Tasks that run under supervisors that are not this dispatcher's: of a dispatcher that is gone, or of `queue run`. They take up places and are waited
//! for, so what becomes of them counts.

use super::closing::Ran;
use super::dispatcher::Dispatcher;
use super::supervisor::End;
use super::task_process::{GRACE, stop_group};
use queue_cli::ops::OtherRun;
use queue_cli::{ProcessIdentity, Status, Task};
use std::thread;
use std::time::Instant;

/// One that is waited for.
pub(super) struct Awaited {
    run: OtherRun,
    since: Instant,
    /// Whether it is in one of the slots of the file, and so was counted there when it began.
    is_in_slot: bool,
}

impl Dispatcher<'_> {
    /// Takes in which of them run now, and what became of those that do no more.
    pub(super) fn see_others(&mut self, others: &[OtherRun]) {
        let (awaited, ended): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.awaited).into_iter().partition(|awaited| others.contains(&awaited.run));
        self.awaited = awaited;
        for other in ended {
            self.other_ended(other);
        }
        for other in others {
            if self.awaited.iter().any(|awaited| awaited.run == *other) {
                continue;
            }
            let pid = other.supervisor.parse::<ProcessIdentity>().map(|supervisor| supervisor.pid);
            let under = pid.map(|pid| format!(" under process {pid}")).unwrap_or_default();
            let name = &other.id;
            self.progress.note(&format!("{name} runs already{under}; it takes up a slot and is waited for"));
            let is_in_slot = self.places.file.as_ref().is_some_and(|file| file.has_left(name));
            self.awaited.push(Awaited { run: other.clone(), since: Instant::now(), is_in_slot });
        }
    }

    fn other_ended(&mut self, awaited: Awaited) {
        let Awaited { run: OtherRun { id, attempt, .. }, since, is_in_slot } = awaited;
        let (end, again_at) = end_of(self.task(&id, attempt));
        if is_in_slot {
            self.count(&end);
        }
        let why = end.error().map(|error| format!(": {error}")).unwrap_or_default();
        self.progress.note(&format!("{id} {}{why}", end.word()));
        self.ran.push(Ran { id, attempt, end, again_at, took: since.elapsed() });
    }

    /// Tasks that live on without a supervisor are stopped: nobody would write down their end. Then their claims are over.
    pub(super) fn stop_orphans(&mut self, others: &[OtherRun]) {
        for other in others {
            let runs = self.context.queue.runs();
            if !runs.is_orphaned(&other.id, other.attempt, &other.supervisor) {
                continue;
            }
            let group = runs.group(&other.id, other.attempt);
            let Some(group) = group.filter(ProcessIdentity::group_is_alive) else {
                let who = runs.who_holds(&other.id, other.attempt);
                self.tell_once(&format!(
                    "{} lost its supervisor, and what it left in the background still runs: {who}",
                    other.id
                ));
                continue;
            };
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
}

/// What became of an attempt that runs no more, by what the queue says of its task; `None`: the task is at another attempt, or gone. With when it
/// is tried again.
fn end_of(task: Option<Task>) -> (End, Option<String>) {
    let Some(task) = task else { return (End::Lost("claimed or removed by somebody else".into()), None) };
    let error = || task.last_error.clone().unwrap_or_else(|| "failed".into());
    match (&task.status, &task.retry_at) {
        (Status::Completed, _) => (End::Done, None),
        (Status::Failed, _) => (End::Failed(error()), None),
        (Status::Pending, Some(at)) => (End::Failed(error()), Some(at.text.clone())),
        (Status::Pending, None) => (End::Released, None),
        (status, _) if status.is_in_hand() => (End::Lost("its supervisor was killed".into()), None),
        (status, _) => (End::Lost(format!("it is {status} now")), None),
    }
}

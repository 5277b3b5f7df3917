//! What a dispatcher makes of the end of a supervisor.

use super::closing::Ran;
use super::crew::{Finished, Working};
use super::dispatcher::{BACK_TIMES, Dispatcher};
use super::supervisor::End;
use crate::exit::Exit;
use jiff::Timestamp;
use queue_cli::slots::Metric;
use queue_cli::{Status, Task, tasks};

impl Dispatcher<'_> {
    pub(super) fn supervisor_ended(&mut self, pid: i32, code: Option<i32>) {
        self.unchanged.forget();
        // What it wished it has not been told of, and a dead one's task may not have come to that end.
        self.wishes.retain(|wished| !wished.is_of(pid));
        let Some(working) = self.crew.ended(pid) else { return };
        // One that was not answered in time and went on alone may have been given another task meanwhile, which its end says nothing of.
        let is = |exit: Exit| code == Some(exit as i32);
        let mut again_at = None;
        let has_ended = [Exit::Done, Exit::TasksFailed, Exit::Nothing, Exit::Conflict].into_iter().any(is);
        let end = if has_ended && !working.has_wished {
            End::Lost("its supervisor was gone before it began".into())
        } else if is(Exit::Done) {
            End::Done
        } else if is(Exit::TasksFailed) {
            let task = self.task(&working.claim.id, working.claim.attempt);
            again_at = task
                .as_ref()
                .filter(|task| task.status == Status::Pending)
                .and_then(|task| task.retry_at.as_ref().map(|at| at.text.clone()));
            End::Failed(task.and_then(|task| task.last_error).unwrap_or_else(|| "failed".into()))
        } else if is(Exit::Nothing) {
            if working.is_leaving { End::Preempted } else { End::Released }
        } else if is(Exit::Conflict) {
            let is_pending = |task: Task| task.status == Status::Pending;
            if self.task(&working.claim.id, working.claim.attempt).is_some_and(is_pending) {
                self.came_back(&working.claim.id);
                End::Released
            } else {
                End::Lost("claimed or finished by somebody else".into())
            }
        } else if code.is_none() {
            // Killed. What it leaves is found by the next claim: stopped, and run again.
            self.came_back(&working.claim.id);
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
        let Working { place, claim, since, .. } = working;
        self.account(Finished { place, claim, since }, end, again_at, Timestamp::now());
    }

    /// Counts that a task is to be run again without having come to an end.
    fn came_back(&mut self, id: &str) {
        let times = self.back.entry(id.to_owned()).or_default();
        *times += 1;
        if *times >= BACK_TIMES {
            self.given_up.push(id.to_owned());
        }
    }

    /// What the task of a supervisor came to, as of `now`.
    pub(super) fn account(&mut self, finished: Finished, end: End, again_at: Option<String>, now: Timestamp) {
        self.unchanged.forget();
        self.count(&end);
        let Finished { place, claim, since } = finished;
        if let Some(again_at) = &again_at {
            self.own_waits.begin(&claim.id, again_at, now);
        }
        let took = since.elapsed();
        let name = self.places.get(place).map(|place| place.name.clone()).unwrap_or_default();
        self.progress.ended(place, &name, &claim, &end, took);
        self.ran.push(Ran { id: claim.id, attempt: claim.attempt, end, again_at, took });
    }

    pub(super) fn count(&mut self, end: &End) {
        let metric = match end {
            End::Done => Metric::Completed,
            End::Failed(_) => Metric::Failed,
            End::Preempted => Metric::Preempted,
            End::Released | End::Lost(_) => return,
        };
        if let Some(file) = &mut self.places.file {
            file.count(metric);
        }
    }

    /// The task, if it is still at this attempt.
    pub(super) fn task(&self, id: &str, attempt: u64) -> Option<Task> {
        let tasks = self.context.queue.read().and_then(|document| tasks(&document)).unwrap_or_default();
        tasks.into_iter().find(|task| task.id == id && task.attempt == Some(attempt))
    }
}

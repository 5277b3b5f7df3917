//! Dispatchers, supervisors and tasks are killed with -9. What the tasks write down themselves decides.

pub(super) mod dispatchers;
pub(super) mod everything;
pub(super) mod supervisors;
pub(super) mod time_limit;

use crate::engine::{Failure, Finished, Random, Stage, fail};
use rustix::process::{Pid, Signal, kill_process};

/// The supervisors that live now, idle ones too.
fn supervisors(stage: &Stage) -> Vec<Pid> {
    let is_supervisor = |words: &[String]| words.get(1).is_some_and(|word| word == "supervise");
    stage.living().into_iter().filter(|(_, words)| is_supervisor(words)).map(|(pid, _)| pid).collect()
}

/// SIGKILL; whether it still lived.
fn kill(pid: Pid) -> bool {
    kill_process(pid, Signal::KILL).is_ok()
}

/// Puts them into a random order.
fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for last in (1..items.len()).rev() {
        let other = usize::try_from(random.between(0, last as u64 + 1)).unwrap_or(last);
        items.swap(last, other);
    }
}

/// A dispatcher that ended by itself: there was nothing left, or it has left a task alone whose supervisor was killed again and again.
fn ended_well(dispatcher: &Finished) -> Result<(), Failure> {
    match dispatcher.status.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(fail(format!("{} {}: {}", dispatcher.name, dispatcher.status, dispatcher.said()))),
    }
}

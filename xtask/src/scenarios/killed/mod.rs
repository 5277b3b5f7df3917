//! Dispatchers, supervisors and tasks are killed with -9. What the tasks write down themselves decides.

pub(super) mod dispatchers;
pub(super) mod everything;
pub(super) mod supervisors;
pub(super) mod time_limit;

use crate::engine::{Failure, Finished, Random, Stage, fail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;

/// The supervisors that live now, idle ones too.
fn supervisors(stage: &Stage) -> Vec<Pid> {
    let living = stage.living().into_iter().filter(|(_, words)| is_supervisor(words));
    let called_so: Vec<Pid> = living.map(|(pid, _)| pid).collect();
    called_so.iter().copied().filter(|pid| !is_task_of(*pid, &called_so)).collect()
}

fn is_supervisor(words: &[String]) -> bool {
    words.get(1).is_some_and(|word| word == "supervise")
}

/// Whether it was started by one of the supervisors. Until a task is a program of its own it goes by the name of its supervisor; to kill it
/// would be to make the task fail.
fn is_task_of(pid: Pid, supervisors: &[Pid]) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    // The name of the program may hold anything, brackets too.
    let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(1));
    let parent = parent.and_then(|parent| Pid::from_raw(parent.parse().ok()?));
    parent.is_some_and(|parent| supervisors.contains(&parent))
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

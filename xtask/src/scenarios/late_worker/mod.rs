//! A claim that is over, and one that is not, whatever its holder believes.
//!
//! A worker with a lease is suspended beyond it, somebody else gets its task, and it wakes up and goes on. A worker that `queue run` attends
//! loses its supervisor to SIGKILL: the task is free as soon as nothing of it lives, and not before.

mod attended;
mod leased;

use crate::engine::{Client, Explain, Failure, Fault, Invariant, Scenario, Stage, Tool, Verdict};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "late-worker",
    proves: "a worker that was suspended beyond its lease can say nothing any more; one that was killed frees its task once nothing of it lives",
    clients: &[Client::Queue],
    faults: &[Fault::Suspend("a worker, beyond its lease"), Fault::Kill("supervisors, then their tasks")],
    upholds: &[Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

/// The task that all this is about.
const TASK: &str = "T";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let (late, killed) = (stage.rounds(2, 12), stage.rounds(3, 40));
    let mut refused = 0;
    for round in 0..late {
        stage.step(&format!("suspended, {round} of {late}"));
        refused += leased::round(stage, round).explain(format_args!("suspended, round {round}"))?;
    }
    for habit in attended::HABITS {
        stage.step(&format!("killed, {}", habit.name));
        attended::round(stage, habit).explain(format_args!("killed, {}", habit.name))?;
    }
    let mut random = stage.random();
    for round in 0..killed {
        stage.step(&format!("killed at any moment, {round} of {killed}"));
        attended::at_any_moment(stage, round, &mut random)
            .explain(format_args!("killed at any moment, round {round}"))?;
    }
    let habits = attended::HABITS.len();
    Ok(format!(
        "{late} suspended beyond their leases, {refused} times refused; {habits} tasks outlived their supervisors, {killed} killed at any moment"
    )
    .into())
}

/// A folder with a queue in which the task can be claimed, beside one that cannot.
fn queue_in(stage: &Stage, name: &str) -> Result<PathBuf, Failure> {
    let folder = stage.data().join(name);
    fs::create_dir(&folder).explain(folder.display())?;
    let text = format!(
        "# One to be had.\ntasks:\n  - id: {TASK}   # this one\n    status: pending\n  - id: LATER\n    status: pending\n    blockedBy: [{TASK}]\n"
    );
    fs::write(folder.join("q.yaml"), text).explain(folder.display())?;
    Ok(folder)
}

fn queue(stage: &Stage, folder: &Path, words: &[&str]) -> Result<Command, Failure> {
    let mut queue = stage.program("queue")?;
    queue.current_dir(folder).args(["-f", "q.yaml", "--lock-timeout", "100s"]).args(words);
    Ok(queue)
}

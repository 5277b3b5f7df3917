//! A program that is started while a lock is held, and lives on.

use super::{announced, had_at_once, tell};
use crate::engine::{Client, Explain, Failure, Fault, Invariant, Scenario, Stage, Tool, Verdict};
use rustix::process::{Pid, Signal, kill_process};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "lock-not-inherited",
    proves: "a program started while a lock is held does not keep it, whether the holder gives it back or is killed",
    clients: &[Client::Crates],
    faults: &[Fault::Kill("the holder")],
    upholds: &[Invariant::WaitsAreBounded],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Proc],
    bound: Duration::from_secs(60),
    run,
};

const LOCK: &str = "a.lock";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let rounds = stage.rounds(5, 60);
    for round in 0..rounds {
        stage.step(&format!("round {round} of {rounds}"));
        given_back(stage, round)?;
        killed(stage, round)?;
    }
    Ok(format!(
        "{rounds} holders gave the lock back and {rounds} were killed, each with two programs left behind"
    )
    .into())
}

fn given_back(stage: &Stage, round: u64) -> Result<(), Failure> {
    let [held, release, stop] = ["held", "release", "stop"].map(|name| format!("{round}.{name}"));
    let words = ["lock-hold", LOCK, &held, &release, "--leave-programs", "--stop", &stop];
    let mut holder = stage.start(&mut stage.client(&words), &format!("{round}-gives-back"))?;
    announced(stage, &mut holder, &held)?;
    let left = left_behind(stage)?;
    tell(stage, &release)?;
    // `expect` would not do: it is to live on, so that only the giving back makes the lock free.
    let log = stage.folder().join("logs").join(format!("{round}-gives-back.out"));
    stage.until(|| Ok(std::fs::read_to_string(&log)?.contains("released")))?;
    had_at_once(stage, LOCK, "after its holder had given it back")?;
    tell(stage, &stop)?;
    holder.finish()?.expect(0)?;
    end(&left)
}

fn killed(stage: &Stage, round: u64) -> Result<(), Failure> {
    let [held, release] = ["held", "release"].map(|name| format!("{round}.killed-{name}"));
    let words = ["lock-hold", LOCK, &held, &release, "--leave-programs"];
    let mut holder = stage.start(&mut stage.client(&words), &format!("{round}-killed"))?;
    announced(stage, &mut holder, &held)?;
    let left = left_behind(stage)?;
    holder.kill()?;
    had_at_once(stage, LOCK, "after its holder was killed")?;
    end(&left)
}

/// The programs that the holder has started. Both must be there, or nothing is tried.
fn left_behind(stage: &Stage) -> Result<Vec<Pid>, Failure> {
    let mut found = Vec::new();
    stage.until(|| {
        let sleeps = |words: &[String]| words.first().is_some_and(|word| word == "sleep");
        found = stage.living().into_iter().filter(|(_, words)| sleeps(words)).map(|(pid, _)| pid).collect();
        Ok(found.len() == 2)
    })?;
    Ok(found)
}

/// They must have lived until now: a program that has ended keeps no lock.
fn end(left: &[Pid]) -> Result<(), Failure> {
    for pid in left {
        kill_process(*pid, Signal::KILL).explain("a program that was left behind is gone too early")?;
    }
    Ok(())
}

//! Somebody removes the lock file, over and over, while it is used.
//!
//! `rm -f *.lock` is what people do to locks, and "take it, then unlink it" is what careful cleaners do. Either way a process
//! that waited for the removed file is granted a lock which nobody who comes later can see. lock-core therefore compares the
//! file it got with the path. Without that comparison this scenario sees two processes inside within a second.

use crate::engine::{Client, Explain, Failure, Fault, Invariant, Scenario, Stage, Tool, Verdict, fail};
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "lock-file-removed",
    proves: "two processes are never inside together, although the lock file is removed under them all the time",
    clients: &[Client::Crates],
    faults: &[Fault::LockFileRemoved],
    upholds: &[Invariant::OneHoldOneRead],
    processes: &[5, 16],
    filesystems: Scenario::HERE,
    needs: &[Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut random = stage.random();
    let times = stage.rounds(400, 5_000);
    fs::write(stage.data().join("counter"), "0")?;
    let mut clients = Vec::new();
    for n in 0..stage.processes() {
        let seed = random.next().to_string();
        let words = [
            "lock-turns",
            "--lock",
            "a.lock",
            "--marker",
            "inside",
            "--counter",
            "counter",
            "--stop",
            "stop",
        ];
        let mut command = stage.client(&words);
        clients.push(stage.start(command.args(["--seed", &seed]), &format!("client-{n}"))?);
    }
    let (times, seed) = (times.to_string(), random.next().to_string());
    let words = ["remove-lock-file", "--lock", "a.lock", "--times", &times, "--seed", &seed];
    let remover = stage.start(&mut stage.client(&words), "remover")?;
    stage.step(&format!("{times} removals under {} clients", stage.processes()));
    let removed = remover.finish()?.expect(0)?.number_after("removed")?;

    fs::write(stage.data().join("stop"), "")?;
    let (mut turns, mut overlaps) = (0, 0);
    for client in clients {
        let finished = client.finish()?.expect(0)?;
        turns += finished.number_after("turns")?;
        overlaps += finished.number_after("overlaps")?;
    }
    let counter = fs::read_to_string(stage.data().join("counter"))?;
    let counted =
        counter.trim().parse::<u64>().explain(format_args!("the counter is not a number but `{counter}`"))?;
    judge(turns, overlaps, counted)?;
    Ok(format!("{removed} removals, {turns} turns, no two at once").into())
}

fn judge(turns: u64, overlaps: u64, counted: u64) -> Result<(), Failure> {
    if overlaps > 0 {
        return Err(fail(format!("{overlaps} times of {turns} a process was inside while another one was")));
    }
    if counted != turns {
        return Err(fail(format!("{turns} turns were taken but the counter says {counted}")));
    }
    if turns == 0 {
        return Err(fail("no client ever got the lock"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn an_overlap_a_lost_turn_and_an_idle_run_are_refused() {
        assert!(judge(100, 0, 100).is_ok());
        assert!(judge(100, 1, 100).is_err());
        assert!(judge(100, 0, 99).is_err());
        assert!(judge(0, 0, 0).is_err());
    }
}

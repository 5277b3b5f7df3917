//! How much memory commands take in a large queue: its peak, which is nearly the same on every machine.

use crate::engine::{Client, Explain, Failure, Scenario, Stage, Verdict, fail};
use crate::made_queue::MadeQueue;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "queue-memory",
    proves: "listing, claiming and finishing in a queue of 10,000 tasks (4 MB) take less than 60 MB of memory each",
    clients: &[Client::Crates],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[],
    bound: Duration::from_secs(120),
    run,
};

const TASKS: u32 = 10_000;
const MOST: u64 = 60_000_000;

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    fs::write(stage.data().join("queue.yaml"), MadeQueue { tasks: TASKS }.text())?;
    let mut claim = stage.program("queue")?;
    let claimed = stage.finish(claim.args(["--agent", "bench", "claim"]), "claimed")?.expect(0)?.stdout;
    let id = claimed.split_whitespace().next().ok_or_else(|| fail("nothing was claimed"))?;
    let list = stage.finish(stage.program("queue")?.arg("list"), "list")?.expect(0)?.stdout;
    if list.lines().count() < TASKS as usize {
        return Err(fail(format!("only {} lines for {TASKS} tasks", list.lines().count())));
    }
    let mut told = Vec::new();
    for words in [&["list"][..], &["claim"], &["done", id, "--agent", "bench"]] {
        let peak = peak(stage, words)?;
        let command = words[0];
        if peak >= MOST {
            return Err(fail(format!("`queue {command}` had {peak} bytes resident, {MOST} are too many")));
        }
        told.push(format!("{command} {} MB", peak / 1_000_000));
    }
    Ok(told.join(", ").into())
}

/// The most bytes that were resident.
fn peak(stage: &Stage, words: &[&str]) -> Result<u64, Failure> {
    let mut client = stage.client(&["peak", "--"]);
    client.arg(stage.program_path("queue")?).args(words);
    let said = stage.finish(&mut client, &format!("peak-{}", words[0]))?.expect(0)?.stdout;
    said.trim().parse::<u64>().explain(format_args!("the client says `{said}`"))
}

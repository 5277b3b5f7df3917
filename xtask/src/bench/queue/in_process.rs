//! Workers that stay: each step is one call in a process that runs already.

use super::contestant;
use super::peers::Peer;
use crate::bench::measure::{Figure, Measure, Unit};
use crate::engine::{Explain, Failure, Running, Stage, Tool, fail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPT: &str = include_str!("../../../clients/bench_sqlite.py");

const OURS: &str = "queue-cli";
const OURS_WITHOUT: &str = "queue-cli, without events";
const SQLITE: &str = "SQLite (WAL, FULL), from Python";
/// How many tasks are worked off, in a queue of so many.
const COURSES: [(&str, u32, u32); 3] =
    [("of 100 tasks", 100, 20), ("of 1,000 tasks", 1_000, 60), ("of 10,000 tasks", 10_000, 15)];

pub(super) fn alone() -> Measure {
    measure("Tasks claimed and finished by one process that stays", 1)
}

pub(super) fn together() -> Measure {
    measure("The same by five processes at once", 5)
}

fn measure(name: &'static str, processes: u32) -> Measure {
    let each = |name, needs: &[Tool], peer: Peer| {
        contestant(name, needs, move |stage| {
            COURSES
                .iter()
                .map(|(_, tasks, taken)| rate(stage, peer, *tasks, processes, taken / processes))
                .collect()
        })
    };
    let figure =
        |&(name, ..): &(&'static str, u32, u32)| Figure { name, unit: Unit::PerSecond, is_compared: true };
    Measure {
        name,
        told: "Tasks in a second, each of them two durable steps: claim the next one, and finish it. `queue-cli` writes an event for each step besides.",
        figures: COURSES.iter().map(figure).collect(),
        contestants: vec![
            each(OURS, &[], Peer::Ours),
            each(OURS_WITHOUT, &[], Peer::OursWithoutEvents),
            each(SQLITE, &[Tool::Sqlite, Tool::PyYaml], Peer::Sqlite),
        ],
        targets: Vec::new(),
    }
}

/// Tasks in a second, from the first begin to the last end.
fn rate(stage: &Stage, peer: Peer, tasks: u32, processes: u32, each: u32) -> Result<f64, Failure> {
    let queue = peer.queue(stage, tasks)?;
    let (folder, times) = (queue.parent().unwrap_or(&queue).to_owned(), each.to_string());
    let begin = folder.join("begin");
    let ready: Vec<PathBuf> = (0..processes).map(|number| folder.join(format!("ready-{number}"))).collect();
    let mut workers = Vec::new();
    for (number, ready) in ready.iter().enumerate() {
        let mut worker = worker(stage, peer, &[&queue, ready, &begin])?;
        worker.arg(&times);
        workers.push(stage.start(&mut worker, &format!("worker-{number}"))?);
    }
    stage.until(|| Ok(ready.iter().all(|file| file.exists()) || any_ended(&mut workers)?))?;
    File::create(&begin).explain(begin.display())?;
    let (mut first, mut last) = (u64::MAX, 0_u64);
    for worker in workers {
        let said = worker.finish()?.expect(0)?.stdout;
        // Workers of one name say it one after the other into one file.
        let times = said.lines().last().and_then(|line| line.split_once(' '));
        let (begun, ended) = times.ok_or_else(|| fail(format!("a worker says `{said}`")))?;
        first = first.min(begun.parse::<u64>().explain(begun)?);
        last = last.max(ended.parse::<u64>().explain(ended)?);
    }
    fs::remove_file(&begin).explain(begin.display())?;
    let seconds = last.saturating_sub(first) as f64 / 1e9;
    Ok(f64::from(processes * each) / seconds)
}

fn worker(stage: &Stage, peer: Peer, files: &[&Path; 3]) -> Result<Command, Failure> {
    let mut command = match peer {
        Peer::Sqlite => stage.python("bench_sqlite.py", SCRIPT)?,
        _ => stage.client(&["bench-claims"]),
    };
    command.args(files);
    if peer == Peer::OursWithoutEvents {
        command.arg("--no-events");
    }
    Ok(command)
}

fn any_ended(workers: &mut [Running]) -> Result<bool, Failure> {
    for worker in workers {
        if !worker.is_running()? {
            return Ok(true);
        }
    }
    Ok(false)
}

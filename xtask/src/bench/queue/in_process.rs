//! Workers that stay: each claim is one call in a process that runs already.

use super::peers::Peer;
use crate::bench::measure::{Contestant, Figure, Height, Measure, Picture, Unit};
use crate::engine::{Explain, Failure, Running, Stage, Tool, fail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const SQLITE_SCRIPT: &str = include_str!("../../../clients/bench_sqlite.py");
const PYTHON_SCRIPT: &str = include_str!("../../../clients/bench_queue.py");

const OURS: &str = "queue-cli";
const OURS_WITHOUT: &str = "queue-cli, without events";
const SQLITE: &str = "SQLite (WAL, FULL), from Python";
const PYTHON: &str = "Python (syncs nothing)";

/// How many are in the queue.
const SIZES: [(&str, u32); 3] = [("100 tasks", 100), ("1,000 tasks", 1_000), ("10,000 tasks", 10_000)];
/// How many processes claim at a time: up to eight for each processor of a small machine; everybody waits for the lock long before that.
const PROCESSES: [(&str, u32); 5] =
    [("1 process", 1), ("2 processes", 2), ("4 processes", 4), ("8 processes", 8), ("16 processes", 16)];
/// In a queue of how many tasks they do.
const CROWDED: u32 = 1_000;
/// Of Python's no more than these: one claim takes a third of a second, and the others wait.
const PYTHONS: u32 = 8;

pub(super) fn alone() -> Measure {
    let each = |name, needs: &[Tool], peer: Peer| {
        Contestant::new(name, needs, move |stage| {
            SIZES.iter().map(|(_, tasks)| rate(stage, peer, *tasks, 1, peer.claims_of_one(*tasks))).collect()
        })
    };
    Measure {
        name: "Claims by one process that stays",
        told: "In a second, each of them durable but for Python's, which parses the queue and writes it anew each time (PyYAML with its C loader, flock, os.replace). `queue-cli` \
               writes an event for each claim besides.",
        figures: SIZES.iter().map(|(name, _)| rate_of(name)).collect(),
        contestants: vec![
            each(OURS, &[], Peer::Ours),
            each(OURS_WITHOUT, &[], Peer::OursWithoutEvents),
            each(SQLITE, &[Tool::Sqlite, Tool::PyYaml], Peer::Sqlite),
            each(PYTHON, &[Tool::PyYaml], Peer::Python),
        ],
        targets: Vec::new(),
        picture: Some(Picture {
            file: "claims-in-process",
            title: "Claims by one process that stays",
            across: "tasks in the queue",
            places: SIZES.iter().map(|(_, tasks)| f64::from(*tasks)).collect(),
            up: "claims in a second",
            height: Height::Figure,
        }),
    }
}

pub(super) fn together() -> Measure {
    let each = |name, needs: &[Tool], peer: Peer| {
        Contestant::new(name, needs, move |stage| {
            PROCESSES
                .iter()
                .filter(|(_, processes)| peer != Peer::Python || *processes <= PYTHONS)
                .map(|(_, processes)| rate(stage, peer, CROWDED, *processes, peer.claims_of_each(*processes)))
                .collect()
        })
    };
    Measure {
        name: "Claims by several processes at once",
        told: "As above, all processes together, in a queue of 1,000 tasks.",
        figures: PROCESSES.iter().map(|(name, _)| rate_of(name)).collect(),
        contestants: vec![
            each(OURS, &[], Peer::Ours),
            each(SQLITE, &[Tool::Sqlite, Tool::PyYaml], Peer::Sqlite),
            each(PYTHON, &[Tool::PyYaml], Peer::Python).stopping("each waits seconds for the others"),
        ],
        targets: Vec::new(),
        picture: Some(Picture {
            file: "claims-by-processes",
            title: "Claims by several processes at once",
            across: "processes",
            places: PROCESSES.iter().map(|(_, processes)| f64::from(*processes)).collect(),
            up: "claims in a second, in a queue of 1,000 tasks",
            height: Height::Figure,
        }),
    }
}

const fn rate_of(name: &'static str) -> Figure {
    Figure { name, unit: Unit::PerSecond, is_compared: true }
}

impl Peer {
    /// As many as take the better part of a second, if it is not one that takes longer.
    fn claims_of_one(self, tasks: u32) -> u32 {
        match self {
            Self::Python if tasks > 1_000 => 1,
            Self::Python => 4,
            _ if tasks > 1_000 => 20,
            _ => 50,
        }
    }

    /// At least one for each; as many in all, however many they are, where that can be.
    fn claims_of_each(self, processes: u32) -> u32 {
        let in_all = if self == Self::Python { 2 } else { 96 };
        (in_all / processes).max(1)
    }
}

/// Claims in a second, from the first begin to the last end.
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
        Peer::Sqlite => stage.python("bench_sqlite.py", SQLITE_SCRIPT)?,
        Peer::Python => stage.python("bench_queue.py", PYTHON_SCRIPT)?,
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

//! The queue: one claim by a command, other verbs, claims in process, and the memory of it all.

mod in_process;
mod memory;
mod peers;

use crate::bench::measure::{Bound, Contestant, Figure, Height, Measure, Picture, Target, Unit};
use crate::engine::Tool;
use peers::Peer;

pub(crate) fn measures() -> Vec<Measure> {
    vec![claim(), other_verbs(), in_process::alone(), in_process::together(), memory::peak()]
}

const OURS: &str = "`queue`";
const OURS_WITHOUT: &str = "`queue --no-events`";
const SQLITE: &str = "`sqlite3` (WAL, FULL)";
const PYTHON: &str = "Python (syncs nothing)";
const YQ: &str = "bash, four times `yq` (syncs nothing)";

const fn time(name: &'static str) -> Figure {
    Figure { name, unit: Unit::Nanoseconds, is_compared: true }
}

/// A size, how many times as long Python is to take at least, and how much of the time of `sqlite3` we are to take at most.
const SIZES: [(&str, u32, f64, f64); 3] =
    [("100 tasks", 100, 30.0, 0.8), ("1,000 tasks", 1_000, 80.0, 1.2), ("10,000 tasks", 10_000, 300.0, 5.0)];

fn claim() -> Measure {
    let each = |name, needs: &[Tool], peer: Peer| {
        Contestant::new(name, needs, move |stage| {
            SIZES.iter().map(|(_, tasks, ..)| peer.claims(stage, *tasks)).collect()
        })
    };
    let targets = SIZES.iter().flat_map(|&(figure, _, python, sqlite)| {
        let target = |contestant, least, when_missed| Target {
            contestant,
            figure,
            bound: Bound::RatioAtLeast(least),
            when_missed,
        };
        [
            target(PYTHON, python, "we sync twice for the queue and once for its events, and Python syncs nothing"),
            target(
                SQLITE,
                1.0 / sqlite,
                "the file is read, outlined, written and synced whole, and SQLite writes pages; ours has a second file with events to sync",
            ),
        ]
    });
    Measure {
        name: "A claim of the next task, by a command",
        told: "From the start to the end of the process, in a queue of 40 KB, 400 KB or 4 MB that is in use already. Each time another task is claimed, which is looked \
               for in the file. `queue` is durable and writes an event; so is the transaction of `sqlite3`. Python (PyYAML with its C loader, flock, os.replace) and \
               bash with `yq` (the one on top of jq, under flock) write everything anew, without its comments, and sync nothing.",
        figures: SIZES.iter().map(|(name, ..)| time(name)).collect(),
        contestants: vec![
            each(OURS, &[], Peer::Ours),
            each(OURS_WITHOUT, &[], Peer::OursWithoutEvents),
            each(SQLITE, &[Tool::Sqlite], Peer::Sqlite),
            each(PYTHON, &[Tool::PyYaml], Peer::Python),
            each(YQ, &[Tool::Yq], Peer::Yq),
        ],
        targets: targets.collect(),
        picture: Some(Picture {
            file: "claims-by-commands",
            title: "Claims by commands, one after the other",
            across: "tasks in the queue",
            places: SIZES.iter().map(|(_, tasks, ..)| f64::from(*tasks)).collect(),
            up: "claims in a second",
            height: Height::InASecond,
        }),
    }
}

fn other_verbs() -> Measure {
    let each = |name, needs: &[Tool], peer: Peer| {
        Contestant::new(name, needs, move |stage| {
            let mut figures = Vec::new();
            for tasks in [1_000, 10_000] {
                figures.push(peer.lists(stage, tasks)?);
                figures.push(peer.finishes(stage, tasks)?);
            }
            Ok(figures)
        })
    };
    let figures = ["list, 1,000 tasks", "done, 1,000 tasks", "list, 10,000 tasks", "done, 10,000 tasks"];
    Measure {
        name: "Listing all tasks and finishing one, by a command",
        told: "As above. `list` goes through a pipe, and says of every task why it waits, which `sqlite3` does not.",
        figures: figures.map(time).into(),
        contestants: vec![each(OURS, &[], Peer::Ours), each(SQLITE, &[Tool::Sqlite], Peer::Sqlite)],
        targets: Vec::new(),
        picture: None,
    }
}

//! The calls of a free lock.
//!
//! Two runs of different length are compared, so that what a process does once does not matter.

use super::{Calls, count, total};
use crate::client::How;
use crate::engine::{Client, Failure, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::call_counts::{Counts, per_turn};
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "lock-calls",
    proves: "taking a free lock and giving it back costs the system calls that are documented, and not one more",
    clients: &[Client::Crates],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace],
    bound: Duration::from_secs(60),
    run,
};

/// How many turns the longer run has more.
const TURNS: u64 = 1_000;

/// A way to lock, and its calls for each turn.
struct Way {
    told: &'static str,
    how: How,
    calls: Calls,
}

const WAYS: &[Way] = &[
    Way {
        told: "without record",
        how: How::OursWithoutRecord,
        calls: &[("openat", 1), ("statx", 2), ("flock", 2), ("close", 1), ("getpid", 6)],
    },
    Way {
        told: "with record",
        how: How::Ours,
        calls: &[
            ("openat", 1),
            ("statx", 2),
            ("flock", 2),
            ("close", 1),
            ("pread64", 1),
            ("pwrite64", 2),
            ("getpid", 7),
        ],
    },
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    for way in WAYS {
        let (few, many) = (turns(stage, way, 100)?, turns(stage, way, 100 + TURNS)?);
        per_turn(&few, &many, TURNS, way.calls).map_err(|what| fail(format!("{}: {what}", way.told)))?;
    }
    let totals: Vec<_> = WAYS.iter().map(|way| format!("{} {}", total(way.calls), way.told)).collect();
    Ok(format!("calls for a turn: {}", totals.join(", ")).into())
}

fn turns(stage: &Stage, way: &Way, times: u64) -> Result<Counts, Failure> {
    fs::write(stage.data().join("a.lock"), "")?;
    let (how, times) = (way.how.word(), times.to_string());
    let words = ["client", "bench-lock", "alone", &how, "--lock", "a.lock", "--times", &times];
    count(stage, &format!("{how}-{times}"), stage.client_path(), &words)
}

#[cfg(test)]
mod tests {
    use super::super::assert_documented;
    use super::WAYS;

    #[test]
    fn the_documentation_has_the_same_numbers() {
        WAYS.iter().for_each(|way| assert_documented(way.told, way.calls));
    }
}

//! The calls of an append to a log.
//!
//! Two runs of different length are compared, so that what a process does once does not matter; and two logs, because length is not to matter either.

use super::{Calls, count, total};
use crate::engine::{Client, Failure, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::call_counts::{Counts, per_turn};
use atomic_io::EventLog;
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "append-calls",
    proves: "an append to a log costs the system calls that are documented, and not one more, however long the log is",
    clients: &[Client::Crates],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace],
    bound: Duration::from_secs(60),
    run,
};

/// How many appends the longer run has more.
const TURNS: u64 = 1_000;
/// How many records the logs have before.
const LENGTHS: [usize; 2] = [1_000, 100_000];
/// The calls of one append.
const APPEND: Calls = &[
    ("openat", 2),
    ("close", 2),
    ("statx", 11),
    ("flock", 2),
    ("pread64", 2),
    ("pwrite64", 2),
    ("lseek", 1),
    ("write", 1),
    ("fdatasync", 1),
    ("getpid", 7),
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    for length in LENGTHS {
        let (few, many) = (appends(stage, length, 100)?, appends(stage, length, 100 + TURNS)?);
        let outcome = per_turn(&few, &many, TURNS, APPEND);
        outcome.map_err(|what| fail(format!("at {length} records: {what}")))?;
    }
    let total = total(APPEND);
    Ok(format!("{total} calls for an append, at {} records and at {}", LENGTHS[0], LENGTHS[1]).into())
}

fn appends(stage: &Stage, length: usize, times: u64) -> Result<Counts, Failure> {
    let name = format!("{length}-{times}");
    let log = format!("{name}.yaml");
    EventLog::at(stage.data().join(&log)).append_all(&vec![BTreeMap::from([("id", "before")]); length])?;
    count(stage, &name, stage.client_path(), &["client", "append-times", &log, &times.to_string()])
}

#[cfg(test)]
mod tests {
    use super::super::assert_documented;
    use super::APPEND;

    #[test]
    fn the_documentation_has_the_same_numbers() {
        assert_documented("an append", APPEND);
    }
}

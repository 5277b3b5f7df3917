//! How many system calls an append to a log costs: counted, because a count is the same on every machine and a time is not.
//!
//! Two runs of different length are compared, so that what a process does once does not matter; and two logs, because length is not to matter either.

use crate::engine::{Client, Explain, Failure, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::call_counts::{Counts, parse, per_turn};
use atomic_io::EventLog;
use std::collections::BTreeMap;
use std::fs;
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
/// The calls of one append. docs/benchmarks.md has the same numbers.
const APPEND: &[(&str, u64)] = &[
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
        let (few, many) = (count(stage, length, 100)?, count(stage, length, 100 + TURNS)?);
        let outcome = per_turn(&few, &many, TURNS, APPEND);
        outcome.map_err(|what| fail(format!("at {length} records: {what}")))?;
    }
    let total: u64 = APPEND.iter().map(|(_, count)| count).sum();
    Ok(format!("{total} calls for an append, at {} records and at {}", LENGTHS[0], LENGTHS[1]).into())
}

fn count(stage: &Stage, length: usize, times: u64) -> Result<Counts, Failure> {
    let name = format!("{length}-{times}");
    let log = format!("{name}.yaml");
    EventLog::at(stage.data().join(&log)).append_all(&vec![BTreeMap::from([("id", "before")]); length])?;
    let summary = stage.folder().join(format!("{name}.strace"));
    let mut strace = stage.command("strace");
    strace.args(["-f", "-c", "-o"]).arg(&summary).arg(stage.client_path()).args(["client", "append-times"]);
    strace.args([log, times.to_string()]);
    stage.finish(&mut strace, &name)?.expect(0)?;
    let mut counts = parse(&fs::read_to_string(&summary).explain(summary.display())?);
    // A call on machines only whose clock cannot be read without one.
    counts.remove("clock_gettime");
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::APPEND;

    #[test]
    fn the_documentation_has_the_same_numbers() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.md");
        let text = std::fs::read_to_string(file).unwrap();
        let calls: Vec<_> = APPEND.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let total: u64 = APPEND.iter().map(|(_, count)| count).sum();
        let row = format!("| an append | {total} | {} |", calls.join(", "));
        assert!(text.contains(&row), "missing: {row}");
    }
}

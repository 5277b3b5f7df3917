//! How many system calls a free lock costs: counted, because a count is the same on every machine and a time is not.
//!
//! Two runs of different length are compared, so that what a process does once does not matter.

use crate::client::How;
use crate::engine::{Client, Explain, Failure, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::call_counts::{Counts, parse, per_turn};
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

/// A way to lock, and its calls for each turn. docs/benchmarks.md has the same numbers.
struct Way {
    told: &'static str,
    how: How,
    calls: &'static [(&'static str, u64)],
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

impl Way {
    fn total(&self) -> u64 {
        self.calls.iter().map(|(_, count)| count).sum()
    }
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    for way in WAYS {
        let (few, many) = (count(stage, way, 100)?, count(stage, way, 100 + TURNS)?);
        per_turn(&few, &many, TURNS, way.calls).map_err(|what| fail(format!("{}: {what}", way.told)))?;
    }
    let totals: Vec<_> = WAYS.iter().map(|way| format!("{} {}", way.total(), way.told)).collect();
    Ok(format!("calls for a turn: {}", totals.join(", ")).into())
}

fn count(stage: &Stage, way: &Way, times: u64) -> Result<Counts, Failure> {
    fs::write(stage.data().join("a.lock"), "")?;
    let name = format!("{}-{times}", way.how.word());
    let log = stage.folder().join(format!("{name}.strace"));
    let mut strace = stage.command("strace");
    strace.args(["-f", "-c", "-o"]).arg(&log).arg(stage.client_path()).args([
        "client",
        "bench-lock",
        "alone",
    ]);
    strace.args([&way.how.word(), "--lock", "a.lock", "--times", &times.to_string()]);
    stage.finish(&mut strace, &name)?.expect(0)?;
    let mut counts = parse(&fs::read_to_string(&log).explain(log.display())?);
    // A call on machines only whose clock cannot be read without one.
    counts.remove("clock_gettime");
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::WAYS;

    #[test]
    fn the_documentation_has_the_same_numbers() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.md");
        let text = std::fs::read_to_string(file).unwrap();
        for way in WAYS {
            let calls: Vec<_> = way.calls.iter().map(|(name, count)| format!("{count} {name}")).collect();
            let row = format!("| {} | {} | {} |", way.told, way.total(), calls.join(", "));
            assert!(text.contains(&row), "missing: {row}");
        }
    }
}

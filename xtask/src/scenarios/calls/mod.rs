//! How many system calls something costs: counted, because a count is the same on every machine and a time is not.
//!
//! docs/benchmarks.md has a row with the same numbers for each of them.

pub(super) mod append;
pub(super) mod claim;
pub(super) mod lock;

use crate::engine::{Explain, Failure, Stage};
use crate::judges::call_counts::{Counts, parse};
use std::fs;
use std::path::Path;

/// Calls by name.
type Calls = &'static [(&'static str, u64)];

/// The calls that `program` makes when it is run with these words. `name` tells this run from the scenario's others.
fn count(stage: &Stage, name: &str, program: &Path, words: &[&str]) -> Result<Counts, Failure> {
    let summary = stage.folder().join(format!("{name}.strace"));
    let mut strace = stage.command("strace");
    strace.args(["-f", "-c", "-o"]).arg(&summary).arg(program).args(words);
    stage.finish(&mut strace, &format!("{name}-traced"))?.expect(0)?;
    let mut counts = parse(&fs::read_to_string(&summary).explain(summary.display())?);
    // A call on machines only whose clock cannot be read without one.
    counts.remove("clock_gettime");
    Ok(counts)
}

fn total(calls: Calls) -> u64 {
    calls.iter().map(|(_, count)| count).sum()
}

#[cfg(test)]
fn assert_documented(what: &str, calls: Calls) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.md");
    let text = fs::read_to_string(file).unwrap();
    let each: Vec<_> = calls.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let row = format!("| {what} | {} | {} |", total(calls), each.join(", "));
    assert!(text.contains(&row), "missing: {row}");
}

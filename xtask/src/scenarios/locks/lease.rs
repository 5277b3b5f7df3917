//! Somebody holds a lease on the lock file and does not hear the kernel asking for it back: whoever opens the file is kept waiting, up to
//! 45 s, fcntl(2). A bounded wait must not become such an open.

use super::{announced, data_file, python_once, tell};
use crate::client::NOT_GOT;
use crate::engine::{Client, Explain, Failure, Invariant, Scenario, Stage, Tool, Verdict, fail};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "lease-on-lock-file",
    proves: "a lease on the lock file makes no bounded wait longer, and once it is given up the lock is had",
    clients: &[Client::Crates, Client::Python],
    faults: &[],
    upholds: &[Invariant::WaitsAreBounded],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const LOCK: &str = "a.lock";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    // Once with an empty file, once with the record of an earlier holder.
    let mut told = Vec::new();
    for (round, before) in ["an empty file", "a record"].into_iter().enumerate() {
        if round > 0 {
            super::had_at_once(stage, LOCK, "before the lease")?;
        }
        told.push(under_lease(stage, round, before)?);
    }
    Ok(told.join("; ").into())
}

fn under_lease(stage: &Stage, round: usize, before: &str) -> Result<String, Failure> {
    stage.step(&format!("a lease on {before}"));
    let (leased, release) = (format!("{round}.leased"), format!("{round}.release"));
    let mut holder = stage
        .start(&mut python_once(stage, &["lease", LOCK, &leased, &release])?, &format!("{round}-holder"))?;
    announced(stage, &mut holder, &leased)?;
    stands(stage, "as soon as it was taken")?;
    let patient = stage
        .start(&mut stage.client(&["lock-once", LOCK, "--wait-ms", "60000"]), &format!("{round}-patient"))?;
    let mut took = Vec::new();
    for (wait, name) in [("0", "never"), ("300", "bounded")] {
        let started = Instant::now();
        let command = &mut stage.client(&["lock-once", LOCK, "--wait-ms", wait]);
        let tried = stage.finish(command, &format!("{round}-{name}"))?.expect(0)?;
        took.push(format!("{:.0?}", started.elapsed()));
        // The kernel takes the lease away after its own time; who comes back only then has waited for that.
        stands(stage, &format!("when the one with {wait} ms came back, after {}", took.join(" and ")))?;
        if !tried.stdout.starts_with(NOT_GOT) {
            return Err(fail(format!("with {wait} ms it said: {}", tried.said())));
        }
    }
    tell(stage, &release)?;
    holder.finish()?.expect(0)?;
    let patient = patient.finish()?.expect(0)?;
    if patient.stdout.trim() != "got" {
        return Err(fail(format!("once the lease was given up: {}", patient.said())));
    }
    Ok(format!("a lease on {before}: back after {} (asked: 0 and 300ms)", took.join(" and ")))
}

/// That the lease is still there, broken into or not.
fn stands(stage: &Stage, when: &str) -> Result<(), Failure> {
    let inode = fs::metadata(data_file(stage, LOCK)).explain(LOCK)?.ino().to_string();
    let is_lease = |line: &str| {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let is_on = |word: &&str| word.rsplit(':').next() == Some(&inode);
        words.contains(&"LEASE") && words.iter().any(is_on)
    };
    let listed = fs::read_to_string("/proc/locks")?;
    if listed.lines().any(is_lease) { Ok(()) } else { Err(fail(format!("the lease was gone {when}"))) }
}

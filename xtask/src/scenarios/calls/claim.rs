//! The calls of a claim.
//!
//! What every process does to start is taken off by counting it alone. Memory is asked for as the allocator likes and does not count.

use super::{Calls, count};
use crate::engine::{Client, Failure, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::call_counts::{Counts, at_most};
use crate::made_queue::MadeQueue;
use std::fs;
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "queue-calls",
    proves: "a claim by a command costs no more system calls than documented, however many tasks there are",
    clients: &[Client::Crates],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace],
    bound: Duration::from_secs(60),
    run,
};

/// The calls of a claim in a queue of 100 tasks that is in use.
const CLAIM: Calls = &[
    ("openat", 13),
    ("close", 13),
    ("read", 11),
    ("pread64", 7),
    ("write", 2),
    ("pwrite64", 4),
    ("lseek", 2),
    ("statx", 30),
    ("newfstatat", 1),
    ("fstatfs", 1),
    ("getdents64", 2),
    ("listxattr", 1),
    ("fchmod", 1),
    ("flock", 7),
    ("fsync", 2),
    ("fdatasync", 1),
    ("rename", 1),
    ("renameat2", 1),
    ("getpid", 22),
    ("getppid", 1),
    ("getuid", 1),
    ("uname", 2),
    ("getcwd", 1),
    ("getrandom", 1),
];
/// Somebody's library may look at its environment once more.
const SLACK: u64 = 4;
/// These grow with the size of the file, not with the number of its tasks.
const BY_SIZE: [&str; 3] = ["read", "pread64", "write"];
const OF_THE_ALLOCATOR: [&str; 5] = ["brk", "mmap", "munmap", "mremap", "madvise"];
/// A file that was changed a moment ago is compared once more, because its time says too little.
const SETTLED: Duration = Duration::from_millis(60);

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let start = count(stage, "start", stage.program_path("queue")?, &["--version"])?;
    let few = without(claim(stage, 100)?, &start);
    at_most(&few, CLAIM, SLACK).map_err(|what| fail(format!("in 100 tasks: {what}")))?;
    let many = without(claim(stage, 1_000)?, &start);
    let calls: Vec<_> = CLAIM.iter().copied().filter(|(name, _)| !BY_SIZE.contains(name)).collect();
    let by_count: Counts = many.into_iter().filter(|(name, _)| !BY_SIZE.contains(&name.as_str())).collect();
    at_most(&by_count, &calls, SLACK).map_err(|what| fail(format!("in 1,000 tasks: {what}")))?;
    Ok(format!("{} calls for a claim, besides those of any process that starts", few.values().sum::<u64>())
        .into())
}

/// The calls of one claim, in a queue that has its lock files, a backup, a snapshot and events already.
fn claim(stage: &Stage, tasks: u32) -> Result<Counts, Failure> {
    let queue = format!("{tasks}.yaml");
    fs::write(stage.data().join(&queue), MadeQueue { tasks }.text())?;
    for number in 0..3 {
        let mut command = stage.program("queue")?;
        command.args(["--file", &queue, "claim"]);
        stage.finish(&mut command, &format!("claim-{tasks}-{number}"))?.expect(0)?;
    }
    thread::sleep(SETTLED);
    let words = ["--file", &queue, "claim"];
    count(stage, &format!("claim-{tasks}"), stage.program_path("queue")?, &words)
}

fn without(mut counts: Counts, start: &Counts) -> Counts {
    for (name, count) in &mut counts {
        *count = count.saturating_sub(start.get(name).copied().unwrap_or(0));
    }
    counts.retain(|name, count| *count > 0 && !OF_THE_ALLOCATOR.contains(&name.as_str()));
    counts
}

#[cfg(test)]
mod tests {
    use super::super::assert_documented;
    use super::CLAIM;

    #[test]
    fn the_documentation_has_the_same_numbers() {
        assert_documented("`queue claim`", CLAIM);
    }
}

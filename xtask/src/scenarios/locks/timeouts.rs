//! A lock that somebody keeps, and a process that gives up on it thousands of times.

use super::{announced, python_once, tell};
use crate::engine::{Client, Explain, Failure, Invariant, Running, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::lock_timeouts;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "lock-timeouts",
    proves: "thousands of waits for a stuck lock end, none early, each naming the holder, and leave one thread and one descriptor",
    clients: &[Client::Crates, Client::Python],
    faults: &[],
    upholds: &[Invariant::WaitsAreBounded],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(60),
    run,
};

const LOCK: &str = "a.lock";
const THREADS: usize = 8;
const ASKED: Duration = Duration::from_millis(1);

/// What a process has open and running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    threads: usize,
    descriptors: usize,
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut holder = stage.start(&mut python_once(stage, &["hold", LOCK, "held", "release"])?, "holder")?;
    let holder_pid = announced(stage, &mut holder, "held")?;
    let times = stage.rounds(1_000, 10_000).to_string();
    let threads = THREADS.to_string();
    let wait = ASKED.as_micros().to_string();
    let words = ["lock-timeouts", LOCK, ".", "--times", &times, "--threads", &threads, "--wait-us", &wait];
    let mut client = stage.start(&mut stage.client(&words), "client")?;
    let pid = announced(stage, &mut client, "ready")?;
    let start = size(pid)?;
    tell(stage, "begin")?;
    let most = grow_and_settle(stage, &mut client, pid, start)?;
    stage.step("the lock is free again");
    tell(stage, "release")?;
    holder.finish()?.expect(0)?;
    // The thread that waited gets the lock, finds nobody who wants it, gives it back and ends.
    stage.until(|| Ok(size(pid)? == start)).explain("the waiting thread does not end with the wait")?;
    super::had_at_once(stage, LOCK, "after all had given up and the holder had ended")?;
    tell(stage, "stop")?;
    let told = client.finish()?.expect(0)?.stdout;
    let timeouts = lock_timeouts::parse(&told).map_err(fail)?;
    let late = lock_timeouts::judge(&timeouts, ASKED, holder_pid).map_err(fail)?;
    Ok(format!(
        "{} waits of {ASKED:?}: none early, late by {:.2?} (median), {:.2?} (longest), {:.2?} with the search for the holder; threads {} to {}, descriptors {} to {} at most",
        timeouts.len(), late.median, late.longest, late.median_with_search,
        start.threads, most.threads, start.descriptors, most.descriptors
    )
    .into())
}

/// Looks on until all have given up. What is left then is the one that waits in the kernel, with its descriptor.
fn grow_and_settle(stage: &Stage, client: &mut Running, pid: u32, start: Size) -> Result<Size, Failure> {
    let mut most = start;
    stage.until(|| {
        let now = size(pid)?;
        most.threads = most.threads.max(now.threads);
        most.descriptors = most.descriptors.max(now.descriptors);
        stage.step(&format!("{now:?}"));
        // Its own threads, and the one that waits for them all. On a busy machine that one may find that nobody waits any more before it
        // has asked for the lock, and be ending yet while the next caller starts another.
        if most.threads > start.threads + 2 * THREADS {
            return Err(fail(format!("{} threads wait where one is enough", most.threads)));
        }
        if !client.is_running()? {
            return Err(fail("it ended before it was told to; see logs/client.err"));
        }
        Ok(stage.data().join("done").exists())
    })?;
    // A thread that was joined may be listed for an instant yet.
    let one_waits = Size { threads: start.threads + 1, descriptors: start.descriptors + 1 };
    let mut left = start;
    let settled = stage.until(|| {
        left = size(pid)?;
        Ok(left == one_waits)
    });
    settled.explain(format_args!("began as {start:?} and was left as {left:?}"))?;
    Ok(most)
}

fn size(pid: u32) -> Result<Size, Failure> {
    let count = |what: &str| {
        let folder = format!("/proc/{pid}/{what}");
        fs::read_dir(&folder).map(Iterator::count).explain(folder)
    };
    Ok(Size { threads: count("task")?, descriptors: count("fd")? })
}

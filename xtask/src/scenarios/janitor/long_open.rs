//! A script opens its lock file once, keeps it open for seconds, and takes the lock for milliseconds now and then. The file is retired
//! under it just when it opens it, and others make a new one: both have to be served, and nobody for long at the cost of the others.

use super::GRACE_MS;
use super::crowd::{Late, Place};
use crate::client::Opened;
use crate::engine::{Client, Failure, Fault, Filesystem, Invariant, Scenario, Stage, Tool, Verdict, fail};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "janitor-long-open",
    proves: "a script that keeps a retired lock file open shuts nobody out, and nobody shuts it out",
    clients: &[Client::Janitor, Client::Python, Client::Bash],
    faults: &[Fault::LockFileRemoved],
    upholds: &[Invariant::LockFilesStay, Invariant::WaitsAreBounded],
    processes: &[6],
    filesystems: &[Filesystem::Target, Filesystem::Memory],
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(300),
    run,
};

/// How long anybody may wait on a machine that does nothing else.
const LONGEST: Duration = Duration::from_millis(200);
/// And on one that does.
const BUSY: u32 = 20;

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let place = Place { stage, locks: "locks", rooms: 1, opened: Opened::Write, pause_us: 20_000 };
    let crowd = place.fill()?.and(Late::Bash("4"))?;
    // As many as make several of its lives; a life is 4 s.
    let times = stage.rounds(2, 6).to_string();
    let mut janitor =
        stage.client(&["retire", "locks", "--grace-ms", GRACE_MS, "--bridges", &times, "--stop"]);
    let janitor = stage.finish(janitor.arg(crowd.stop()), "janitor")?.expect(0)?;
    let done = crowd.end()?;
    done.judge()?;
    let bridged = janitor.number_after("bridged")?;
    if done.longest_wait > LONGEST * BUSY {
        return Err(fail(format!(
            "somebody waited for {:.0?} while {bridged} bridges were served",
            done.longest_wait
        )));
    }
    Ok(format!("{bridged} bridges, {} turns, longest wait {:.0?}", done.turns, done.longest_wait).into())
}

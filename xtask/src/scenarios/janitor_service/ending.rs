//! The janitor is told to end in the middle of a grace.
//!
//! What it has moved aside at that moment stands under another name. If it just went, the next program would make a new lock file, and
//! whoever has the old one open would be alone with it.

use super::Service;
use crate::engine::{Client, Explain, Failure, Fault, Scenario, Stage, Tool, Verdict, fail};
use rustix::process::Signal;
use std::fs::{self, File};
use std::time::{Duration, Instant};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "janitor-ending",
    proves: "SIGTERM in the middle of a grace ends the janitor within seconds, with every lock file either in its place or gone",
    clients: &[Client::Janitor],
    faults: &[Fault::Signal("SIGTERM of the janitor, in a grace")],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Proc],
    bound: Duration::from_secs(600),
    run,
};

const FILES: usize = 50;
/// Longer than all that an end may take, so that it cannot be what was waited for.
const SETTINGS: &str = "min_idle: 0\ngrace: 30s\nsweep_interval: 50ms\n";
/// Five seconds are promised; a machine may be busy.
const MOST: Duration = Duration::from_secs(20);

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut longest = Duration::ZERO;
    let rounds = stage.rounds(3, 15);
    for round in 0..rounds {
        stage.step(&format!("end {round} of {rounds}"));
        for n in 0..FILES {
            File::create(stage.data().join(format!("{n}.yaml.lock")))?;
        }
        let mut janitor = Service::start(stage, &format!("janitor-{round}"), SETTINGS)?;
        stage.until(|| Ok(count(stage, ".retired.")? > 0))?;
        std::thread::sleep(Duration::from_millis(37 * round));
        let asked = Instant::now();
        janitor.signal(Signal::TERM)?;
        janitor.running.finish()?.expect(0)?;
        let took = asked.elapsed();
        if took > MOST {
            return Err(fail(format!("it took {took:?} to end")));
        }
        longest = longest.max(took);
        let (aside, there) = (count(stage, ".retired.")?, count(stage, ".yaml.lock")?);
        if aside > 0 || there != FILES {
            return Err(fail(format!("{aside} are still aside, {there} of {FILES} in their places")));
        }
    }
    Ok(format!("{rounds} ends with {FILES} lock files aside, {} ms the longest", longest.as_millis()).into())
}

fn count(stage: &Stage, part: &str) -> Result<usize, Failure> {
    let mut count = 0;
    for entry in fs::read_dir(stage.data()).explain(stage.data().display())? {
        count += usize::from(entry?.file_name().to_string_lossy().contains(part));
    }
    Ok(count)
}

//! Every system call of our programs fails in turn, and every one is the last before SIGKILL.
//!
//! Each program is traced once to learn which calls it makes. Then it runs once for each fault, in a copy of the same
//! folder, with strace making that one call fail, or killing at it. What it left is judged, and the next run, without a fault, has to
//! recover. Where it started is where it first touches the folder: the loader and the start of the runtime are not ours.

mod check;
mod dispatching;
mod mending;
mod plan;
mod program;
mod queue_commands;
mod recording;
mod runner;
mod saves;

use crate::engine::{Client, Failure, Fault, Invariant, Scenario, Stage, Tool, Verdict};
use plan::{Point, Template};
use program::Program;
use std::time::Duration;

const CLIENTS: &[Client] = &[Client::Crates, Client::Queue, Client::Dispatch];

pub(crate) const ERRORS: Scenario = Scenario {
    name: "fault-at-every-call",
    proves: "whichever system call fails, the file is the old or the new version, the error says which and why, and the next run recovers",
    clients: CLIENTS,
    faults: &[Fault::FailingCall],
    upholds: &[
        Invariant::ReadersSeeWhole,
        Invariant::NoVersionIsLost,
        Invariant::OneHolder,
        Invariant::ErrorsNameTheCause,
    ],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(300),
    run: |stage| run(stage, Kind::Errors),
};

pub(crate) const KILLS: Scenario = Scenario {
    name: "kill-at-every-call",
    proves: "killed before or after any system call, a program leaves the old or the new version and whatever it had promised, and the next run recovers",
    clients: CLIENTS,
    faults: &[Fault::Kill("each, at each system call")],
    upholds: &[Invariant::ReadersSeeWhole, Invariant::NoVersionIsLost, Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(300),
    run: |stage| run(stage, Kind::Kills),
};

pub(crate) const MENDED: Scenario = Scenario {
    name: "doctor-mends",
    proves: "killed at any system call, claim and done leave the old or the new queue, and the event that is missing then is added once, marked as recovered",
    clients: &[Client::Queue],
    faults: &[Fault::Kill("each, at each system call")],
    upholds: &[Invariant::ReadersSeeWhole],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace, Tool::Flock],
    bound: Duration::from_secs(120),
    run: mending::run,
};

pub(crate) const RECORDED: Scenario = Scenario {
    name: "registry-record",
    proves: "killed at any system call, record leaves outcome and use both or neither; its event follows once, with the next record or check --fix; recording again doubles nothing",
    clients: &[Client::Registry],
    faults: &[Fault::Kill("each, at each system call")],
    upholds: &[Invariant::ReadersSeeWhole],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace, Tool::Flock],
    bound: Duration::from_secs(120),
    run: recording::run,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Errors,
    Kills,
}

const PROGRAMS: &[&Program] = &[
    &saves::REPLACE,
    &saves::UPDATE,
    &saves::UPDATE_AFTER_KILL,
    &saves::UPDATE_WITH_SNAPSHOT,
    &saves::RESTORE,
    &saves::APPEND,
    &saves::FIRST_APPEND,
    &saves::APPEND_TO_TORN,
    &saves::APPEND_TO_FOREIGN,
    &queue_commands::CLAIM,
    &queue_commands::DONE,
    &dispatching::DISPATCH,
    &dispatching::SUPERVISE,
];

fn run(stage: &Stage, kind: Kind) -> Result<Verdict, Failure> {
    let templates: Vec<Template<'_>> =
        PROGRAMS.iter().map(|program| Template::learn(stage, program)).collect::<Result<_, _>>()?;
    let all: Vec<Vec<Point<'_>>> = templates
        .iter()
        .map(|template| match kind {
            Kind::Errors => template.errors(),
            Kind::Kills => template.kills(),
        })
        .collect();
    let possible: usize = all.iter().map(Vec::len).sum();
    let limit = usize::try_from(match kind {
        Kind::Errors => stage.rounds(60, 1_800),
        Kind::Kills => stage.rounds(60, 1_000),
    })?;
    let points = plan::sample(all, limit, &mut stage.random());
    let tally = runner::run_all(stage, &points)?;
    Ok(format!("{} of {possible} fault points in {} programs: {tally}", points.len(), PROGRAMS.len()).into())
}

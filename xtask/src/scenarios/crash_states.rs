//! Every state that a power cut could leave, under five filesystems: see [`crate::crash`].

use crate::crash;
use crate::engine::{Client, Failure, Fault, Invariant, Scenario, Stage, Tool, Verdict, fail};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "crash-states",
    proves: "whatever a power cut leaves, readers find the old version or the new one, what was promised is there, and the next save succeeds",
    clients: &[Client::Crates, Client::Queue, Client::Python],
    faults: &[Fault::PowerCut],
    upholds: &[Invariant::ReadersSeeWhole],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace, Tool::Proc, Tool::PyYaml],
    bound: Duration::from_secs(300),
    run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let report = crash::enumerate(stage, None)?;
    let problems = report.problems();
    if problems.is_empty() { Ok(report.told().into()) } else { Err(fail(problems.join("\n\n"))) }
}

//! A lock under two names, of which other programs know one each.

use super::rooms::{Member, Troupe};
use crate::engine::{Client, Failure, Invariant, Scenario, Stage, Tool, Verdict};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "several-names",
    proves: "a lock with two names keeps out those that know only one, and two that name them in different order do not hang",
    clients: &[Client::Crates, Client::Python, Client::Bash],
    faults: &[],
    upholds: &[Invariant::OneHoldOneRead, Invariant::WaitsAreBounded],
    processes: &[6],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(90),
    run,
};

const YAML: &str = "queue.yaml.lock";
const QUEUE: &str = ".queue.lock";
/// Each is what one of the names guards: Python and bash do not know of each other.
const ROOMS: &[&str] = &["room-yaml", "room-queue"];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let pair = [Member::Ours(&[YAML, QUEUE]), Member::Ours(&[QUEUE, YAML])];
    let ours = usize::from(stage.processes()) - 2;
    let foreign = [Member::Python(YAML, "room-yaml"), Member::Bash(QUEUE, "room-queue")];
    let members = pair.into_iter().cycle().take(ours).chain(foreign);
    let mut troupe = Troupe::new(stage, ROOMS, members)?;
    let wanted = stage.rounds(1_000, 12_000);
    stage.until(|| {
        let turns = troupe.look()?;
        stage.step(&format!("{turns} of {wanted} turns"));
        Ok(turns >= wanted)
    })?;
    let tally = troupe.finish()?;
    Ok(format!("{} turns alone, {} shared, {} given up", tally.writes, tally.reads, tally.gave_up).into())
}

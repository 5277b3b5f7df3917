//! Five agents and more work off one queue by single commands, while somebody adds to it.

use crate::engine::{Client, Explain, Failure, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::event_records::EventRecords;
use crate::judges::journal::Journal;
use crate::judges::leftovers;
use crate::judges::queue::Tasks;
use crate::scenarios::queue_work::{chains, no_lock_is_held};
use std::fs;
use std::path::Path;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "recommended-concurrent-tasks",
    proves: "agents that claim, begin and finish by single commands at once do each task once, after what it waits for, while others are added",
    clients: &[Client::Queue, Client::Bash],
    faults: &[],
    upholds: &[],
    processes: &[5, 16],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Proc],
    bound: Duration::from_secs(300),
    run,
};

const AGENT: &str = include_str!("../../../clients/agent.sh");

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let (tasks, added) = (stage.rounds(24, 60), stage.rounds(5, 20));
    let file = stage.data().join("queue.yaml");
    let source = chains(stage, "chains", tasks)?;
    fs::copy(&source, &file).explain(file.display())?;
    let comments = comment_lines(&file)?;
    let mut agents = Vec::new();
    for n in 1..=stage.processes() {
        let name = format!("agent-{n}");
        let mut agent = stage.with_programs(stage.bash("agent.sh", AGENT)?)?;
        agents.push(stage.start(agent.args([name.as_str(), "../journal"]), &name)?);
    }
    for n in 1..=added {
        // Each waits for one that is there from the beginning.
        let (id, blocker) = (format!("ADDED-{n}"), format!("C-{n}"));
        let mut queue = stage.program("queue")?;
        queue.args(["--quiet", "add", "Another", "--id", id.as_str(), "--after", blocker.as_str()]);
        stage.finish(&mut queue, "add")?.expect(0)?;
    }
    for agent in agents {
        agent.finish()?.expect(0)?;
    }
    // What was added when all agents had gone is for one more.
    let mut last = stage.with_programs(stage.bash("agent.sh", AGENT)?)?;
    stage.finish(last.args(["last", "../journal"]), "last")?.expect(0)?;
    judge(stage, &file, usize::try_from(tasks + added)?)?;
    if comment_lines(&file)? != comments {
        return Err(fail("comments are gone"));
    }
    Ok(format!("{} agents, {tasks} tasks and {added} that came later", stage.processes()).into())
}

fn comment_lines(file: &Path) -> Result<usize, Failure> {
    let text = fs::read_to_string(file).explain(file.display())?;
    Ok(text.lines().filter(|line| line.contains('#')).count())
}

fn judge(stage: &Stage, file: &Path, expected: usize) -> Result<(), Failure> {
    let queue = stage.pyyaml(file)?;
    let tasks = Tasks::of(&queue).ok_or_else(|| fail("it is no queue any more"))?;
    let done = tasks.with_status("completed");
    if done.len() != expected {
        return Err(fail(format!("{} of {expected} tasks are completed", done.len())));
    }
    let journal = fs::read_to_string(stage.folder().join("journal")).explain("the agents' journal")?;
    let journal = Journal::parse(&journal).and_then(|journal| journal.judge(&tasks, &done));
    journal.map_err(fail).explain("by the agents' own journal")?;
    let log = stage.pyyaml(&stage.data().join("events.yaml"))?;
    let log =
        EventRecords::of(&log).and_then(|log| log.exactly_once(&done, &["claimed", "started", "completed"]));
    log.map_err(fail).explain("in events.yaml, as PyYAML reads it")?;
    leftovers::none(&stage.data()).map_err(fail)?;
    no_lock_is_held(&stage.data())
}

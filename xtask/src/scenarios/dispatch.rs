//! The main job: a real queue is dispatched to its end, and nothing else happens to it.

use crate::engine::{Client, Explain, Failure, Invariant, Scenario, Stage, Tool, Verdict};
use crate::scenarios::queue_work::{QueueWork, queues};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "dispatch-to-the-end",
    proves: "dispatch runs every task that can become ready, once, after its blockers, and changes nothing else in the file",
    clients: &[Client::Dispatch],
    faults: &[],
    upholds: &[Invariant::UnknownIsKept],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(180),
    run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let (mut files, mut tasks) = (0, 0);
    for queue in queues(stage)? {
        stage.step(&format!("dispatching {}", queue.display()));
        let work = QueueWork::prepare(stage, &queue)?;
        tasks += dispatch(&work).explain(queue.display())?;
        files += 1;
    }
    Ok(format!("{files} queues, {tasks} tasks, each once and in order").into())
}

fn dispatch(work: &QueueWork<'_>) -> Result<usize, Failure> {
    let finished = work.dispatch("0.02")?.finish()?.expect(0)?;
    work.judge(&finished.stdout)?;
    work.history_is_whole(&["claimed", "started", "completed"])?;
    Ok(work.runnable())
}

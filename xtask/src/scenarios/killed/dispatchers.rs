//! The dispatcher is killed with -9, again and again; its supervisors live on.
//!
//! A task that runs when the dispatcher dies reports its own end; the next dispatcher must neither start it again nor leave it
//! out. What the tasks wrote themselves decides.

use crate::engine::{
    Client, Explain, Failure, Fault, Invariant, Pace, Random, Scenario, Stage, Tool, Verdict,
};
use crate::scenarios::queue_work::{LOCKED_TASK, QueueWork, chains, own_queues, queues};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "dispatcher-killed",
    proves: "a dispatcher that is killed and started again finishes the queue: no task overlaps itself, each completes exactly once",
    clients: &[Client::Dispatch],
    faults: &[Fault::Kill("the dispatcher")],
    upholds: &[Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(240),
    run,
};

/// Long enough for a dispatcher to die while tasks run, in seconds.
const TASK_TIME: &str = "0.15";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut random = stage.random();
    let files = if stage.pace() == Pace::Quick { own_queues(stage)? } else { queues(stage)? };
    // Each with how many are to be killed at it, and how many must be.
    let mut queues: Vec<(PathBuf, u64, u64)> =
        files.into_iter().map(|file| (file, stage.rounds(3, 6), 1)).collect();
    if stage.pace() == Pace::Full {
        let kills = stage.rounds(0, 50);
        queues.push((chains(stage, "chains", 300)?, kills, kills));
    }
    let (mut kills, mut tasks) = (0, 0);
    for (queue, wanted, needed) in &queues {
        stage.step(&format!("killing dispatchers of {}", queue.display()));
        let work = QueueWork::prepare(stage, queue)?;
        tasks += work.runnable();
        let mut killed = kill_and_finish(stage, &work, &mut random, *wanted).explain(queue.display())?;
        let mut copies = 0;
        // On a busy machine a queue may be done before we come; another copy of it is not.
        while killed < *needed {
            stage.check_time()?;
            copies += 1;
            let work = QueueWork::prepare(stage, &copy_of(stage, queue, copies)?)?;
            killed += kill_and_finish(stage, &work, &mut random, wanted - killed).explain(queue.display())?;
        }
        kills += killed;
    }
    Ok(format!("{} queues, {tasks} tasks, each once; {kills} dispatchers killed", queues.len()).into())
}

fn copy_of(stage: &Stage, queue: &Path, number: u32) -> Result<PathBuf, Failure> {
    let name = queue.file_stem().unwrap_or_default().to_string_lossy();
    let copy = stage.folder().join(format!("{name}-copy-{number}.yaml"));
    fs::copy(queue, &copy).explain(queue.display())?;
    Ok(copy)
}

/// How many were killed before the queue was done.
fn kill_and_finish(
    stage: &Stage,
    work: &QueueWork<'_>,
    random: &mut Random,
    wanted: u64,
) -> Result<u64, Failure> {
    let mut kills = 0;
    while kills < wanted {
        stage.check_time()?;
        stage.step(&format!("{kills} of {wanted} dispatchers killed"));
        let mut dispatcher = work.dispatch_tasks(LOCKED_TASK, TASK_TIME, &[])?;
        // Some die while they still claim and start, most while tasks run.
        let early = random.between(0, 3) == 0;
        let moment = if early { random.between(0, 40) } else { random.between(40, 300) };
        thread::sleep(Duration::from_millis(moment));
        if !dispatcher.is_running()? {
            dispatcher.finish()?.expect(0)?;
            break;
        }
        dispatcher.kill()?;
        kills += 1;
        if random.between(0, 2) == 0 {
            thread::sleep(Duration::from_millis(random.between(0, 250)));
        }
    }
    let last = work.dispatch_tasks(LOCKED_TASK, TASK_TIME, &[])?.finish()?.expect(0)?;
    work.judge(&last.stdout)?;
    // A claim's record may be missing: the dispatcher writes it after the claim itself, and can be killed between the two.
    work.history_is_whole(&["completed"])?;
    Ok(kills)
}

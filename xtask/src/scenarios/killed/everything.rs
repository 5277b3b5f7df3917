//! Everything is killed with -9: as when a machine runs out of memory, or a container is ended.

use super::{ended_well, is_supervisor, is_task_of, kill, shuffle};
use crate::engine::{Client, Explain, Failure, Fault, Invariant, Random, Scenario, Stage, Tool, Verdict};
use crate::scenarios::queue_work::{LOCKED_TASK, QueueWork, chains};
use rustix::process::Pid;
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "all-killed",
    proves: "after dispatcher, supervisors and tasks were killed together, one more dispatch brings every task to its end",
    clients: &[Client::Dispatch],
    faults: &[Fault::Kill("all at once")],
    upholds: &[Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(240),
    run,
};

/// Short, so that some come to their end between two kills; in seconds.
const TASK_TIME: &str = "0.08";

#[derive(Default)]
pub(in crate::scenarios) struct Kills {
    /// One dispatcher each.
    pub(in crate::scenarios) times: u64,
    supervisors: u64,
    others: u64,
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut random = stage.random();
    let mut kills = Kills::default();
    let (wanted, tasks) = (stage.rounds(1, 6), stage.rounds(9, 24));
    let mut rounds = 0;
    // On a busy machine a queue may be done before we come.
    while rounds < wanted || kills.supervisors == 0 || kills.others == 0 {
        stage.check_time()?;
        let queue = chains(stage, &format!("round-{rounds}"), tasks)?;
        let work = QueueWork::prepare(stage, &queue)?;
        kill_and_finish(stage, &work, &mut kills, &mut random).explain(format_args!("round {rounds}"))?;
        rounds += 1;
    }
    Ok(format!(
        "{rounds} queues of {tasks} tasks, {} dispatchers killed with {} supervisors and {} processes of tasks; each completed",
        kills.times, kills.supervisors, kills.others
    )
    .into())
}

fn kill_and_finish(
    stage: &Stage,
    work: &QueueWork<'_>,
    kills: &mut Kills,
    random: &mut Random,
) -> Result<(), Failure> {
    let wanted = kills.times + stage.rounds(6, 12);
    while kills.times < wanted {
        stage.check_time()?;
        stage.step(&format!("killed all {} times", kills.times));
        let mut dispatcher = work.dispatch_tasks(LOCKED_TASK, TASK_TIME, &[])?;
        thread::sleep(Duration::from_millis(random.between(10, 250)));
        if !dispatcher.is_running()? {
            let ended = dispatcher.finish()?;
            ended_well(&ended)?;
            break;
        }
        kill_all(stage, kills, random, |_| false);
        let ended = dispatcher.finish()?;
        // It was through before we came.
        if ended.status.code().is_some() {
            ended_well(&ended)?;
            break;
        }
    }
    let last = work.dispatch_tasks(LOCKED_TASK, TASK_TIME, &[])?.finish()?.expect(0)?;
    work.judge_killed(&last.stdout)
}

/// Until nothing is left: those that live may start others meanwhile. Tasks come last, because a supervisor that sees its task die would
/// rightly write down that it has failed. Those that `is_spared` are left alone.
pub(in crate::scenarios) fn kill_all(
    stage: &Stage,
    kills: &mut Kills,
    random: &mut Random,
    is_spared: impl Fn(&[String]) -> bool,
) {
    kills.times += 1;
    loop {
        let mut living = stage.living();
        living.retain(|(_, words)| !is_spared(words));
        if living.is_empty() {
            return;
        }
        let is_dispatcher = |words: &[String]| words.iter().take(5).any(|word| word == "dispatch");
        let supervisors = living.iter().filter(|(_, words)| is_supervisor(words)).map(|(pid, _)| *pid);
        let supervisors: Vec<Pid> = supervisors.collect();
        let supervises = |pid: Pid, words: &[String]| is_supervisor(words) && !is_task_of(pid, &supervisors);
        if living.iter().any(|(pid, words)| is_dispatcher(words) || supervises(*pid, words)) {
            living.retain(|(pid, words)| is_dispatcher(words) || supervises(*pid, words));
        }
        shuffle(&mut living, random);
        for (pid, words) in living {
            let died = u64::from(kill(pid));
            if is_supervisor(&words) {
                kills.supervisors += died;
            } else if !is_dispatcher(&words) {
                kills.others += died;
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
}

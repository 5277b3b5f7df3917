//! Supervisors are killed with -9, and dispatchers too; the tasks live on without them.
//!
//! Nobody is there to write down how such a task ends, so it is stopped and run again: but not while any process of it lives.

use super::{ended_well, kill, shuffle, supervisors};
use crate::engine::{
    Client, Explain, Failure, Fault, Invariant, Pace, Random, Scenario, Stage, Tool, Verdict,
};
use crate::scenarios::queue_work::{LOCKED_TASK, QueueWork, chains};
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "supervisors-killed",
    proves: "a task whose supervisor is killed is run again, to its end, and never while a process of it still lives",
    clients: &[Client::Dispatch],
    faults: &[Fault::Kill("supervisors and dispatchers")],
    upholds: &[Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(240),
    run,
};

/// Long enough for a supervisor to die while its task runs, in seconds.
const TASK_TIME: &str = "0.1";

#[derive(Clone, Copy, Default)]
struct Kills {
    supervisors: u64,
    dispatchers: u64,
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut random = stage.random();
    let mut kills = Kills::default();
    let small = (9, Kills { supervisors: 12, dispatchers: 0 });
    let large = (300, Kills { supervisors: 100, dispatchers: 50 });
    let rounds = if stage.pace() == Pace::Quick { vec![small] } else { vec![small, small, large] };
    let (mut queues, mut tasks) = (0, 0);
    for (size, wanted) in rounds.iter().cycle().take(rounds.len() * usize::try_from(stage.rounds(1, 1))?) {
        let goal = Kills {
            supervisors: kills.supervisors + wanted.supervisors,
            dispatchers: kills.dispatchers + wanted.dispatchers,
        };
        // On a busy machine a queue may be done before we come.
        loop {
            stage.check_time()?;
            let queue = chains(stage, &format!("queue-{queues}"), *size)?;
            let work = QueueWork::prepare(stage, &queue)?;
            kill_and_finish(stage, &work, &mut kills, goal, &mut random).explain(queue.display())?;
            (queues, tasks) = (queues + 1, tasks + size);
            if kills.have_reached(goal) {
                break;
            }
        }
    }
    Ok(format!(
        "{queues} queues of {tasks} tasks: {} supervisors and {} dispatchers killed, no task beside itself, each completed",
        kills.supervisors, kills.dispatchers
    )
    .into())
}

impl Kills {
    fn have_reached(self, goal: Self) -> bool {
        self.supervisors >= goal.supervisors && self.dispatchers >= goal.dispatchers
    }
}

fn kill_and_finish(
    stage: &Stage,
    work: &QueueWork<'_>,
    kills: &mut Kills,
    goal: Kills,
    random: &mut Random,
) -> Result<(), Failure> {
    while !kills.have_reached(goal) {
        let mut dispatcher = work.dispatch_tasks(LOCKED_TASK, TASK_TIME, &[])?;
        while !kills.have_reached(goal) {
            stage.check_time()?;
            stage.step(&format!("{} supervisors, {} dispatchers", kills.supervisors, kills.dispatchers));
            thread::sleep(Duration::from_millis(random.between(10, 150)));
            if !dispatcher.is_running()? {
                break;
            }
            if random.between(0, 5) == 0 {
                break;
            }
            let mut living = supervisors(stage);
            shuffle(&mut living, random);
            let victims = usize::try_from(random.between(1, 3))?;
            kills.supervisors +=
                living.into_iter().take(victims).map(|pid| u64::from(kill(pid))).sum::<u64>();
        }
        if dispatcher.is_running()? {
            dispatcher.kill()?;
            kills.dispatchers += 1;
            continue;
        }
        let ended = dispatcher.finish()?;
        ended_well(&ended)?;
        if ended.status.success() {
            break;
        }
    }
    let last = work.dispatch_tasks(LOCKED_TASK, TASK_TIME, &[])?.finish()?.expect(0)?;
    work.judge_killed(&last.stdout)
}

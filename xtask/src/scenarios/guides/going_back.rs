//! Away from ours in the middle of the work, on with the old system, and back again.

use super::moving_in::with_old_system;
use crate::engine::{Client, Explain, Failure, Fault, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::leftovers;
use crate::scenarios::queue_work::no_lock_is_held;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "guide-going-back",
    proves: "a queue that a killed dispatcher leaves is worked off by the old system, its backup restored without ours, and taken up by ours again; no task, no foreign field and no event is lost",
    clients: &[Client::Queue, Client::Dispatch, Client::Python, Client::Bash],
    faults: &[Fault::Kill("the dispatcher")],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(180),
    run,
};

const SCRIPT: &str = include_str!("../../../clients/going_back.sh");
const TASKS: u64 = 16;

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let ids: BTreeSet<String> = (1..=TASKS).map(|n| format!("C-{n}")).chain(["HELD".to_owned()]).collect();
    let file = stage.data().join("queue.yaml");
    fs::write(&file, queue_text()).explain(file.display())?;
    stage.finish(stage.program("queue")?.args(["claim", "HELD", "--agent", "ann"]), "claim")?.expect(0)?;
    let done_by_ours = dispatch_and_kill(stage)?;
    stage.step("going back, and forth again");
    let bash = stage.with_programs(stage.bash("going_back.sh", SCRIPT)?)?;
    let mut bash = with_old_system(stage, bash)?;
    stage.finish(&mut bash, "going-back")?.expect(0)?;

    for (name, all_done) in [("seen.yaml", false), ("completed-by-old.yaml", true), ("restored.yaml", false)]
    {
        whole(stage, name, &ids, all_done).explain(name)?;
    }
    let with_keys: BTreeSet<String> = ids.iter().cloned().chain(["KEYS".to_owned()]).collect();
    whole(stage, "queue.yaml", &with_keys, true).explain("queue.yaml in the end")?;
    let completed = completed_in_log(stage)?;
    if let Some(id) = with_keys.difference(&completed).next() {
        return Err(fail(format!("the log does not tell that {id} was completed")));
    }
    leftovers::none(&stage.data()).map_err(fail)?;
    no_lock_is_held(&stage.data())?;
    let tasks = with_keys.len();
    Ok(format!("{done_by_ours} of {tasks} tasks done before, 1 afterwards, the rest by the old system")
        .into())
}

fn queue_text() -> String {
    let mut text = String::from(
        "# The move.\ntasks:\n  - {id: HELD, status: pending, priority: LOW, owner_remark: 0}\n",
    );
    for n in 1..=TASKS {
        let blockers = if n > 4 { format!("[C-{}]", n - 4) } else { "[]".into() };
        text.push_str(&format!(
            "  - id: C-{n}\n    status: pending   # free\n    priority: HIGH\n    owner_remark: {n}\n    blockedBy: {blockers}\n"
        ));
    }
    text
}

/// Kills the dispatcher once some tasks are done, and lets what it has started come to its end. Returns how many are done then.
fn dispatch_and_kill(stage: &Stage) -> Result<usize, Failure> {
    stage.step("dispatching");
    let mut queue = stage.program("queue")?;
    let dispatcher =
        stage.start(queue.args(["dispatch", "--slots", "4", "--", "sleep", "0.2"]), "dispatch")?;
    let done = |stage: &Stage| -> Result<usize, Failure> {
        let queue = stage.pyyaml(&stage.data().join("queue.yaml"))?;
        let tasks = queue["tasks"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(tasks.iter().filter(|task| task["status"] == "completed").count())
    };
    stage.until(|| Ok(done(stage)? >= 4))?;
    dispatcher.kill()?;
    stage.until(|| Ok(stage.living().is_empty()))?;
    match done(stage)? {
        done if done < usize::try_from(TASKS)? => Ok(done),
        _ => Err(fail(
            "everything was done before the dispatcher was killed, so there was nothing to go back with",
        )),
    }
}

/// That `name` has these tasks, each with the field that only its owner knows; and if so, that all are completed.
fn whole(stage: &Stage, name: &str, ids: &BTreeSet<String>, all_done: bool) -> Result<(), Failure> {
    let queue = stage.pyyaml(&stage.data().join(name))?;
    let tasks = queue["tasks"].as_array().map_or(&[][..], Vec::as_slice);
    let found: BTreeSet<String> =
        tasks.iter().filter_map(|task| task["id"].as_str().map(str::to_owned)).collect();
    if found != *ids || tasks.len() != ids.len() {
        return Err(fail(format!("it has {found:?} instead of {ids:?}")));
    }
    for task in tasks {
        let number =
            task["id"].as_str().and_then(|id| id.strip_prefix("C-")).and_then(|n| n.parse::<u64>().ok());
        if number.is_some_and(|number| task["owner_remark"] != number) {
            return Err(fail(format!("a field of its owner's is gone: {task}")));
        }
        if all_done && task["status"] != "completed" {
            return Err(fail(format!("it is not completed: {task}")));
        }
    }
    Ok(())
}

/// The tasks of which the log says that they were completed, by whomever.
fn completed_in_log(stage: &Stage) -> Result<BTreeSet<String>, Failure> {
    let log = stage.pyyaml(&stage.data().join("events.yaml"))?;
    let records = log.as_array().ok_or_else(|| fail("the event log is no list"))?;
    let completed = records.iter().filter(|record| record["type"] == "completed");
    Ok(completed.filter_map(|record: &Value| Some(record["task_id"].as_str()?.to_owned())).collect())
}

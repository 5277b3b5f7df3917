//! One task, from being added to being done: what the file, its backup and the log say after each step.

use crate::engine::{Client, Explain, Failure, Finished, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::event_records::EventRecords;
use crate::judges::leftovers;
use crate::scenarios::queue_work::no_lock_is_held;
use serde_json::Value;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "recommended-single-task",
    proves: "a single task goes its way by single commands and under `queue run`, and after each step the file, its backup and the log agree",
    clients: &[Client::Queue],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(60),
    run,
};

/// A command, its exit code, and the status and attempt of the task when it has ended.
type Step<'a> = (&'a [&'a str], i32, &'a str, Option<u64>);

const BY_HAND: &[Step<'static>] = &[
    (&["add", "Lay the table", "--id", "ONE"], 0, "pending", None),
    (&["done", "ONE", "--attempt", "1"], 4, "pending", None),
    (&["claim", "--next", "--agent", "ann"], 0, "claimed", Some(1)),
    (&["claim", "ONE", "--agent", "ben"], 4, "claimed", Some(1)),
    (&["start", "ONE", "--attempt", "1"], 0, "in_progress", Some(1)),
    (&["release", "ONE", "--attempt", "1"], 0, "pending", Some(1)),
    (&["claim", "ONE", "--agent", "ben"], 0, "claimed", Some(2)),
    (&["done", "ONE", "--attempt", "1"], 4, "claimed", Some(2)),
    (&["start", "ONE", "--attempt", "2"], 0, "in_progress", Some(2)),
    (&["heartbeat", "ONE", "--attempt", "2"], 0, "in_progress", Some(2)),
    (&["done", "ONE", "--attempt", "2"], 0, "completed", Some(2)),
    (&["claim", "--next", "--agent", "ann"], 3, "completed", Some(2)),
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    queue(stage, &["init"], 0)?;
    for (words, exit, status, attempt) in BY_HAND {
        step(stage, words, *exit)
            .and_then(|()| task_is(stage, "ONE", status, *attempt))
            .explain(words.join(" "))?;
    }
    step(stage, &["add", "Clear the table", "--id", "TWO"], 0)?;
    step(stage, &["run", "TWO", "--", "sh", "-c", "echo \"$QUEUE_TASK_ID $QUEUE_ATTEMPT\" > two"], 0)?;
    task_is(stage, "TWO", "completed", Some(1))?;
    let wrote = fs::read_to_string(stage.data().join("two")).explain("what the task writes")?;
    if wrote != "TWO 1\n" {
        return Err(fail(format!("the task should have written `TWO 1`, not: {wrote}")));
    }
    step(stage, &["add", "Break a glass", "--id", "THREE"], 0)?;
    queue(stage, &["run", "THREE", "--", "sh", "-c", "exit 7"], 8)?;
    task_is(stage, "THREE", "failed", Some(1))?;
    history(stage)?;
    leftovers::none(&stage.data()).map_err(fail)?;
    no_lock_is_held(&stage.data())?;
    Ok(format!("{} steps of one task, and two under `queue run`", BY_HAND.len()).into())
}

fn queue(stage: &Stage, words: &[&str], exit: i32) -> Result<Finished, Failure> {
    stage.finish(stage.program("queue")?.args(words), words[0])?.expect(exit)
}

/// Runs a command. What is refused changes no byte; what is done leaves the version before as the backup.
fn step(stage: &Stage, words: &[&str], exit: i32) -> Result<(), Failure> {
    let (file, backup) = (stage.data().join("queue.yaml"), stage.data().join("queue.yaml.backup"));
    let before = fs::read(&file).explain(file.display())?;
    queue(stage, words, exit)?;
    let after = fs::read(&file).explain(file.display())?;
    if (after == before) != (exit != 0) {
        return Err(fail(format!("with exit code {exit} the file should have changed: {}", exit == 0)));
    }
    // `run` saves more than once.
    if exit == 0 && words[0] != "run" && fs::read(&backup).explain(backup.display())? != before {
        return Err(fail("the backup is not the version before"));
    }
    Ok(())
}

fn task_is(stage: &Stage, id: &str, status: &str, attempt: Option<u64>) -> Result<(), Failure> {
    let queue = stage.pyyaml(&stage.data().join("queue.yaml"))?;
    let tasks = queue["tasks"].as_array().ok_or_else(|| fail("there is no list of tasks"))?;
    let task = tasks.iter().find(|task| task["id"] == id).unwrap_or(&Value::Null);
    if task["status"] == status && task["attempt"].as_u64() == attempt {
        return Ok(());
    }
    Err(fail(format!("{id} should be {status} in attempt {attempt:?}: {task}")))
}

/// Each transition is in the log, once for each attempt.
fn history(stage: &Stage) -> Result<(), Failure> {
    let log = stage.pyyaml(&stage.data().join("events.yaml"))?;
    EventRecords::of(&log).map_err(fail)?;
    let records = log.as_array().map_or(&[][..], Vec::as_slice);
    let told: Vec<(&str, u64, &str)> = records
        .iter()
        .filter_map(|record| {
            Some((
                record["task_id"].as_str()?,
                record["attempt"].as_u64().unwrap_or(0),
                record["type"].as_str()?,
            ))
        })
        .collect();
    const EXPECTED: &[(&str, u64, &str)] = &[
        ("ONE", 0, "added"),
        ("ONE", 1, "claimed"),
        ("ONE", 1, "started"),
        ("ONE", 1, "released"),
        ("ONE", 2, "claimed"),
        ("ONE", 2, "started"),
        ("ONE", 2, "completed"),
        ("TWO", 0, "added"),
        ("TWO", 1, "claimed"),
        ("TWO", 1, "started"),
        ("TWO", 1, "completed"),
        ("THREE", 0, "added"),
        ("THREE", 1, "claimed"),
        ("THREE", 1, "started"),
        ("THREE", 1, "failed"),
    ];
    if told != EXPECTED {
        return Err(fail(format!("the log should tell {EXPECTED:?}, not {told:?}")));
    }
    Ok(())
}

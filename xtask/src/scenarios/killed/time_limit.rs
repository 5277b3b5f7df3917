//! Tasks that take too long, and do not end when they are asked to: neither they nor what they started may be left.

use crate::engine::{Client, Explain, Failure, Fault, Invariant, Scenario, Stage, Tool, Verdict, fail};
use serde_json::Value;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "time-limit",
    proves: "when a task's time is up no process of it is left, whatever it does with SIGTERM and whatever it has started",
    clients: &[Client::Dispatch],
    faults: &[Fault::DeafTasks],
    upholds: &[Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(60),
    run,
};

/// What tasks are like. Each says that it is at work first.
const HABITS: [(&str, &str); 8] = [
    ("ends-in-time", "exit 0"),
    ("obeys", "sleep 60"),
    ("obeys-but-not-what-it-started", "(trap '' TERM; echo x >> started; sleep 60) & sleep 60"),
    ("leaves-before-what-it-started", "sh -c 'sleep 60; :' & trap 'exit 0' TERM; sleep 60 & wait"),
    ("deaf", "trap '' TERM; sleep 60"),
    ("deaf-with-deaf-children", "trap '' TERM; for n in 1 2 3; do (sleep 60; :) & done; sleep 60"),
    ("in-a-group-of-its-own", "setsid -w sh -c 'sleep 60; :'"),
    ("suspended", "trap '' TERM; sleep 60 & kill -STOP $$; sleep 60"),
];

/// The limits that are tried: a busy machine may not even begin a task within the shorter ones.
const LIMITS: [&str; 3] = ["300ms", "2s", "10s"];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    for limit in LIMITS {
        if limited(stage, limit).explain(format_args!("with a limit of {limit}"))? == Came::InTime {
            return Ok(
                format!("{} tasks stopped after {limit}, nothing left of them", HABITS.len() - 1).into()
            );
        }
    }
    Err(fail(format!("the machine is so busy that tasks did not begin within {}", LIMITS.join(", "))))
}

/// Whether all tasks came to do what they are there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    InTime,
    TooLate,
}

fn limited(stage: &Stage, limit: &str) -> Result<Came, Failure> {
    let folder = stage.data().join(limit);
    fs::create_dir(&folder).explain(folder.display())?;
    let mut queue = String::from("tasks:\n");
    for (id, script) in HABITS {
        let line = serde_json::to_string(&format!("echo {id} >> journal; {script}")).explain("a task")?;
        queue.push_str(&format!("- id: {id}\n  status: pending\n  run: {line}\n"));
    }
    fs::write(folder.join("q.yaml"), queue)?;
    let mut dispatch = stage.program("queue")?;
    dispatch.current_dir(&folder).args(["-f", "q.yaml", "dispatch", "--slots", "8", "--timeout", limit]);
    stage.finish(&mut dispatch, &format!("dispatch-{limit}"))?.expect(8)?;
    // Not a moment later: a dispatch that has ended has left nothing.
    let left = stage.still_running();
    if !left.is_empty() {
        return Err(fail(format!("the dispatch has ended, and these live on: {}", left.join(", "))));
    }
    let journal = fs::read_to_string(folder.join("journal"))?;
    let ran: Vec<&str> = journal.lines().collect();
    let data = stage.pyyaml(&folder.join("q.yaml"))?;
    if is_too_late(&ran, &data) {
        return Ok(Came::TooLate);
    }
    judge(&ran, &data).map_err(fail)?;
    Ok(Came::InTime)
}

/// Whether a task was stopped before it had begun, or the one that ends by itself before it had ended.
fn is_too_late(ran: &[&str], queue: &Value) -> bool {
    let error = |place: usize| queue["tasks"][place]["last_error"].as_str().unwrap_or_default();
    let was_stopped = |place| error(place).starts_with("took longer than");
    let has_begun = |(place, (id, _)): (usize, &(&str, &str))| ran.contains(id) || !was_stopped(place);
    was_stopped(0) || !HABITS.iter().enumerate().all(has_begun)
}

fn judge(ran: &[&str], queue: &Value) -> Result<(), String> {
    let tasks = queue["tasks"].as_array().ok_or("the file has no tasks any more")?;
    for (place, (id, _)) in HABITS.iter().enumerate() {
        let times = ran.iter().filter(|task| *task == id).count();
        if times != 1 {
            return Err(format!("{id} ran {times} times"));
        }
        let task = tasks.get(place).ok_or_else(|| format!("{id} is gone"))?;
        let error = task["last_error"].as_str().unwrap_or_default();
        let right = match (place, task["status"].as_str()) {
            (0, Some("completed")) => true,
            (1.., Some("failed")) => error.starts_with("took longer than"),
            _ => false,
        };
        if !right {
            return Err(format!("{id} ended as {} ({error})", task["status"]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{HABITS, is_too_late, judge};
    use serde_json::{Value, json};

    fn queue() -> Value {
        let task = |place| match place {
            0 => json!({"status": "completed"}),
            _ => json!({"status": "failed", "last_error": "took longer than 300ms"}),
        };
        json!({"tasks": (0..HABITS.len()).map(task).collect::<Vec<_>>()})
    }

    #[test]
    fn a_task_that_ran_twice_or_ended_otherwise_is_noticed() {
        let mut ran: Vec<&str> = HABITS.iter().map(|(id, _)| *id).collect();
        assert_eq!(judge(&ran, &queue()), Ok(()));
        for (path, value) in [
            ("/tasks/0/status", "failed"),
            ("/tasks/1/status", "completed"),
            ("/tasks/2/status", "in_progress"),
            ("/tasks/3/last_error", "exit status 1"),
        ] {
            let mut bad = queue();
            *bad.pointer_mut(path).unwrap() = value.into();
            assert!(judge(&ran, &bad).is_err(), "{path}");
        }
        ran.push("deaf");
        assert!(judge(&ran, &queue()).is_err());
        assert!(judge(&ran[1..], &queue()).is_err());
    }

    #[test]
    fn only_a_task_that_was_stopped_too_early_makes_a_run_void() {
        let ran: Vec<&str> = HABITS.iter().map(|(id, _)| *id).collect();
        assert!(!is_too_late(&ran, &queue()));
        assert!(is_too_late(&ran[..3], &queue()));
        let mut stopped = queue();
        stopped["tasks"][0] = json!({"status": "failed", "last_error": "took longer than 300ms"});
        assert!(is_too_late(&ran, &stopped));
        let mut lost = queue();
        lost["tasks"][3] = json!({"status": "completed"});
        assert!(!is_too_late(&[&ran[..3], &ran[4..]].concat(), &lost));
    }
}

//! What the system that this one replaces did wrong, each a test named for it.

use crate::program::Program;
use serde_json::Value;
use std::fs;
use std::process::Child;

const QUEUE: &str = "\
tasks:
- id: LATER
  status: pending
  priority: LOW
- id: BLOCKED
  status: pending
  priority: CRITICAL
  blockedBy: [RUNNING]
- id: RUNNING
  status: in_progress
- id: URGENT   # do this one first
  status: pending
  priority: high
  own_field: {kept: yes}
";

/// Both of its halves read, decided, and wrote: 5 of 5 claimers got the task.
#[test]
fn claim_without_check_and_set() {
    let program = Program::with_queue(QUEUE);
    let claimers: Vec<Child> = (0..8)
        .map(|number| program.command(&["claim", "URGENT", "--agent", &format!("agent-{number}")]))
        .map(|mut command| {
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    let mut codes: Vec<i32> =
        claimers.into_iter().map(|mut claimer| claimer.wait().unwrap().code().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 4, 4, 4, 4, 4, 4, 4]);
}

#[test]
fn blockers_and_priority_ignored() {
    let program = Program::with_queue(QUEUE);
    assert_eq!(program.run("claim").out, "URGENT 1\n");
    assert_eq!(program.run("claim").out, "LATER 1\n");
    assert_eq!(program.run("claim").code, 3);
    let refused = program.run("claim BLOCKED");
    assert_eq!(refused.code, 4);
    assert!(refused.err.contains("waits for RUNNING (in_progress)"), "{}", refused.err);
}

/// It knew five words for a state, and what had another was in none of its lists.
#[test]
fn statuses_that_make_tasks_vanish() {
    let program = Program::with_queue(
        "tasks:\n- {id: A, status: On Hold}\n- {id: B, status: Completed}\n- {id: C}\n- {id: D, status: obsolete}\n",
    );
    let list = program.run("list");
    for (id, word) in [("A", "On Hold"), ("B", "Completed"), ("C", "no status"), ("D", "obsolete")] {
        let row = list.out.lines().find(|line| line.trim_start().starts_with(id)).unwrap();
        assert!(row.contains(word), "{row}");
    }
    assert!(list.out.ends_with("4 of 4 tasks\n"), "{}", list.out);
    let status: Value = serde_json::from_str(&program.run("status --json").out).unwrap();
    let counts = status["counts"].as_object().unwrap();
    assert_eq!(counts.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), 4);
    assert_eq!(program.run("claim").code, 3);
}

/// What its data classes had no field for was gone after the next save, and so were comments.
#[test]
fn save_that_drops_fields() {
    let program = Program::with_queue(QUEUE);
    assert_eq!(program.run("claim URGENT").code, 0);
    assert_eq!(program.run("done URGENT --attempt 1").code, 0);
    let saved = program.read("queue.yaml");
    let before: Vec<&str> = QUEUE.lines().collect();
    let kept: Vec<&str> = saved.lines().filter(|line| before.contains(line)).collect();
    let mut expected = before.clone();
    // The status of URGENT is the only line that may go.
    expected.remove(expected.len() - 3);
    assert_eq!(kept, expected);
}

#[test]
fn uppercase_not_understood() {
    let program = Program::with_queue(
        "tasks:\n- {id: A, status: PENDING, priority: Low}\n- {id: B, status: Pending, priority: CRITICAL}\n",
    );
    assert_eq!(program.run("claim").out, "B 1\n");
    assert_eq!(program.run("claim A").code, 0);
    assert_eq!(program.run("done A --attempt 1").code, 0);
    assert!(program.read("queue.yaml").contains("{id: A, status: COMPLETED, priority: Low, "));
}

#[test]
fn missing_dependency_accepted() {
    let program = Program::with_queue("tasks:\n- {id: A, status: pending, blockedBy: [GONE]}\n");
    let before = program.read("queue.yaml");
    for line in ["add x --after GONE", "dep add A NOBODY"] {
        assert_eq!(program.run(line).code, 7, "{line}");
    }
    assert_eq!(program.run("claim").code, 3);
    assert!(program.run("ready --explain A").out.contains("waits for GONE (not in the queue)"));
    assert_eq!(program.read("queue.yaml"), before);
}

#[test]
fn counters_that_drift_unnoticed() {
    let program =
        Program::with_queue("schema: {total_tasks: 3, completed: 0}\ntasks:\n- {id: A, status: completed}\n");
    let check = program.run("counts --check");
    assert_eq!(check.code, 1);
    assert!(check.out.contains("schema.total_tasks") && check.out.contains("drifted"), "{}", check.out);
    assert_eq!(program.run("counts --sync").code, 0);
    assert_eq!(program.run("counts --check").code, 0);
    assert!(program.read("queue.yaml").starts_with("schema: {total_tasks: 1, completed: 1}\n"));
}

/// A log that did not parse was read as an empty one, and saved so with the next event.
#[test]
fn a_parse_error_that_empties_the_log() {
    let program = Program::with_queue(QUEUE);
    let broken = "- {type: claimed, task_id: OLD}\n- {type: [\n";
    fs::write(program.path("events.yaml"), broken).unwrap();
    // Also to whoever wants to hear of errors alone.
    let claimed = program.run("--quiet claim URGENT");
    assert_eq!(claimed.code, 0);
    assert!(claimed.err.contains("its events are not"), "{}", claimed.err);
    assert_eq!(program.read("events.yaml"), broken);
    assert_eq!(program.run("events").code, 6);
    // And the same for the queue itself.
    fs::write(program.path("queue.yaml"), "tasks: [\n").unwrap();
    assert_eq!(program.run("add x").code, 6);
    assert_eq!(program.read("queue.yaml"), "tasks: [\n");
}

//! Defects of running tasks that came to light on cases nobody had thought of, each a test named for it.

use crate::program::{Ended, Program};
use std::fs;

#[test]
fn a_dry_run_claims_from_a_paused_queue() {
    let program = Program::with_queue("tasks:\n- {id: A, status: pending, run: 'true'}\n");
    assert_eq!(program.run("pause --agent ann").code, 0);
    let ended = program.run("dispatch --dry-run");
    assert_eq!(ended.code, 3, "{}", ended.out);
    assert!(
        ended.out.contains("paused by ann") && ended.out.contains("0 would be claimed now"),
        "{}",
        ended.out
    );
    let ended = program.run("dispatch --dry-run --json");
    let told: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["would_run"], serde_json::json!([]));
    assert!(told["paused"].as_str().unwrap().contains("ann"), "{told}");
}

/// The second one waits for a file that the first takes away in its end.
#[test]
fn two_tasks_that_run_alone_run_side_by_side_when_it_is_written_in_capitals() {
    let run = "mkdir alone && sleep 0.2 && rmdir alone";
    let task = |id| format!("- {{id: {id}, status: pending, parallel_group: SEQUENTIAL, run: '{run}'}}\n");
    let program = Program::with_queue(&format!("tasks:\n{}{}", task("A"), task("B")));
    let ended = program.run("dispatch --slots 2");
    assert_eq!(ended.code, 0, "{}", ended.out);
}

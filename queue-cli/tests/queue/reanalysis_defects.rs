//! What the reanalysis of the system that this one replaces did wrong, each a test named for it.

use crate::program::Program;
use crate::reanalyzing::days_ago;
use std::fs;
use std::path::Path;

/// It wrote nothing down of what it had done, so it did it again: 25 actions on a queue of 41 tasks, run after run.
#[test]
fn same_25_actions_on_every_run() {
    let mut queue = "tasks:\n".to_owned();
    for number in 0..41 {
        let field = match number {
            0..10 => format!("priority: HIGH, created_at: '{}'", days_ago(8)),
            10..15 => format!("priority: LOW, created_at: '{}'", days_ago(15)),
            15..20 => "success_rate: 0.4".into(),
            20..23 => "failure_count: 1, tags: [net]".into(),
            23..25 => "failure_count: 6".into(),
            _ => format!("created_at: '{}'", days_ago(1)),
        };
        queue.push_str(&format!("- {{id: T-{number}, status: pending, {field}}}\n"));
    }
    let program = Program::with_queue(&queue);
    assert!(program.run("reanalyze --dry-run").out.contains("41 tasks looked at, 25 changes\n"));
    assert!(program.run("reanalyze").out.ends_with("41 tasks looked at, 25 changes\n"));
    for _ in 0..3 {
        let saved = program.read("queue.yaml");
        assert_eq!(program.run("reanalyze").out, "41 tasks looked at, 0 changes\n");
        assert_eq!(program.read("queue.yaml"), saved);
    }
}

/// It knew one name for the list and one case of the words, found nothing under these, and was content.
#[test]
fn zero_of_41_tasks_loaded() {
    for (list, id, status) in
        [("tasks", "id", "PENDING"), ("queue", "id", "pending"), ("queue", "task_id", "Pending")]
    {
        let tasks: String = (0..41)
            .map(|number| format!("- {{{id}: T-{number}, status: {status}, success_rate: 0.7}}\n"))
            .collect();
        let program = Program::with_queue(&format!("{list}:\n{tasks}"));
        assert!(program.run("reanalyze").out.ends_with("41 tasks looked at, 41 changes\n"), "{list} {id}");
    }
    // The very file, where it is at hand.
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/real/queue-41.yaml");
    if let Ok(queue) = fs::read_to_string(real) {
        let program = Program::with_queue(&queue);
        assert!(program.run("reanalyze --dry-run").out.contains("41 tasks looked at"));
    }
    // And a file that is no queue is none, instead of an empty one.
    assert_eq!(Program::with_queue("task: []\n").run("reanalyze").code, 6);
}

//! The counters that a file carries.

use atomic_io::Document;
use queue_cli::ops::{counters, sync_counters};

const QUEUE: &str = "\
schema:
  version: 1.0.0   # not a counter
  total_tasks: 9
  completed: 1
  pending: 2
tasks:
- {id: A, status: completed, priority: HIGH, type: docs, estimated_minutes: 30}
- {id: B, status: pending, priority: high, type: docs, estimated_minutes: 45}
- {id: C, status: PENDING, priority: LOW}
- {id: D, status: On Hold}
queue_metadata:
  by_status: {completed: 1, in_progress: 4}
  by_priority:
    HIGH: 2
    MEDIUM: 1
  total_estimated_hours: 1
  quick_wins: [A]
metadata: {current_depth: 4}
";

#[test]
fn what_drifted_is_told_and_mended_and_nothing_else_is_touched() {
    let mut document = Document::parse(QUEUE).unwrap();
    let drifted: Vec<_> = counters(&document)
        .unwrap()
        .into_iter()
        .filter(queue_cli::ops::Counter::has_drifted)
        .map(|counter| (counter.path.to_string(), counter.stored, counter.actual))
        .collect();
    let told: Vec<_> =
        drifted.iter().map(|(path, stored, actual)| (path.as_str(), *stored, *actual)).collect();
    assert_eq!(
        told,
        [
            ("schema.total_tasks", Some(9.0), 4.0),
            ("queue_metadata.by_status.in_progress", Some(4.0), 0.0),
            ("queue_metadata.by_status.\"On Hold\"", None, 1.0),
            ("queue_metadata.by_status.pending", None, 2.0),
            ("queue_metadata.by_priority.MEDIUM", Some(1.0), 0.0),
            ("queue_metadata.by_priority.LOW", None, 1.0),
            ("queue_metadata.total_estimated_hours", Some(1.0), 1.25),
            ("metadata.current_depth", Some(4.0), 2.0),
        ]
    );
    sync_counters(&mut document).unwrap();
    let expected = QUEUE
        .replace("total_tasks: 9", "total_tasks: 4")
        .replace("{completed: 1, in_progress: 4}", "{completed: 1, in_progress: 0, On Hold: 1, pending: 2}")
        .replace("MEDIUM: 1\n", "MEDIUM: 0\n    LOW: 1\n")
        .replace("hours: 1\n", "hours: 1.25\n")
        .replace("current_depth: 4", "current_depth: 2");
    assert_eq!(document.text(), expected);
    assert!(sync_counters(&mut document).unwrap().value.is_empty());
}

#[test]
fn what_can_be_begun_and_what_waits_are_counted() {
    let text = "\
tasks:
- {id: A, status: completed}
- {id: B, status: PENDING, blockedBy: [A]}
- {id: C, status: pending, blockedBy: [A, B]}
- {id: D, status: pending, blockedBy: [gone]}
- {id: E, status: blocked}
- {id: F, status: in_progress, blockedBy: [B]}
queue_metadata: {blocked_count: 52, ready_to_execute: 17}
";
    let mut document = Document::parse(text).unwrap();
    sync_counters(&mut document).unwrap();
    assert!(document.text().ends_with("queue_metadata: {blocked_count: 3, ready_to_execute: 1}\n"));
}

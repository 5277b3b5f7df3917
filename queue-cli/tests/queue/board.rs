//! Which tasks are ready, in which order, and why the others wait.

use atomic_io::Document;
use jiff::Timestamp;
use queue_cli::{Board, no_claim_is_over, tasks};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn ready(yaml: &str) -> Vec<String> {
    let document = Document::parse(yaml).unwrap();
    let tasks = tasks(&document).unwrap();
    Board::new(&tasks, now(), &no_claim_is_over).ready().iter().map(|task| task.id.clone()).collect()
}

/// Why the first task of `yaml` waits.
fn why(yaml: &str) -> String {
    let document = Document::parse(yaml).unwrap();
    let tasks = tasks(&document).unwrap();
    let board = Board::new(&tasks, now(), &no_claim_is_over);
    board.waiting(&tasks[0]).map_or("ready".into(), |why| why.to_string())
}

#[test]
fn priority_then_score_then_unblocked_then_file_order() {
    let queue = "\
tasks:
  - {id: plain, status: pending}
  - {id: low, status: pending, priority: LOW, priority_score: 99}
  - {id: high-5, status: pending, priority: high, priority_score: 5}
  - {id: high-9, status: pending, priority: HIGH, priority_score: 9.5}
  - {id: also-5, status: pending, priority: High, priority_score: 5.0}
  - {id: critical, status: PENDING, priority: CRITICAL}
  - {id: waiting, status: pending, priority: CRITICAL, blockedBy: [also-5]}
";
    assert_eq!(ready(queue), ["critical", "high-9", "also-5", "high-5", "low", "plain"]);
}

#[test]
fn a_blocker_that_is_not_completed_blocks() {
    for (status, why_it_waits) in [
        ("pending", "waits for B (pending)"),
        ("in_progress", "waits for B (in_progress)"),
        ("failed", "waits for B (failed)"),
        ("cancelled", "waits for B (cancelled)"),
        ("on hold", "waits for B (on hold)"),
        ("completed", "ready"),
        ("COMPLETED", "ready"),
    ] {
        let queue =
            format!("tasks:\n- id: A\n  status: pending\n  blockedBy: [B]\n- id: B\n  status: {status}\n");
        assert_eq!(why(&queue), why_it_waits);
    }
    assert_eq!(
        why("tasks:\n- id: A\n  status: pending\n  depends_on: [B]\n"),
        "waits for B (not in the queue)"
    );
}

/// A dependency in a form that is not understood would otherwise pass for "waits for nothing".
#[test]
fn blockers_are_understood_or_refused() {
    let with = |blockers: &str| {
        format!("tasks:\n- {{id: A, status: pending, {blockers}}}\n- {{id: B, status: pending}}\n")
    };
    for blockers in
        ["blockedBy: B", "blockedBy: [B]", "blocked_by: [B]", "dependencies: [B, B]", "depends_on: 'B'"]
    {
        assert_eq!(why(&with(blockers)), "waits for B (pending)", "{blockers}");
    }
    for nothing in ["blockedBy: []", "blockedBy: ~", "blockedBy: "] {
        assert_eq!(why(&with(nothing)), "ready", "{nothing}");
    }
    for unclear in ["blockedBy: [{id: B}]", "blockedBy: {id: B}", "blockedBy: [[B]]", "blockedBy: [~]"] {
        let error = tasks(&Document::parse(with(unclear)).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: task 1 of the list waits for something that is no id",
            "{unclear}"
        );
    }
}

#[test]
fn what_is_not_pending_waits_for_nobody() {
    assert_eq!(why("tasks:\n- {id: A, status: completed}\n"), "completed");
    assert_eq!(why("tasks:\n- {id: A, status: paused}\n"), "paused");
    assert_eq!(why("tasks:\n- {id: A}\n"), "no status");
    // A person's mark, with or without a name on it, is no claim that could run out.
    let marked = "in_progress, marked so without a claim";
    assert_eq!(why("tasks:\n- {id: A, status: in_progress}\n"), marked);
    assert_eq!(
        why("tasks:\n- {id: A, status: in_progress, claimed_by: ann, claimed_at: '2020-01-01'}\n"),
        marked
    );
}

#[test]
fn times_are_waited_for() {
    let leased = |until: &str| {
        format!("tasks:\n- {{id: A, status: claimed, claimed_by: ann, lease_until: '{until}'}}\n")
    };
    assert_eq!(why(&leased("2026-03-01T11:59:59Z")), "ready");
    assert_eq!(why(&leased("2026-03-01T12:00:01Z")), "claimed by ann until 2026-03-01T12:00:01Z");
    assert_eq!(why(&leased("2026-03-01T13:00:01+02:00")), "ready");
    assert_eq!(why(&leased("next week")), "claimed by ann until next week");
    let retried = |at: &str| format!("tasks:\n- {{id: A, status: pending, retry_at: '{at}'}}\n");
    assert_eq!(why(&retried("2026-03-01T12:00:00Z")), "ready");
    assert_eq!(why(&retried("2026-03-01T12:00:01Z")), "not before 2026-03-01T12:00:01Z");
}

#[test]
fn a_cycle_waits_and_does_not_hang() {
    assert!(
        ready(
            "tasks:\n- {id: A, status: pending, blockedBy: [B]}\n- {id: B, status: pending, blockedBy: [A]}\n"
        )
        .is_empty()
    );
}

//! Only who holds a task may act on it, and only as long as the attempt has not moved on.

use atomic_io::Document;
use jiff::{SignedDuration, Timestamp};
use queue_cli::ops::{Proof, Token, done, fail, heartbeat, release, start};
use queue_cli::{EventKind, QueueError, Status, tasks};

const QUEUE: &str = "\
tasks:
  - id: A
    status: claimed
    claimed_by: ann
    claimed_at: \"2026-03-01T11:00:00.000Z\"
    attempt: 2
    lease_until: \"2026-03-01T11:10:00.000Z\"
";

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn attempt(number: u64) -> Token {
    Token { id: "A".into(), proof: Proof::Attempt(number) }
}

fn agent(name: &str) -> Token {
    Token { id: "A".into(), proof: Proof::Agent(name.into()) }
}

#[test]
fn the_way_to_completed() {
    let mut document = Document::parse(QUEUE).unwrap();
    let started = start(&mut document, now(), &attempt(2)).unwrap();
    assert_eq!(started.events[0].kind, EventKind::Started);
    assert!(start(&mut document, now(), &agent("ann")).unwrap().events.is_empty());
    done(&mut document, now(), &attempt(2), "someone").unwrap();
    assert_eq!(
        document.text(),
        "tasks:\n  - id: A\n    status: completed\n    claimed_by: ann\n    claimed_at: \"2026-03-01T11:00:00.000Z\"\n    \
         attempt: 2\n    started_at: \"2026-03-01T12:00:00.000Z\"\n    completed_at: \"2026-03-01T12:00:00.000Z\"\n    \
         completed_by: ann\n"
    );
    // The answer was lost, and the holder asks again.
    assert!(done(&mut document, now(), &attempt(2), "someone").unwrap().events.is_empty());
    let error = fail(&mut document, now(), &attempt(2), "late", None).unwrap_err();
    assert_eq!(error.to_string(), "A cannot be failed: it is completed, held by ann");
}

#[test]
fn an_attempt_that_is_over_is_refused_and_changes_nothing() {
    let lease = SignedDuration::from_mins(10);
    let mut document = Document::parse(QUEUE).unwrap();
    for stale in [1, 3] {
        let token = attempt(stale);
        for refused in [
            start(&mut document, now(), &token).unwrap_err(),
            heartbeat(&mut document, now(), &token, lease).unwrap_err(),
            done(&mut document, now(), &token, "ann").unwrap_err(),
            fail(&mut document, now(), &token, "x", None).unwrap_err(),
            release(&mut document, now(), &token).unwrap_err(),
        ] {
            assert!(matches!(refused, QueueError::StaleAttempt { now: 2, .. }), "{refused}");
        }
    }
    let stranger = done(&mut document, now(), &agent("bob"), "bob").unwrap_err();
    assert!(matches!(stranger, QueueError::NotHolder { .. }) && stranger.to_string().contains("held by ann"));
    assert_eq!(document.text(), QUEUE);
}

/// Its processes run on; a second claim would make two.
#[test]
fn a_supervised_task_is_not_given_away_by_name() {
    let queue = QUEUE.replace("lease_until: \"2026-03-01T11:10:00.000Z\"", "supervisor: 1.2.boot");
    let mut document = Document::parse(queue).unwrap();
    assert!(matches!(release(&mut document, now(), &agent("ann")), Err(QueueError::NotHolder { .. })));
    assert!(done(&mut document, now(), &attempt(2), "ann").is_ok());
}

#[test]
fn a_heartbeat_prolongs_the_lease() {
    let mut document = Document::parse(QUEUE).unwrap();
    let until = heartbeat(&mut document, now(), &agent("ann"), SignedDuration::from_mins(5)).unwrap().value;
    assert_eq!(until.as_deref(), Some("2026-03-01T12:05:00.000Z"));
    assert_eq!(document.get::<String>("tasks[0].lease_until").unwrap(), "2026-03-01T12:05:00.000Z");
    assert_eq!(document.get::<String>("tasks[0].heartbeat_at").unwrap(), "2026-03-01T12:00:00.000Z");
}

#[test]
fn failures_are_counted_and_told() {
    let mut document = Document::parse(QUEUE).unwrap();
    fail(&mut document, now(), &attempt(2), "no: such # file", None).unwrap();
    let task = &tasks(&document).unwrap()[0];
    assert_eq!((&task.status, task.failure_count), (&Status::Failed, 1));
    assert_eq!(task.last_error.as_deref(), Some("no: such # file"));
    assert!(task.lease_until.is_none());
}

#[test]
fn a_released_task_is_as_before_but_for_its_attempt() {
    let mut document = Document::parse(QUEUE).unwrap();
    start(&mut document, now(), &attempt(2)).unwrap();
    release(&mut document, now(), &attempt(2)).unwrap();
    assert_eq!(document.text(), "tasks:\n  - id: A\n    status: pending\n    attempt: 2\n");
    assert!(matches!(release(&mut document, now(), &attempt(2)), Err(QueueError::WrongState { .. })));
}

#[test]
fn a_file_that_shouts_is_answered_in_kind() {
    let mut document = Document::parse(QUEUE.replace("claimed\n", "CLAIMED\n")).unwrap();
    done(&mut document, now(), &attempt(2), "ann").unwrap();
    assert_eq!(document.get::<String>("tasks[0].status").unwrap(), "COMPLETED");
}

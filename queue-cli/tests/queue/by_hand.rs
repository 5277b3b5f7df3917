//! What people decide about tasks.

use atomic_io::Document;
use jiff::Timestamp;
use queue_cli::ops::{block, cancel, retry, unblock};
use queue_cli::{QueueError, no_claim_is_over};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn in_state(fields: &str) -> Document {
    Document::parse(format!("tasks:\n- id: A\n  {}\n", fields.replace(", ", "\n  "))).unwrap()
}

const HELD: &str = "status: claimed, claimed_by: ann, attempt: 1, lease_until: \"2026-03-01T12:10:00Z\"";
const OVER: &str = "status: claimed, claimed_by: ann, attempt: 1, lease_until: \"2026-03-01T11:10:00Z\"";

#[test]
fn a_task_is_put_back() {
    let back = |fields: &str| {
        let mut document = in_state(fields);
        let kinds = retry(&mut document, now(), &no_claim_is_over, "A").map(|change| change.events.len());
        (kinds.map_err(|error| error.to_string()), document.into_text())
    };
    let pending = |more: &str| format!("tasks:\n- id: A\n  status: pending\n{more}");
    let failed = "status: failed, claimed_by: ann, attempt: 2, failure_count: 1, last_error: no";
    assert_eq!(back(failed), (Ok(1), pending("  attempt: 2\n  failure_count: 1\n  last_error: no\n")));
    assert_eq!(back("status: cancelled"), (Ok(1), pending("")));
    assert_eq!(back("status: pending, retry_at: \"2099-01-01T00:00:00Z\""), (Ok(1), pending("")));
    assert_eq!(back("status: in_progress"), (Ok(1), pending("")));
    assert_eq!(back(OVER), (Ok(1), pending("  attempt: 1\n")));
    assert_eq!(back("status: pending"), (Ok(0), pending("")));
    assert_eq!(back(HELD).0, Err("A cannot be put back: it is claimed, held by ann".into()));
    assert_eq!(back("status: completed").0, Err("A cannot be put back: it is completed".into()));
    assert_eq!(back("status: blocked").0, Err("A cannot be put back: it is blocked".into()));
}

#[test]
fn a_task_is_called_off_unless_somebody_has_it() {
    let off = |fields: &str| {
        let mut document = in_state(fields);
        cancel(&mut document, now(), &no_claim_is_over, "A")
            .map(|_| document.get::<String>("tasks[0].status").unwrap())
    };
    for state in
        ["status: pending", "status: failed", "status: blocked", "status: cancelled", "status: On Hold", OVER]
    {
        assert_eq!(off(state).unwrap(), "cancelled".to_owned(), "{state}");
    }
    for state in [HELD, "status: completed"] {
        assert!(matches!(off(state), Err(QueueError::WrongState { .. })), "{state}");
    }
}

#[test]
fn a_task_is_held_back_and_let_go() {
    let mut document = in_state("status: PENDING");
    assert_eq!(block(&mut document, now(), "A").unwrap().events.len(), 1);
    assert!(block(&mut document, now(), "A").unwrap().events.is_empty());
    assert_eq!(document.get::<String>("tasks[0].status").unwrap(), "BLOCKED");
    assert_eq!(unblock(&mut document, now(), "A").unwrap().events.len(), 1);
    assert!(unblock(&mut document, now(), "A").unwrap().events.is_empty());
    assert_eq!(document.text(), "tasks:\n- id: A\n  status: PENDING\n");
    assert!(matches!(block(&mut in_state(HELD), now(), "A"), Err(QueueError::WrongState { .. })));
    assert!(matches!(
        unblock(&mut in_state("status: failed"), now(), "A"),
        Err(QueueError::WrongState { .. })
    ));
}

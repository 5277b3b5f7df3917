use atomic_io::Document;
use jiff::Timestamp;
use queue_cli::QueueError;
use queue_cli::ops::{NewTask, add};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn titled(title: &str) -> NewTask {
    NewTask { title: title.into(), ..NewTask::default() }
}

#[test]
fn the_first_task_of_an_empty_list() {
    let mut document = Document::parse("# a queue\ntasks: []\n").unwrap();
    let new = NewTask { kind: Some("docs".into()), priority: Some("HIGH".into()), ..titled("Write: #1") };
    assert_eq!(add(&mut document, now(), &|_| false, &new).unwrap().value, "TASK-DOCS-001");
    assert_eq!(
        document.text(),
        "# a queue\ntasks:\n  - id: TASK-DOCS-001\n    type: docs\n    status: pending\n    priority: HIGH\n    \
         title: \"Write: #1\"\n    blockedBy: []\n    created_at: \"2026-03-01T12:00:00.000Z\"\n"
    );
}

#[test]
fn ids_are_unique_and_blockers_exist() {
    let mut document = Document::parse("tasks:\n- id: TASK-001\n  status: PENDING\n").unwrap();
    let taken = NewTask { id: Some("TASK-001".into()), ..titled("x") };
    assert!(matches!(add(&mut document, now(), &|_| false, &taken), Err(QueueError::IdTaken { .. })));
    let lost = NewTask { blocked_by: vec!["TASK-9".into()], ..titled("x") };
    assert!(matches!(add(&mut document, now(), &|_| false, &lost), Err(QueueError::NoSuchBlocker { .. })));
    let good = NewTask { blocked_by: vec!["TASK-001".into()], ..titled("x") };
    assert_eq!(add(&mut document, now(), &|_| false, &good).unwrap().value, "TASK-002");
    assert_eq!(document.get::<String>("tasks[1].status").unwrap(), "PENDING");
    assert_eq!(document.get::<Vec<String>>("tasks[1].blockedBy").unwrap(), ["TASK-001"]);
}

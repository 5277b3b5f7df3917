//! What tasks wait for, changed by hand.

use atomic_io::Document;
use queue_cli::QueueError;
use queue_cli::ops::{NewTask, add, add_blockers, remove_blockers};

const QUEUE: &str = "\
tasks:
- {id: A, blocks: [B], blockedBy: []}
- {id: B, blockedBy: [A], blocks: []}
- {id: C, blockedBy: [B]}
- {id: D, depends_on: A}
- {id: E}
";

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn blockers_come_and_go_with_their_mirror() {
    let mut document = Document::parse(QUEUE).unwrap();
    assert_eq!(add_blockers(&mut document, "E", &ids(&["B", "A", "B"])).unwrap().value, ["B", "A"]);
    assert_eq!(document.get::<Vec<String>>("tasks[1].blocks").unwrap(), ["E"]);
    assert_eq!(document.get::<Vec<String>>("tasks[0].blocks").unwrap(), ["B", "E"]);
    let text = document.text().to_owned();
    assert_eq!(add_blockers(&mut document, "E", &ids(&["A"])).unwrap().value, ["B", "A"]);
    assert_eq!(document.text(), text);
    assert_eq!(remove_blockers(&mut document, "E", &ids(&["B", "nobody"])).unwrap().value, ["A"]);
    assert_eq!(document.get::<Vec<String>>("tasks[1].blocks").unwrap(), Vec::<String>::new());
    assert_eq!(remove_blockers(&mut document, "E", &ids(&["A"])).unwrap().value, Vec::<String>::new());
}

#[test]
fn one_blocker_that_stands_alone_becomes_a_list() {
    let mut document = Document::parse(QUEUE).unwrap();
    assert_eq!(add_blockers(&mut document, "D", &ids(&["C"])).unwrap().value, ["A", "C"]);
    assert_eq!(document.get::<Vec<String>>("tasks[3].depends_on").unwrap(), ["A", "C"]);
    let mut document = Document::parse(QUEUE).unwrap();
    assert!(remove_blockers(&mut document, "D", &ids(&["A"])).unwrap().value.is_empty());
    assert!(document.node("tasks[3].depends_on").unwrap().is_none());
}

#[test]
fn what_would_never_be_ready_is_refused() {
    let mut document = Document::parse(QUEUE).unwrap();
    let mut refused =
        |id: &str, blocker: &str| add_blockers(&mut document, id, &ids(&[blocker])).unwrap_err();
    assert!(matches!(refused("E", "nobody"), QueueError::NoSuchBlocker { .. }));
    assert!(matches!(refused("nobody", "E"), QueueError::NoSuchTask { .. }));
    assert_eq!(refused("E", "E").to_string(), "E would wait for itself: E waits for E");
    assert_eq!(
        refused("A", "C").to_string(),
        "A would wait for itself: A waits for C waits for B waits for A"
    );
    assert_eq!(document.text(), QUEUE);
}

#[test]
fn a_new_task_can_stand_between_two() {
    let mut document = Document::parse(QUEUE).unwrap();
    let between = |after: &str, before: &str| NewTask {
        id: Some("NEW".into()),
        title: "New".into(),
        blocked_by: ids(&[after]),
        blocks: ids(&[before]),
        ..NewTask::default()
    };
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let round = add(&mut document, now, &|_| false, &between("C", "A")).unwrap_err();
    assert_eq!(
        round.to_string(),
        "NEW would wait for itself: NEW waits for C waits for B waits for A waits for NEW"
    );
    assert_eq!(document.text(), QUEUE);
    add(&mut document, now, &|_| false, &between("A", "C")).unwrap();
    assert_eq!(document.get::<Vec<String>>("tasks[2].blockedBy").unwrap(), ["B", "NEW"]);
}

/// The way back is looked for without recursion.
#[test]
fn a_long_chain_is_no_trouble() {
    let mut text = String::from("tasks:\n- {id: T0}\n");
    for number in 1..20_000 {
        text.push_str(&format!("- {{id: T{number}, blockedBy: [T{}]}}\n", number - 1));
    }
    let mut document = Document::parse(text).unwrap();
    let error = add_blockers(&mut document, "T0", &ids(&["T19999"])).unwrap_err();
    assert!(matches!(error, QueueError::Cycle { path } if path.len() == 20_001));
}

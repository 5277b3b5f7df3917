//! Three dialects, each read and written in its own names and case.

use atomic_io::Document;
use jiff::{SignedDuration, Timestamp};
use queue_cli::ops::{ClaimKind, NewTask, Proof, Token, add, add_blockers, claim_next, done};
use queue_cli::{Board, no_claim_is_over, tasks};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

const A: &str = "\
# what is to be done
schema: {version: 1}
tasks:
- id: A-1   # the first
  status: completed
  priority: HIGH
  blockedBy: []
  blocks: [A-2]
- id: A-2
  status: pending
  priority: LOW
  blockedBy: [A-1]
";

const B: &str = "\
queue:
  - id: B-1
    title: First
    priority: medium
    dependencies: []
    added_at: '2026-02-01T02:35:00Z'
    status: pending

  - id: B-2
    title: Second
    priority: high
    dependencies:
      - B-1 (must complete first)
    added_at: '2026-02-01T02:36:00Z'
    status: pending
metadata:
  current_depth: 2
";

const C: &str = "\
queue:
  - task_id: C-1
    title: First
    priority: high
    status: PENDING
    notes: \"as it was\"
  - task_id: C-2
    title: Second
    priority: medium
    blocked_by: C-1
    status: PENDING
";

/// Claims and finishes the next task, which must be `id`; then `text` differs in the lines `changed` alone.
fn check(text: &str, id: &str, changed: &[(&str, &str)]) {
    let mut document = Document::parse(text).unwrap();
    let lease = ClaimKind::Leased(SignedDuration::from_mins(10));
    let claim = claim_next(&mut document, now(), &no_claim_is_over, "ann", &lease).unwrap().value;
    assert_eq!((claim.id.as_str(), claim.attempt), (id, 1));
    let token = Token { id: claim.id, proof: Proof::Attempt(1) };
    done(&mut document, now(), &token, "ann").unwrap();
    let mut expected = text.to_owned();
    for (old, new) in changed {
        assert_eq!(expected.matches(old).count(), 1, "{old}");
        expected = expected.replace(old, new);
    }
    assert_eq!(document.text(), expected);
}

const ENDED: &str = "claimed_by: ann\n    claimed_at: \"2026-03-01T12:00:00.000Z\"\n    attempt: 1\n    \
    completed_at: \"2026-03-01T12:00:00.000Z\"\n    completed_by: ann\n";

#[test]
fn each_is_claimed_and_finished_in_its_own_terms() {
    let of_a = format!("{}\n", ENDED.trim_end().replace("\n    ", "\n  "));
    check(
        A,
        "A-2",
        &[
            ("- id: A-2\n  status: pending", "- id: A-2\n  status: completed"),
            ("blockedBy: [A-1]\n", &format!("blockedBy: [A-1]\n  {of_a}")),
        ],
    );
    check(
        B,
        "B-1",
        &[(
            ":00Z'\n    status: pending\n\n",
            &format!(":00Z'\n    status: completed\n    {}\n", ENDED.replace('"', "'")),
        )],
    );
    check(
        C,
        "C-1",
        &[
            ("status: PENDING\n    notes", "status: COMPLETED\n    notes"),
            ("notes: \"as it was\"\n", &format!("notes: \"as it was\"\n    {ENDED}")),
        ],
    );
}

#[test]
fn a_remark_behind_a_blocker_is_no_part_of_its_id() {
    let document = Document::parse(B).unwrap();
    let all = tasks(&document).unwrap();
    assert_eq!(all[1].blocked_by, ["B-1"]);
    let board = Board::new(&all, now(), &no_claim_is_over);
    assert_eq!(board.waiting(&all[1]).unwrap().to_string(), "waits for B-1 (pending)");
    // Unless it is.
    let odd = Document::parse("queue:\n- {id: A (x), status: pending}\n- {id: B, dependencies: [A (x)]}\n")
        .unwrap();
    assert_eq!(tasks(&odd).unwrap()[1].blocked_by, ["A (x)"]);
}

#[test]
fn a_new_task_is_written_like_the_others() {
    let added = |text: &str| {
        let mut document = Document::parse(text).unwrap();
        let first = tasks(&document).unwrap()[0].id.clone();
        let new = NewTask {
            id: Some("NEW".into()),
            title: "New".into(),
            priority: Some("High".into()),
            blocked_by: vec![first],
            resource: Some("cpu_bound".into()),
            ..NewTask::default()
        };
        add(&mut document, now(), &|_| false, &new).unwrap();
        let text = document.text().to_owned();
        let place = text.find("NEW\n").unwrap();
        let words = text[place..].lines().take_while(|line| !line.starts_with("metadata"));
        words.map(str::trim).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        added(A),
        "NEW status: pending priority: HIGH title: New blockedBy: [A-1] resource_type: cpu_bound \
         created_at: \"2026-03-01T12:00:00.000Z\""
    );
    assert_eq!(
        added(B),
        "NEW status: pending priority: high title: New dependencies: - B-1 resource_type: cpu_bound \
         added_at: '2026-03-01T12:00:00.000Z'"
    );
    assert_eq!(
        added(C),
        "NEW status: PENDING priority: high title: New blocked_by: - C-1 resources: - cpu_bound \
         created_at: \"2026-03-01T12:00:00.000Z\""
    );
}

#[test]
fn dependencies_go_where_the_file_has_them() {
    let mut document = Document::parse(C).unwrap();
    let new = NewTask { id: Some("C-3".into()), title: "Third".into(), ..NewTask::default() };
    add(&mut document, now(), &|_| false, &new).unwrap();
    assert!(document.node("queue[2].blocked_by").unwrap().is_none());
    add_blockers(&mut document, "C-3", &["C-2".into()]).unwrap();
    assert_eq!(document.get::<Vec<String>>("queue[2].blocked_by").unwrap(), ["C-2"]);
    // One blocker that stood there alone.
    add_blockers(&mut document, "C-2", &["C-1".into()]).unwrap();
    assert_eq!(document.get::<String>("queue[1].blocked_by").unwrap(), "C-1");
}

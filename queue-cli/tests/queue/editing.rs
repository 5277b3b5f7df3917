//! Fields changed by hand.

use atomic_io::Document;
use queue_cli::QueueError;
use queue_cli::ops::{FieldEdit, edit};

const QUEUE: &str = "\
tasks:
- id: A   # the first
  status: pending
  priority: HIGH
  title: First
  roi: {impact: 3, effort: 30}
- id: B
  status: pending
  priority: Someday
";

fn set(field: &str, value: &str) -> FieldEdit<String> {
    FieldEdit { field: field.into(), value: Some(value.into()) }
}

#[test]
fn only_what_was_meant_changes() {
    let mut document = Document::parse(QUEUE).unwrap();
    let unset = FieldEdit { field: "roi.impact".into(), value: None };
    edit(&mut document, "A", &[set("title", "Second: #1"), set("priority", "low"), unset, set("team", "x")])
        .unwrap();
    let expected = QUEUE
        .replace("title: First", "title: \"Second: #1\"")
        .replace("HIGH", "LOW")
        .replace("{impact: 3, effort: 30}\n", "{effort: 30}\n  team: x\n");
    assert_eq!(document.text(), expected);
}

#[test]
fn what_other_verbs_keep_is_left_to_them() {
    let mut document = Document::parse(QUEUE).unwrap();
    for (field, verb) in
        [("status", "`block`"), ("attempt", "`claim`"), ("blockedBy", "`dep add`"), ("id", "nothing")]
    {
        let error = edit(&mut document, "A", &[set(field, "x")]).unwrap_err();
        assert!(
            matches!(error, QueueError::NotEditable { .. }) && error.to_string().contains(verb),
            "{error}"
        );
    }
}

#[test]
fn a_value_that_the_rules_cannot_read_is_refused() {
    let refused = |field: &str, value: &str| {
        let mut document = Document::parse(QUEUE).unwrap();
        matches!(edit(&mut document, "A", &[set(field, value)]), Err(QueueError::BadValue { .. }))
    };
    assert!(refused("priority", "urgent"));
    assert!(refused("priority_score", "high"));
    assert!(refused("estimated_minutes", "NaN"));
    // A word that the queue uses already.
    assert!(!refused("priority", "Someday"));
    assert!(!refused("estimated_minutes", "30"));
}

/// The path of nothing leads to the task itself.
#[test]
fn an_edit_of_no_field_replaced_or_removed_the_whole_task() {
    for field in ["", ".", "[0]", "[id=A]"] {
        let unset = FieldEdit { field: field.into(), value: None };
        for change in [set(field, "x"), unset] {
            let mut document = Document::parse(QUEUE).unwrap();
            let error = edit(&mut document, "A", &[change]).unwrap_err();
            assert!(matches!(error, QueueError::NoField { .. }), "{field}: {error}");
            assert_eq!(document.text(), QUEUE);
        }
    }
}

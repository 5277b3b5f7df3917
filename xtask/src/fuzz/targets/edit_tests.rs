//! The judge of edits, tried on results that no edit should have.

use super::*;

fn document(text: &str) -> Document {
    Document::parse(text).unwrap()
}

fn value(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn check(text: &str, edits: &[Edit]) -> Result<(), String> {
    Edits { text: text.to_owned(), edits: edits.to_vec() }.check(&mut (), &mut Tally::default())
}

fn edit(operation: Operation, node: usize, value: &str) -> Edit {
    Edit { operation, node, value: value.to_owned() }
}

#[test]
fn right_edits_are_right() {
    let text = "a: old # c\nb: [x, y]\nc:\n  - z\n";
    for operation in [Operation::Set, Operation::Insert("new".into()), Operation::Push, Operation::Remove] {
        for node in 0..6 {
            check(
                text,
                &[
                    edit(operation.clone(), node, "{k: \"2026-02-07\"}"),
                    edit(Operation::Set, node, "\"yes\""),
                ],
            )
            .unwrap();
        }
    }
}

#[test]
fn what_is_meant_is_known_without_the_document() {
    for (operation, node, after) in [
        (Operation::Set, "a", "{a: 7, b: [x]}"),
        (Operation::Insert("c".into()), "", "{a: 1, b: [x], c: 7}"),
        (Operation::Insert("a".into()), "", "{a: 7, b: [x]}"),
        (Operation::Push, "b", "{a: 1, b: [x, 7]}"),
        (Operation::Remove, "a", "{b: [x]}"),
    ] {
        let mut meant = value("{a: 1, b: [x]}");
        let steps: Vec<_> = ["a", "b"]
            .iter()
            .position(|k| *k == node)
            .map(|i| Step::Entry(i, node.into()))
            .into_iter()
            .collect();
        assert!(edit(operation, 0, "7").mean(&mut meant, &steps, value("7")));
        assert_eq!(meant, value(after));
    }
    assert!(!edit(Operation::Push, 0, "7").mean(&mut value("{a: 1}"), &[], value("7")));
}

#[test]
fn a_result_that_holds_something_else_is_seen() {
    let tally = &mut Tally::default();
    let document = document("a: 1\nb: x\n");
    assert_eq!(holds(&document, &value("{a: 1, b: x}"), tally), Ok(()));
    for other in
        ["{a: 2, b: x}", "{a: 1}", "{a: '1', b: x}", "{a: 1, b: x, c: }", "{b: x, a: 1}", "{a: 1, b: y}"]
    {
        assert!(holds(&document, &value(other), tally).is_err(), "{other}");
    }
}

#[test]
fn a_text_that_is_no_text_to_yaml_1_1_is_seen() {
    for (text, new) in [
        ("a: yes\n", "yes"),
        ("a: 1_000\n", "1_000"),
        ("a: 12:30\n", "12:30"),
        ("a: [2026-02-07]\n", "2026-02-07"),
    ] {
        let document = document(text);
        let node = document.root();
        let meant: Value = serde_yaml::from_str(&text.replace(new, &format!("\"{new}\""))).unwrap();
        assert_eq!(yaml_1_1_trap(node, &meant).as_deref(), Some(new));
    }
    assert_eq!(yaml_1_1_trap(document("a: \"yes\"\n").root(), &value("{a: 'yes'}")), None);
}

#[test]
fn only_errors_that_an_edit_may_meet_count_as_refusals() {
    let error = |text: &str, path: &str| document(text).set(path, "x").unwrap_err();
    assert!(refusal(&error("a: &x 1\n", "a")).is_some());
    assert!(refusal(&error("a: 1\n", "a.b")).is_some());
    assert!(refusal(&error("a: 1\n", "b.c")).is_none());
    assert!(refusal(&error("a: 1\n", "a[")).is_none());
}

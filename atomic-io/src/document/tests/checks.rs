//! The checks after an edit find what a wrong edit would do, and undo it.

use super::super::splice::{Change, Meaning, Plan};
use super::*;

/// Puts `new` in the place of `old`, the first of its kind in `before`, as if that were right for `change`;
/// the checks must say `reason`.
fn check_undone(before: &str, old: &str, new: &str, change: Change, value: impl Into<Value>, reason: &str) {
    let mut doc = outlined(before);
    let start = before.find(old).unwrap();
    // The end that both have is not replaced.
    let same = old.bytes().rev().zip(new.bytes().rev()).take_while(|(o, n)| o == n).count();
    let (end, new) = (start + old.len() - same, &new[..new.len() - same]);
    let plan = Plan { start, end, text: new.to_owned(), change };
    let key = matches!(change, Change::Insert { .. }).then_some("new");
    let value = value.into();
    let is_removal = matches!(change, Change::Remove(_));
    let meaning = Meaning { key, value: (!is_removal).then_some(&value) };
    match doc.apply(&"some.path".parse().unwrap(), &plan, &meaning) {
        Err(DocumentError::Check { path, reason: found }) => {
            assert_eq!(path, "some.path");
            assert!(found.contains(reason), "{found} for {new:?} in {before:?}");
        }
        other => panic!("{other:?} for {new:?} in {before:?}"),
    }
    assert_eq!(doc.text(), before);
    check_outline(&doc);
}

const MAP: &str = "a: old # c\nb: 2\n";

#[test]
fn a_value_that_reads_as_another_is_undone() {
    let set = Change::Replace(1);
    check_undone(MAP, "old", "true", set, "true", "another value");
    check_undone(MAP, "old", "1", set, "1", "another value");
    check_undone(MAP, "old", "x # y", set, "x # y", "another value");
    check_undone(MAP, "old", "\"x\\ty\"", set, "x\\ty", "another value");
    check_undone(MAP, "old", "[x, y]", set, "x", "another value");
    check_undone("a: [old]\n", "old", "x", Change::Replace(2), "y", "another value");
}

#[test]
fn a_value_that_is_none_or_two_is_undone() {
    let set = Change::Replace(1);
    check_undone(MAP, "old", "\"x", set, "x", "it would be");
    check_undone(MAP, "old", "x: y", set, "x: y", "it would be");
    check_undone(MAP, "old", "&x y", set, "y", "an anchor");
    check_undone(MAP, "old", "x\n---\n", set, "x", "it would be");
    check_undone("a: [old]\n", "old", "x, y", Change::Replace(2), "x, y", "one value");
    check_undone("a: [old]\n", "old", "", Change::Replace(2), "", "one value");
}

#[test]
fn an_edit_that_touches_its_neighbours_is_undone() {
    let set = Change::Replace(1);
    check_undone(MAP, "old", "x\nz: 1", set, "x", "would");
    check_undone(MAP, "old # c\nb: 2", "x", set, "x", "");
    check_undone(MAP, "a: old", "z: x", set, "x", "its key");
    check_undone(MAP, "old", "|\n  x\n b: 3", set, "x\n", "");
    check_undone("a: |\n  x\nb: 1", "\nb: 1", "", Change::Remove(2), Value::Null, "beside");
    check_undone("a: |+\n  x\nb: 1\n", "b: 1\n", "\n", Change::Remove(2), Value::Null, "");
}

#[test]
fn a_removal_of_too_much_or_too_little_is_undone() {
    let text = "a: 1\nb:\n  - 2\nc: 3\n";
    check_undone(text, "b:\n  - 2\nc: 3\n", "", Change::Remove(2), Value::Null, "");
    check_undone(text, "b:\n", "", Change::Remove(2), Value::Null, "");
    check_undone(text, "  - 2\n", "", Change::Remove(2), Value::Null, "leave something behind");
    check_undone(text, "a: 1\nb:\n  - 2\n", "", Change::Remove(2), Value::Null, "");
}

#[test]
fn an_insertion_in_the_wrong_place_is_undone() {
    let text = "a:\n  b: 1\nc: 3\n";
    let insert = Change::Insert { into: 1 };
    let wrong = |new: &str, reason: &str| {
        check_undone(text, "c: 3", &format!("{new}c: 3"), insert, 1, reason);
    };
    wrong("new: 1\n", "");
    wrong("   new: 1\n", "");
    wrong("  b: 1\n", "duplicate");
    wrong("  other: 1\n", "its key would be another");
    wrong("  new: 2\n", "another value");
    wrong("  new: 1\n  more: 1\n", "one value");
    wrong("", "one value");
}

//! What holds for any text and any edit.

use super::generate::{Choices, damaged, document};
use super::*;
use proptest::prelude::*;
use serde_yaml::Mapping;

/// All nodes of a document with their paths; the first is the root.
fn nodes(doc: &Document) -> Vec<DocPath> {
    fn below(node: Node<'_>, path: &DocPath, found: &mut Vec<DocPath>) {
        found.push(path.clone());
        for (key, value) in node.entries() {
            below(value, &path.clone().key(key), found);
        }
        for (i, item) in node.items().enumerate() {
            below(item, &path.clone().index(i), found);
        }
    }
    let mut found = Vec::new();
    below(doc.root(), &DocPath::root(), &mut found);
    found
}

const STRINGS: &[&str] = &[
    "new",
    "two words",
    "yes",
    "2026-02-07",
    "",
    " x",
    "a: b",
    "# c",
    "a\nb",
    "it's",
    "1_0",
    "[x",
    "- y",
    "é",
];

fn any_value(choices: &mut Choices<'_>, depth: usize) -> Value {
    match choices.below(if depth < 3 { 9 } else { 7 }) {
        0..=3 => choices.of(STRINGS).into(),
        4 => choices.of(&[0i64, -1, 12345, i64::MAX]).into(),
        5 => choices.of(&[0.5, -1e300, f64::INFINITY]).into(),
        6 => choices.of(&[Value::Null, Value::from(true)].each_ref()).clone(),
        7 => (0..choices.below(4)).map(|_| any_value(choices, depth + 1)).collect::<Vec<_>>().into(),
        _ => {
            let entries = (0..choices.below(4)).map(|i| {
                let key = choices.of(&["k", "id", "yes", "a b", "1"]);
                (
                    Value::from(format!("{key}{}", if i == 0 { "" } else { "2" })),
                    any_value(choices, depth + 1),
                )
            });
            Value::Mapping(entries.collect())
        }
    }
}

/// What stands at `path` in a value, followed as a document follows it.
fn at<'v>(value: &'v mut Value, path: &DocPath) -> &'v mut Value {
    path.steps().iter().fold(value, |value, step| match (step, value) {
        (super::super::path::Step::Key(key), Value::Mapping(map)) => {
            map.iter_mut().find(|(k, _)| named(k, key)).map(|(_, v)| v).unwrap()
        }
        (super::super::path::Step::Index(i), Value::Sequence(items)) => &mut items[*i],
        (step, value) => panic!("{step:?} in {value:?}"),
    })
}

fn named(key: &Value, text: &str) -> bool {
    key.as_str() == Some(text) || key.as_i64().is_some_and(|n| n.to_string() == text)
}

/// Makes a random edit of the document and of its value; `None` when it was refused.
fn edit(choices: &mut Choices<'_>, doc: &mut Document, value: &mut Value) -> Option<String> {
    let paths = nodes(doc);
    let path = &paths[choices.below(paths.len())];
    let parent = path.prefix(path.steps().len().saturating_sub(1));
    let new = any_value(choices, 0);
    let what = choices.below(4);
    let target = at(value, path);
    let result = match what {
        0 => doc.remove(path).map(|there| assert!(there)),
        1 => doc.push(path, &new),
        2 => doc.set(path.clone().key("added"), &new),
        _ => doc.set(path, &new),
    };
    match result {
        Ok(()) => {}
        Err(DocumentError::WrongKind { .. }) => {
            assert!(path.steps().is_empty() || !target.is_null());
            assert!(what != 1 || !target.is_sequence());
            return None;
        }
        Err(DocumentError::Refused { .. }) => return None,
        Err(DocumentError::Check { reason, .. }) => {
            // Larger documents are not outlined again as a whole, so that must never be what finds a mistake.
            assert!(!reason.contains("document"), "{reason}: {what} at {path} of {:?} {new:?}", doc.text());
            return None;
        }
        Err(e) => panic!("{e}"),
    }
    match (what, target) {
        (0, _) => match (at(value, &parent), path.steps().last()) {
            (Value::Sequence(items), Some(super::super::path::Step::Index(i))) => {
                items.remove(*i);
            }
            (Value::Mapping(map), Some(super::super::path::Step::Key(key))) => {
                let key = map.keys().find(|k| named(k, key)).unwrap().clone();
                map.shift_remove(&key);
            }
            other => panic!("{other:?}"),
        },
        (1, Value::Sequence(items)) => items.push(new),
        (1, target) => *target = Value::Sequence(vec![new]),
        (2, Value::Mapping(map)) => {
            map.insert("added".into(), new);
        }
        (2, target) => *target = Value::Mapping(Mapping::from_iter([("added".into(), new)])),
        (_, target) => *target = new,
    }
    Some(format!("{what} at {path}"))
}

proptest! {
    #[test]
    fn generated_documents_are_outlined_and_read_as_the_full_parser_does(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check_agrees(&document(&mut Choices::new(&bytes)));
    }

    #[test]
    fn what_both_accept_they_read_alike(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut choices = Choices::new(&bytes);
        let text = document(&mut choices);
        let text = damaged(&mut choices, text);
        let value = serde_yaml::from_str::<Value>(without_mark(&text));
        match (Document::parse(text.as_str()), value) {
            (Ok(doc), Ok(value)) if doc.root().line().is_some() => {
                prop_assert_eq!(check_node(doc.root(), &value), Ok(()), "in {:?}", text);
            }
            (Ok(doc), Err(e)) => prop_assert!(false, "{e} in {:?}", doc.text()),
            (Err(e), Ok(_)) => prop_assert!(e.message.contains("merg"), "{e} in {text:?}"),
            _ => {}
        }
    }

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in "[-a1:#'\"\\\\\\[\\]{},|>?&*!%~=<+. \\r\\n\\té\u{85}\u{feff}]{0,40}") {
        let value = serde_yaml::from_str::<Value>(without_mark(&text));
        match (Document::parse(text.as_str()), value) {
            (Ok(doc), Ok(value)) if doc.root().line().is_some() => {
                prop_assert_eq!(check_node(doc.root(), &value), Ok(()), "in {:?}", text);
            }
            (Ok(doc), Err(e)) => prop_assert!(doc.root().is_null(), "{e} in {:?}", doc.text()),
            (Err(e), _) => prop_assert!(e.line > 0 && e.column > 0 && e.line <= text.split('\n').count()),
            _ => {}
        }
    }

    #[test]
    fn edits_read_back_as_meant_and_leave_the_outline_of_the_new_text(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let mut choices = Choices::new(&bytes);
        let mut doc = outlined(&document(&mut choices));
        let mut value: Value = serde_yaml::from_str(without_mark(doc.text())).unwrap();
        for _ in 0..4 {
            let before = doc.clone();
            let made = edit(&mut choices, &mut doc, &mut value);
            if made.is_none() {
                prop_assert_eq!(before.text(), doc.text());
            }
            check_outline(&doc);
            let read: Value = serde_yaml::from_str(without_mark(doc.text())).unwrap();
            prop_assert_eq!(&read, &value, "{:?} of {:?} made {:?}", made, before.text(), doc.text());
        }
    }

    #[test]
    fn replacing_a_single_value_by_any_string_changes_no_other_byte(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        which in any::<prop::sample::Index>(),
        new in prop_oneof![any::<String>(), "[-a0-9:_.+eExX#'\"\\[{ ,~=yesno]{0,8}"],
    ) {
        let mut doc = outlined(&document(&mut Choices::new(&bytes)));
        let mut paths = nodes(&doc);
        paths.retain(|path| doc.node(path).unwrap().is_some_and(|n| !n.is_map() && !n.is_list()));
        if !paths.is_empty() {
            let path = which.get(&paths);
            let before = doc.text().to_owned();
            let raw = doc.node(path).unwrap().unwrap().raw().unwrap();
            let start = raw.as_ptr() as usize - doc.text().as_ptr() as usize;
            let end = start + raw.len();
            // A `+` may own the last line breaks of the file.
            if doc.set(path, &new).is_ok() {
                prop_assert!(doc.text().starts_with(&before[..start]));
                prop_assert!(doc.text()[start..].ends_with(&before[end..]));
                prop_assert_eq!(doc.get::<String>(path).unwrap(), new);
            } else {
                prop_assert!(before.contains(['|', '>']), "{before:?}");
                prop_assert_eq!(before, doc.text());
            }
        }
    }
}

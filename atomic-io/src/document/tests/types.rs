//! Values that are read without the parser come out as the parser would have read them.

use super::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

const SCALARS: &[&str] = &[
    "word",
    "two words",
    "a",
    "é",
    "First",
    "Second",
    "true",
    "True",
    "yes",
    "null",
    "~",
    "",
    "\"\"",
    "''",
    "0",
    "1",
    "-1",
    "7",
    "255",
    "256",
    "-129",
    "12345678901",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "007",
    "+1",
    "0x10",
    "1.5",
    "1e3",
    ".inf",
    "\"1\"",
    "'true'",
    "\"null\"",
    "2026-02-07",
    "\"two\\nlines\"",
    "'it''s'",
    "[]",
    "{}",
    "[1, 2]",
    "[word]",
    "{First: 1}",
    "\"First\"",
];

#[derive(Debug, Deserialize)]
enum Choice {
    First,
    Second,
}

#[derive(Debug, Deserialize)]
struct Wrapped<T>(T);

#[expect(dead_code, reason = "compared as it is printed")]
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Bool(bool),
    Int(i64),
    Text(String),
    None(()),
}

fn check_type<T: DeserializeOwned + Debug>() {
    for scalar in SCALARS {
        for text in [format!("a: {scalar}\n"), format!("- {scalar}\n")] {
            let (path, expected) = if text.starts_with('a') {
                (
                    "a",
                    serde_yaml::from_str::<BTreeMap<String, T>>(&text)
                        .ok()
                        .and_then(|mut map| map.remove("a")),
                )
            } else {
                ("[0]", serde_yaml::from_str::<Vec<T>>(&text).ok().and_then(|mut items| items.pop()))
            };
            let read = outlined(&text).get::<T>(path);
            let same = format!("{expected:?}") == format!("{:?}", read.as_ref().ok());
            assert!(same, "{read:?} instead of {expected:?} of {text:?} as {}", std::any::type_name::<T>());
        }
    }
}

#[test]
fn every_type_is_read_as_the_parser_reads_it() {
    check_type::<String>();
    check_type::<Option<String>>();
    check_type::<Box<str>>();
    check_type::<char>();
    check_type::<bool>();
    check_type::<Option<bool>>();
    check_type::<()>();
    check_type::<u8>();
    check_type::<i8>();
    check_type::<u64>();
    check_type::<i64>();
    check_type::<u128>();
    check_type::<Option<i64>>();
    check_type::<f64>();
    check_type::<f32>();
    check_type::<Vec<String>>();
    check_type::<Vec<u8>>();
    check_type::<BTreeMap<String, i64>>();
    check_type::<Choice>();
    check_type::<Option<Choice>>();
    check_type::<Wrapped<String>>();
    check_type::<Wrapped<Option<u16>>>();
    check_type::<Untagged>();
    check_type::<Value>();
    check_type::<std::path::PathBuf>();
}

#[test]
fn a_value_that_does_not_fit_says_where() {
    let doc = outlined("a: 1\nb:\n  - c: word\n    d: [1, x]\n");
    let error = doc.get::<u64>("b[0].c").unwrap_err();
    assert_eq!(error.to_string(), "the value at `b[0].c` does not fit the type asked for");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("line 3"), "{source}");
    let error = doc.get::<Vec<u64>>("b[0].d").unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("line 4"), "{source}");
    assert!(matches!(doc.get::<u64>("b[1].c"), Err(DocumentError::NotFound { .. })));
}

#[test]
fn what_is_set_is_what_is_read() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Task {
        id: String,
        due: Option<String>,
        needs: Vec<String>,
        share: f64,
        left: BTreeMap<String, i64>,
    }
    let task = Task {
        id: "017".into(),
        due: None,
        needs: vec!["- x".into(), "yes".into()],
        share: 1e300,
        left: BTreeMap::from([("2026-02-07".into(), -1), ("no".into(), i64::MIN)]),
    };
    let mut doc = outlined("tasks: []\n");
    doc.push("tasks", &task).unwrap();
    doc.set("last", &task).unwrap();
    assert_eq!(doc.get::<Task>("tasks[id=017]").unwrap(), task);
    assert_eq!(doc.get::<Task>("last").unwrap(), task);
    // Readers of YAML 1.1 take a number without a point for a string.
    assert!(doc.text().contains("share: 1.0e+300\n"), "{}", doc.text());
    check_agrees(doc.text());
    check_outline(&doc);
}

#[test]
fn a_document_that_is_only_read_has_the_same_nodes() {
    let doc =
        Document::parse("base: &b {x: 1}\nitems:\n  - <<: *b\n    id: A\n  - !t {id: B}\n2: ~\n").unwrap();
    assert_eq!(doc.get::<u64>("items[id=A].x").unwrap(), 1);
    assert_eq!(doc.get::<String>("items[1].id").unwrap(), "B");
    assert!(doc.node("2").unwrap().unwrap().is_null());
    let root = doc.root();
    assert_eq!(root.entries().map(|(key, _)| key.into_owned()).collect::<Vec<_>>(), ["base", "items", "2"]);
    assert_eq!((root.line(), root.raw()), (None, None));
    assert!(root.is_map() && root.field("items").unwrap().is_list());
    assert_eq!(doc.get::<String>("items[7].x").unwrap_err().to_string(), "nothing at `items[7].x`");
    let twice = Document::parse("- {id: A}\n- {id: A}\n- &x 1\n").unwrap();
    let error = twice.node("[id=A]").unwrap_err();
    assert!(matches!(error, DocumentError::Ambiguous { lines, .. } if lines.is_empty()));
}

#[test]
fn nothing_read_as_a_string_is_empty_and_a_written_null_is_its_word() {
    let doc = outlined("a:\nb: null\nc: ~\n");
    assert_eq!(doc.get::<String>("a").unwrap(), "");
    assert_eq!(doc.get::<String>("b").unwrap(), "null");
    assert_eq!(doc.get::<String>("c").unwrap(), "~");
    assert_eq!(doc.get::<Option<String>>("a").unwrap(), None);
    assert_eq!(doc.node("a").unwrap().unwrap().str(), None);
}

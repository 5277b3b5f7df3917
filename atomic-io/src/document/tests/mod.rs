//! Tests of documents as a whole.

mod edits;

use super::{DocPath, Document, DocumentError};
use serde_yaml::Value;

/// A document that is edited, or the test fails.
fn outlined(text: &str) -> Document {
    let doc = Document::parse(text).unwrap();
    assert!(doc.outline(&DocPath::root()).is_ok(), "not outlined: {text:?}");
    doc
}

/// Sets `path` in `before` and expects `after`.
fn check_set(before: &str, path: &str, value: &str, after: &str) {
    let mut doc = outlined(before);
    let value: Value = serde_yaml::from_str(value).unwrap();
    doc.set(path, &value).unwrap();
    assert_eq!(doc.text(), after, "set {path} in {before:?}");
    assert_eq!(doc.get::<Value>(path).unwrap(), value);
}

fn check_push(before: &str, path: &str, item: &str, after: &str) {
    let mut doc = outlined(before);
    doc.push(path, &serde_yaml::from_str::<Value>(item).unwrap()).unwrap();
    assert_eq!(doc.text(), after, "push to {path} in {before:?}");
}

fn check_remove(before: &str, path: &str, after: &str) {
    let mut doc = outlined(before);
    assert!(doc.remove(path).unwrap(), "{path} was not there");
    assert_eq!(doc.text(), after, "remove {path} from {before:?}");
    assert!(!doc.remove(path).is_ok_and(|there| there) || path.ends_with(']'));
}

/// An edit that must fail and leave no trace.
fn check_fails(before: &str, edit: impl FnOnce(&mut Document) -> Result<(), DocumentError>) -> DocumentError {
    let mut doc = Document::parse(before).unwrap();
    let error = edit(&mut doc).unwrap_err();
    assert_eq!(doc.text(), before);
    assert_eq!(Document::parse(before).unwrap().root().get::<Value>().ok(), doc.root().get::<Value>().ok());
    error
}

//! Tests of documents as a whole.

mod checks;
mod edits;
mod generate;
mod large;
mod parse;
mod properties;
mod strings;
mod traps;
mod types;

use super::scan::text::without_mark;
use super::{Body, DocPath, Document, DocumentError, Node, scan};
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
    check_outline(&doc);
    assert_eq!(doc.get::<Value>(path).unwrap(), value);
}

fn check_push(before: &str, path: &str, item: &str, after: &str) {
    let mut doc = outlined(before);
    doc.push(path, &serde_yaml::from_str::<Value>(item).unwrap()).unwrap();
    assert_eq!(doc.text(), after, "push to {path} in {before:?}");
    check_outline(&doc);
}

fn check_remove(before: &str, path: &str, after: &str) {
    let mut doc = outlined(before);
    assert!(doc.remove(path).unwrap(), "{path} was not there");
    assert_eq!(doc.text(), after, "remove {path} from {before:?}");
    check_outline(&doc);
    assert!(!doc.remove(path).is_ok_and(|there| there) || path.ends_with(']'));
}

/// An edit that must fail and leave no trace.
fn check_fails(before: &str, edit: impl FnOnce(&mut Document) -> Result<(), DocumentError>) -> DocumentError {
    let mut doc = Document::parse(before).unwrap();
    let error = edit(&mut doc).unwrap_err();
    assert_eq!(doc.text(), before);
    if matches!(doc.body, Body::Outlined(_)) {
        check_outline(&doc);
    }
    assert_eq!(Document::parse(before).unwrap().root().get::<Value>().ok(), doc.root().get::<Value>().ok());
    error
}

/// The outline and the full parser must see the same structure and the same values in all of `text`.
fn check_agrees(text: &str) {
    let doc = outlined(text);
    let value: Value = serde_yaml::from_str(without_mark(text)).unwrap_or_else(|e| panic!("{e} in {text:?}"));
    check_node(doc.root(), &value).unwrap_or_else(|what| panic!("{what} in {text:?}"));
}

/// The first difference between a node and the value that it should have.
fn check_node(node: Node<'_>, value: &Value) -> Result<(), String> {
    let is = (node.is_map(), node.is_list(), node.is_null());
    let expected = (value.is_mapping(), value.is_sequence(), value.is_null());
    if is != expected {
        return Err(format!("{is:?} instead of {value:?}"));
    }
    let keys: Vec<_> = node.entries().map(|(key, _)| key).collect();
    if let Some(map) = value.as_mapping() {
        if keys.len() != map.len() {
            return Err(format!("keys {keys:?} instead of {value:?}"));
        }
        for ((key, below), (k, v)) in node.entries().zip(map) {
            if k.as_str().is_some_and(|k| k != key) {
                return Err(format!("key {key:?} instead of {k:?}"));
            }
            check_node(below, v)?;
        }
    }
    let items = value.as_sequence().map_or(&[][..], Vec::as_slice);
    if node.items().count() != items.len() {
        return Err(format!("{} items instead of {value:?}", node.items().count()));
    }
    for (below, v) in node.items().zip(items) {
        check_node(below, v)?;
    }
    if let Some(text) = value.as_str()
        && (node.str().as_deref() != Some(text) || node.get::<String>().ok().as_deref() != Some(text))
    {
        return Err(format!("the text {:?} instead of {text:?}", node.str()));
    }
    match node.get::<Value>() {
        // Not a number is equal to nothing, so numbers are compared as they are printed.
        Ok(read) if format!("{read:?}") == format!("{value:?}") => Ok(()),
        other => Err(format!("{other:?} instead of {value:?}")),
    }
}

/// The outline that the edits left must be that of the text.
fn check_outline(doc: &Document) {
    let Body::Outlined(patched) = &doc.body else { panic!("no outline of {:?}", doc.text()) };
    let whole = scan::outline(doc.text()).unwrap_or_else(|r| panic!("{} in {:?}", r.reason, doc.text()));
    assert!(*patched == whole, "the outline is not that of {:?}", doc.text());
}

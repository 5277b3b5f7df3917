//! Places in a document: the way to a node, its bytes, and the same place in a value.

use atomic_io::{DocPath, Document, Node};
use serde_yaml::Value;
use std::ops::Range;

/// One step from a collection into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The entry of a mapping at this position, and its key.
    Entry(usize, String),
    Item(usize),
}

/// The ways to all nodes, in the order of the text.
pub(super) fn nodes(document: &Document) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    collect(document.root(), &mut Vec::new(), &mut found);
    found
}

fn collect(node: Node<'_>, way: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    found.push(way.clone());
    let entries =
        node.entries().enumerate().map(|(i, (key, below))| (Step::Entry(i, key.into_owned()), below));
    let items = node.items().enumerate().map(|(i, below)| (Step::Item(i), below));
    for (step, below) in entries.chain(items) {
        way.push(step);
        collect(below, way, found);
        way.pop();
    }
}

pub(super) fn path(steps: &[Step]) -> DocPath {
    steps.iter().fold(DocPath::root(), |path, step| match step {
        Step::Entry(_, key) => path.key(key),
        Step::Item(i) => path.index(*i),
    })
}

/// The node at the end of `steps`.
pub(super) fn node<'d>(document: &'d Document, steps: &[Step]) -> Option<Node<'d>> {
    steps.iter().try_fold(document.root(), |node, step| match step {
        Step::Entry(i, _) => node.entries().nth(*i).map(|(_, below)| below),
        Step::Item(i) => node.items().nth(*i),
    })
}

/// The bytes of the node at the end of `steps` in the text of its document.
pub(super) fn bytes(document: &Document, steps: &[Step]) -> Option<Range<usize>> {
    let raw = node(document, steps)?.raw()?;
    let start = (raw.as_ptr() as usize).checked_sub(document.text().as_ptr() as usize)?;
    Some(start..start + raw.len())
}

/// What is at the end of `steps` in a value.
pub(super) fn at<'v>(value: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match (step, value) {
        (Step::Entry(i, _), Value::Mapping(map)) => map.iter_mut().nth(*i).map(|(_, below)| below),
        (Step::Item(i), Value::Sequence(items)) => items.get_mut(*i),
        _ => None,
    })
}

/// A key as it is asked for.
pub(super) fn shown(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
        _ => "?".to_owned(),
    }
}

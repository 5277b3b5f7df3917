//! From a path to a node.

use super::error::DocumentError;
use super::node::Node;
use super::path::{DocPath, Step};

/// The node that `step` leads to from `node`; `path` up to and with the step is for messages.
pub(super) fn step<'a>(node: Node<'a>, path: &DocPath, n: usize) -> Result<Option<Node<'a>>, DocumentError> {
    match &path.steps()[n] {
        Step::Key(key) => Ok(node.field(key)),
        Step::Index(index) => Ok(node.items().nth(*index)),
        Step::Select { key, value } => {
            let mut matching = node
                .items()
                .filter(|item| item.field(key).and_then(|v| v.str()).is_some_and(|v| v == *value));
            let first = matching.next();
            let Some(second) = matching.next() else {
                return Ok(first);
            };
            let lines = first.into_iter().chain([second]).chain(matching).filter_map(|n| n.line()).collect();
            Err(DocumentError::Ambiguous { path: path.prefix(n + 1).to_string(), lines })
        }
    }
}

/// The node at the first `n` steps of `path`.
pub(super) fn walk<'a>(root: Node<'a>, path: &DocPath, n: usize) -> Result<Option<Node<'a>>, DocumentError> {
    let mut node = root;
    for i in 0..n {
        match step(node, path, i)? {
            Some(below) => node = below,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

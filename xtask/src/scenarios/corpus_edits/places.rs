//! The nodes of a document, in the order of the text.

use atomic_io::{DocPath, Document, Node};
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Map,
    List,
    Scalar,
}

/// One node.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) path: DocPath,
    /// The same by positions, for trees in which keys may have another form.
    pub(super) steps: Vec<usize>,
    pub(super) kind: Kind,
    /// The collection that it is in; for the root, itself.
    pub(super) parent: DocPath,
    /// The outermost collection in brackets that it is in.
    pub(super) brackets: Option<DocPath>,
}

/// All nodes, each before what is in it.
pub(super) fn places(document: &Document) -> Vec<Place> {
    let mut found = Vec::new();
    let root = DocPath::root();
    below(document.root(), (root.clone(), Vec::new()), root, None, &mut found);
    found
}

fn below(
    node: Node<'_>,
    (path, steps): (DocPath, Vec<usize>),
    parent: DocPath,
    brackets: Option<DocPath>,
    found: &mut Vec<Place>,
) {
    let kind = match () {
        () if node.is_map() => Kind::Map,
        () if node.is_list() => Kind::List,
        () => Kind::Scalar,
    };
    let is_in_brackets = kind != Kind::Scalar && node.raw().is_some_and(|raw| raw.starts_with(['[', '{']));
    let inside = brackets.clone().or_else(|| is_in_brackets.then(|| path.clone()));
    found.push(Place { path: path.clone(), steps: steps.clone(), kind, parent, brackets });
    let keys = node.entries().map(|(key, child)| (path.clone().key(key), child));
    let items = node.items().enumerate().map(|(index, child)| (path.clone().index(index), child));
    for (position, (child_path, child)) in keys.chain(items).enumerate() {
        let child_steps = [steps.as_slice(), &[position]].concat();
        below(child, (child_path, child_steps), path.clone(), inside.clone(), found);
    }
}

/// Where the node at `path` stands in the text; `None` when nothing is there.
pub(super) fn bytes(document: &Document, path: &DocPath) -> Option<Range<usize>> {
    bytes_of(document.text(), document.node(path).ok()??)
}

/// Where the node's own bytes stand in `text`, which they are a part of.
pub(super) fn bytes_of(text: &str, node: Node<'_>) -> Option<Range<usize>> {
    let raw = node.raw()?;
    let start = (raw.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (start + raw.len() <= text.len()).then(|| start..start + raw.len())
}

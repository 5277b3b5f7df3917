//! The scalars of a document, with their places.

use crate::judges::reading::Step;
use atomic_io::{DocPath, Document, Node};
use std::ops::Range;

/// One scalar.
pub(super) struct Leaf {
    pub(super) path: DocPath,
    pub(super) steps: Vec<Step>,
    /// The bytes that setting it may change: its own, or those of the outermost flow value around it, which is written as one.
    pub(super) bytes: Range<usize>,
}

/// All scalars whose place in the text is known.
pub(super) fn leaves(document: &Document) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut waiting = vec![(document.root(), DocPath::root(), Vec::new(), None)];
    while let Some((node, path, steps, flow)) = waiting.pop() {
        let own = bytes(document.text(), node);
        let is_flow = node.raw().is_some_and(|raw| raw.starts_with(['{', '[']));
        let flow: Option<Range<usize>> = if is_flow { flow.or(own.clone()) } else { flow };
        if node.is_map() {
            for (key, child) in node.entries() {
                let steps = [steps.clone(), vec![Step::Key(key.to_string())]].concat();
                waiting.push((child, path.clone().key(key), steps, flow.clone()));
            }
        } else if node.is_list() {
            for (index, child) in node.items().enumerate() {
                let steps = [steps.clone(), vec![Step::Index(index)]].concat();
                waiting.push((child, path.clone().index(index), steps, flow.clone()));
            }
        } else if let Some(bytes) = flow.or(own)
            && !steps.is_empty()
        {
            found.push(Leaf { path, steps, bytes });
        }
    }
    found
}

/// Where the node's own bytes stand in `text`, which they are a part of.
fn bytes(text: &str, node: Node<'_>) -> Option<Range<usize>> {
    let raw = node.raw()?;
    let start = (raw.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (start + raw.len() <= text.len()).then(|| start..start + raw.len())
}

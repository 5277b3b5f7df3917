//! Which bytes an edit may change. All others must be the same afterwards, in their order, at either end of the text.

use super::edit::Operation;
use super::place::{Step, bytes, node};
use atomic_io::{Document, Node};
use std::ops::Range;

/// What an edit may touch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// These bytes may become others.
    may_change: Range<usize>,
    /// Comments in there that must survive, in this order.
    comments: Vec<String>,
}

/// What the operation at `steps` may touch in `document`.
pub(super) fn bounds(document: &Document, steps: &[Step], operation: &Operation) -> Bounds {
    let text = document.text();
    let Some(own) = bytes(document, steps) else { return Bounds::whole(text) };
    if let Some(flow) = flow_around(document, steps) {
        return Bounds { may_change: flow, comments: Vec::new() };
    }
    let is_new = match operation {
        Operation::Insert(key) => node(document, steps).is_some_and(|node| node.field(key).is_none()),
        Operation::Push => true,
        Operation::Set | Operation::Remove => false,
    };
    if is_new && node(document, steps).is_some_and(is_block_collection) {
        // A new last entry: on lines of its own, behind the last one.
        let end = line_end(text, own.end);
        return Bounds { may_change: end..end, comments: Vec::new() };
    }
    match operation {
        Operation::Insert(key) => {
            let child = node(document, steps).and_then(|node| node.entries().position(|(k, _)| k == *key));
            match child {
                Some(i) => {
                    let steps = [steps, &[Step::Entry(i, key.clone())]].concat();
                    bounds(document, &steps, &Operation::Set)
                }
                None => of_value(document, steps, own),
            }
        }
        Operation::Set | Operation::Push => of_value(document, steps, own),
        Operation::Remove => of_entry(document, steps, own),
    }
}

/// The bytes of the outermost collection in brackets that holds the node or is it.
fn flow_around(document: &Document, steps: &[Step]) -> Option<Range<usize>> {
    (0..steps.len()).find_map(|n| {
        let raw = node(document, &steps[..n])?.raw()?;
        if raw.starts_with(['[', '{']) { bytes(document, &steps[..n]) } else { None }
    })
}

fn is_block_collection(node: Node<'_>) -> bool {
    (node.is_map() || node.is_list()) && node.raw().is_some_and(|raw| !raw.starts_with(['[', '{']))
}

/// A value becomes another one: its lines from that of its key on. What comes before the key, and all comments, stay.
fn of_value(document: &Document, steps: &[Step], own: Range<usize>) -> Bounds {
    let text = document.text();
    let own_line = line_start(text, own.start);
    let is_below_its_key = own_line > 0 && text[own_line..own.start].bytes().all(|c| c == b' ');
    let mut start = own_line;
    let mut comments = Vec::new();
    // Between a key and the first line of its value there are only comments and blank lines.
    while is_below_its_key && start > 0 {
        start = line_start(text, start - 1);
        let line = text[start..].lines().next().unwrap_or_default().trim();
        if line.starts_with('#') {
            comments.insert(0, line.to_owned());
        } else if !line.is_empty() {
            break;
        }
    }
    let end = line_end(text, own.end);
    let is_collection = node(document, steps).is_some_and(is_block_collection);
    // Behind a single value there can only be a comment. A block collection takes what is behind its last value with it.
    if !is_collection && own.end < end {
        comments.extend(text[own.end..end].trim().strip_prefix('#').map(|comment| format!("#{comment}")));
    }
    Bounds { may_change: start..end, comments }
}

/// An entry goes: its lines. The first one on the line of a dash goes with the lines up to its neighbour, which moves up; the only
/// one takes its collection with it.
fn of_entry(document: &Document, steps: &[Step], own: Range<usize>) -> Bounds {
    let text = document.text();
    let Some((_, around)) = steps.split_last() else { return Bounds::whole(text) };
    let Some(parent) = node(document, around) else { return Bounds::whole(text) };
    let siblings = parent.entries().count() + parent.items().count();
    let parent_bytes = bytes(document, around).unwrap_or(0..text.len());
    if siblings == 1 {
        return Bounds { comments: Vec::new(), ..of_value(document, around, parent_bytes) };
    }
    let value = of_value(document, steps, own);
    let is_behind_a_dash = value.may_change.start <= parent_bytes.start
        && !text[line_start(text, parent_bytes.start)..parent_bytes.start].trim().is_empty();
    if is_behind_a_dash {
        let end = text[value.may_change.end..]
            .find(|c: char| c != ' ')
            .map_or(text.len(), |at| value.may_change.end + at);
        return Bounds { may_change: value.may_change.start..end, comments: Vec::new() };
    }
    Bounds { may_change: value.may_change, comments: Vec::new() }
}

impl Bounds {
    fn whole(text: &str) -> Self {
        Bounds { may_change: 0..text.len(), comments: Vec::new() }
    }

    /// Whether `after` is `before` but for what may change.
    pub(super) fn kept(&self, before: &str, after: &str) -> Result<(), String> {
        let (head, tail) = (&before[..self.may_change.start], &before[self.may_change.end..]);
        if !after.starts_with(head) {
            return Err(format!("bytes before the edit changed, within the first {}", head.len()));
        }
        let Some(changed) = after[head.len()..].strip_suffix(tail) else {
            return Err(format!("bytes behind the edit changed, within the last {}", tail.len()));
        };
        let mut rest = changed;
        for comment in &self.comments {
            match rest.find(comment.as_str()) {
                Some(at) => rest = &rest[at + comment.len()..],
                None => return Err(format!("the comment {comment:?} is gone")),
            }
        }
        Ok(())
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |k| k + 1)
}

/// The byte after the line on which `at` stands.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |k| at + k + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::targets::place::nodes;

    fn of(text: &str, n: usize, operation: &Operation) -> (Bounds, Document) {
        let document = Document::parse(text).unwrap();
        (bounds(&document, &nodes(&document)[n], operation), document)
    }

    const TEXT: &str = "# top\na: old # c\nb:\n  # why\n  - x\n  - y\nc: [x, y]\n";

    #[test]
    fn what_an_edit_may_touch_is_its_lines() {
        let part = |n, operation| {
            let (bounds, document) = of(TEXT, n, operation);
            (document.text()[bounds.may_change].to_owned(), bounds.comments)
        };
        assert_eq!(part(1, &Operation::Set), ("a: old # c\n".into(), vec!["# c".into()]));
        assert_eq!(part(2, &Operation::Set), ("b:\n  # why\n  - x\n  - y\n".into(), vec!["# why".into()]));
        assert_eq!(part(2, &Operation::Push), (String::new(), vec![]));
        assert_eq!(part(3, &Operation::Remove), ("  - x\n".into(), vec![]));
        assert_eq!(part(6, &Operation::Set), ("[x, y]".into(), vec![]));
    }

    #[test]
    fn what_changes_elsewhere_is_seen() {
        let (bounds, _) = of(TEXT, 1, &Operation::Set);
        assert_eq!(bounds.kept(TEXT, &TEXT.replace("old", "new")), Ok(()));
        for (from, to) in [("# top", "#top"), (" # c", ""), ("- x", "- z"), ("c: [x, y]", "c: [x,y]")] {
            assert!(bounds.kept(TEXT, &TEXT.replace(from, to)).is_err(), "{from}");
        }
        let (bounds, _) = of(TEXT, 2, &Operation::Set);
        assert!(bounds.kept(TEXT, "# top\na: old # c\nb: 1\nc: [x, y]\n").is_err());
        assert_eq!(bounds.kept(TEXT, "# top\na: old # c\nb: 1\n  # why\nc: [x, y]\n"), Ok(()));
    }
}

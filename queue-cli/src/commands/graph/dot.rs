//! A graph for Graphviz.

use super::picture::{EdgeKind, Look, Node, Picture};
use crate::output::printable;

pub(super) fn text(picture: &Picture) -> String {
    let mut text = String::from("digraph queue {\n");
    text.push_str(&format!("  label={};\n  labelloc=t;\n  rankdir=LR;\n", quoted(&[&picture.title()])));
    text.push_str("  node [shape=box, fontname=\"sans-serif\", fontsize=11];\n");
    text.push_str("  edge [fontname=\"sans-serif\", fontsize=9];\n");
    for (place, node) in picture.nodes.iter().enumerate() {
        text.push_str(&format!("  n{place} [{}];\n", attributes(node)));
    }
    for edge in &picture.edges {
        let look = match edge.kind {
            EdgeKind::Open => "",
            EdgeKind::Done => " [color=\"#9a9a9a\", style=dotted]",
            EdgeKind::Critical => " [penwidth=3]",
            EdgeKind::Circle => " [color=\"#b3261e\", style=dashed, penwidth=2, label=\"circle\"]",
        };
        text.push_str(&format!("  n{} -> n{}{look};\n", edge.blocker, edge.blocked));
    }
    text.push_str("}\n");
    text
}

fn attributes(node: &Node) -> String {
    let (ground, border) = node.look.colours();
    let style = match node.look {
        Look::Waiting => "filled",
        Look::Ready => "filled,bold",
        Look::Stuck => "filled,dashed",
        Look::Held | Look::Off | Look::Missing => "filled,dotted",
        Look::Running | Look::Done | Look::Failed => "filled,rounded",
    };
    // A second line around it.
    let peripheries = if matches!(node.look, Look::Running | Look::Failed) { ", peripheries=2" } else { "" };
    let pen = if node.is_critical { ", penwidth=3" } else { "" };
    let remarks = node.remarks();
    let lines = [&node.id, &node.title, &remarks];
    let lines: Vec<&str> = lines.into_iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    format!(
        "label={}, tooltip={}, style=\"{style}\", fillcolor=\"{ground}\", color=\"{border}\"{peripheries}{pen}",
        quoted(&lines),
        quoted(&[&node.sentence()])
    )
}

/// Lines of text between quotes. Graphviz reads escapes and HTML entities in them, of which none may come from a task.
fn quoted(lines: &[&str]) -> String {
    let escaped =
        |line: &&str| printable(line).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;");
    format!("\"{}\"", lines.iter().map(escaped).collect::<Vec<_>>().join("\\n"))
}

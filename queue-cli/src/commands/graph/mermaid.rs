//! A graph for Mermaid.

use super::picture::{EdgeKind, Look, Picture};
use crate::output::printable;

pub(super) fn text(picture: &Picture) -> String {
    let mut text = String::from("flowchart LR\n");
    text.push_str(&format!("  accTitle: {}\n", escaped(&picture.title())));
    text.push_str(&format!("  accDescr: {}\n", escaped(&picture.description())));
    for (place, node) in picture.nodes.iter().enumerate() {
        let (open, close) = shape(node.look);
        let lines = [node.id.clone(), node.title.clone(), node.remarks()];
        let lines: Vec<String> =
            lines.iter().filter(|line| !line.is_empty()).map(|line| escaped(line)).collect();
        let class = node.look.word();
        text.push_str(&format!("  n{place}{open}\"{}\"{close}:::{class}\n", lines.join("<br/>")));
    }
    for edge in &picture.edges {
        let arrow = match edge.kind {
            EdgeKind::Open => "-->",
            EdgeKind::Done => "-.->",
            EdgeKind::Critical => "==>",
            EdgeKind::Circle => "-. circle .->",
        };
        text.push_str(&format!("  n{} {arrow} n{}\n", edge.blocker, edge.blocked));
    }
    for look in Look::ALL.into_iter().filter(|look| picture.nodes.iter().any(|node| node.look == *look)) {
        let (ground, border) = look.colours();
        let dashes = match look {
            Look::Stuck => ",stroke-dasharray:6 3",
            Look::Held | Look::Off | Look::Missing => ",stroke-dasharray:2 3",
            _ => "",
        };
        let class = look.word();
        text.push_str(&format!("  classDef {class} fill:{ground},stroke:{border},color:#1a1a1a{dashes}\n"));
    }
    let marked = picture.nodes.iter().enumerate().filter(|(_, node)| node.is_critical);
    let marked: Vec<String> = marked.map(|(place, _)| format!("n{place}")).collect();
    if !marked.is_empty() {
        text.push_str("  classDef critical stroke-width:4px\n");
        text.push_str(&format!("  class {} critical\n", marked.join(",")));
    }
    text
}

/// What a state is also told by, without colours.
fn shape(look: Look) -> (&'static str, &'static str) {
    match look {
        Look::Ready => ("([", "])"),
        Look::Running => ("[[", "]]"),
        Look::Done => ("(", ")"),
        Look::Failed => ("{{", "}}"),
        Look::Waiting | Look::Stuck | Look::Held | Look::Off | Look::Missing => ("[", "]"),
    }
}

/// Text that Mermaid takes for nothing but text: all but letters, digits and a few others by their codes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in printable(text).chars() {
        if character.is_alphanumeric() || " -_.,:()".contains(character) {
            out.push(character);
        } else {
            out.push_str(&format!("#{};", u32::from(character)));
        }
    }
    out
}

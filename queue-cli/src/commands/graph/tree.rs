//! A graph as text: under each task those that wait for it.

use super::picture::{Look, Picture};
use crate::output::printable;

/// Steps further down than this are not set in further, but numbered: lines would leave the screen.
const DEEPEST: usize = 12;

pub(super) fn text(picture: &Picture, colour: bool) -> String {
    let mut waiters: Vec<Vec<usize>> = vec![Vec::new(); picture.nodes.len()];
    let mut is_root = vec![true; picture.nodes.len()];
    for edge in &picture.edges {
        waiters[edge.blocker].push(edge.blocked);
        is_root[edge.blocked] = false;
    }
    let mut tree = Tree { picture, colour, is_told: vec![false; picture.nodes.len()], text: String::new() };
    let roots = (0..picture.nodes.len()).filter(|place| is_root[*place]);
    // What is reached from no root is in a circle, or behind one: any of them may be the first.
    for root in roots.chain(0..picture.nodes.len()) {
        if !tree.is_told[root] {
            tree.from(root, &waiters);
        }
    }
    tree.text.push_str(&format!("{} ({})\n", picture.title(), picture.description()));
    tree.text
}

struct Tree<'a> {
    picture: &'a Picture,
    colour: bool,
    is_told: Vec<bool>,
    text: String,
}

impl Tree<'_> {
    fn from(&mut self, root: usize, waiters: &[Vec<usize>]) {
        let mut open = vec![(root, 0)];
        while let Some((place, depth)) = open.pop() {
            let is_told = std::mem::replace(&mut self.is_told[place], true);
            self.line(place, depth, is_told && !waiters[place].is_empty());
            if !is_told {
                open.extend(waiters[place].iter().rev().map(|waiter| (*waiter, depth + 1)));
            }
        }
    }

    fn line(&mut self, place: usize, depth: usize, see_above: bool) {
        let node = &self.picture.nodes[place];
        let indent = "  ".repeat(depth.min(DEEPEST));
        let number = if depth > DEEPEST { format!("({depth}) ") } else { String::new() };
        let title = if node.title.is_empty() { String::new() } else { format!(": {}", node.title) };
        let above = if see_above { ", see above" } else { "" };
        let line = printable(&format!("{} [{}]{title}{above}", node.id, node.remarks()));
        let (on, off) = match code(node.look).filter(|_| self.colour) {
            Some(code) => (format!("\u{1b}[{code}m"), "\u{1b}[0m"),
            None => (String::new(), ""),
        };
        self.text.push_str(&format!("{indent}{number}{on}{line}{off}\n"));
    }
}

fn code(look: Look) -> Option<u8> {
    match look {
        Look::Ready => Some(32),
        Look::Running => Some(34),
        Look::Stuck | Look::Held => Some(33),
        Look::Failed | Look::Missing => Some(31),
        Look::Done | Look::Off => Some(2),
        Look::Waiting => None,
    }
}

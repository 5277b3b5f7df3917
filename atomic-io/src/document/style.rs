//! What the neighbours look like, so that new text looks like them.

use super::outline::{Kind, Outline};
use super::read;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    Plain,
    Single,
    Double,
}

/// How the strings of a mapping or list are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// What most of them have.
    pub(super) usual: Quoting,
    /// The quotes for a string that must have some.
    pub(super) quotes: Quoting,
}

const NO_NEIGHBOURS: Words = Words { usual: Quoting::Plain, quotes: Quoting::Double };

/// So many records are looked at for what a document usually does; the first ones set the tone.
const LOOK_AT: usize = 2000;

/// The looks of a document.
pub(super) struct Style<'a> {
    text: &'a str,
    outline: &'a Outline,
    pub(super) line_break: &'static str,
    /// Columns from a mapping to a mapping in it.
    pub(super) step: usize,
    /// Columns from a mapping to a list in it.
    lists_at: usize,
}

impl<'a> Style<'a> {
    pub(super) fn of(text: &'a str, outline: &'a Outline) -> Self {
        let (mut step, mut lists_at) = (None, None);
        // The columns of the open mappings, and where each ends; `None` for lists.
        let mut open: Vec<(usize, Option<usize>)> = Vec::new();
        for (i, e) in outline.entries.iter().take(LOOK_AT).enumerate() {
            while open.last().is_some_and(|&(end, _)| end <= i) {
                open.pop();
            }
            if !e.kind.is_block() {
                continue;
            }
            if let Some(&(_, Some(column))) = open.last() {
                let found = if e.kind == Kind::Map { &mut step } else { &mut lists_at };
                found.get_or_insert(e.column().saturating_sub(column));
            }
            open.push((e.next as usize, (e.kind == Kind::Map).then_some(e.column())));
            if step.is_some() && lists_at.is_some() {
                break;
            }
        }
        Style {
            text,
            outline,
            line_break: line_break(text, text.len()),
            step: step.unwrap_or(2),
            lists_at: lists_at.or(step).unwrap_or(2),
        }
    }

    /// The same, with the line break of the line that ends before `at`.
    pub(super) fn at(mut self, at: usize) -> Self {
        self.line_break = line_break(self.text, at);
        self
    }

    /// Columns from a key to the list under it, when the list is to look like `like`.
    pub(super) fn list_offset(&self, like: Option<usize>) -> usize {
        like.filter(|&i| self.outline.entry(i).kind == Kind::List)
            .and_then(|i| {
                let around = self.outline.ancestors(i);
                let map = self.outline.entry(*around.last()?);
                (map.kind == Kind::Map).then(|| self.outline.entry(i).column().saturating_sub(map.column()))
            })
            .unwrap_or(self.lists_at)
    }

    /// Whether the neighbour is a collection in brackets; an empty one has no say.
    pub(super) fn is_written_in_brackets(&self, like: Option<usize>) -> bool {
        like.is_some_and(|i| self.outline.entry(i).kind.is_flow() && self.outline.next(i) > i + 1)
    }

    /// How the string at `like` is quoted, if it is one.
    pub(super) fn quoting(&self, like: Option<usize>) -> Option<Quoting> {
        match self.outline.entry(like?).kind {
            Kind::Single => Some(Quoting::Single),
            Kind::Double => Some(Quoting::Double),
            // A null says nothing about strings.
            Kind::Plain if !matches!(read::plain(self.outline.raw(self.text, like?)), read::Plain::Null) => {
                Some(Quoting::Plain)
            }
            _ => None,
        }
    }

    pub(super) fn field(&self, like: Option<usize>, key: &str) -> Option<usize> {
        self.outline.field(self.text, like?, key)
    }

    pub(super) fn last_item(&self, like: Option<usize>) -> Option<usize> {
        like.filter(|&i| self.outline.entry(i).kind.is_list()).and_then(|i| self.outline.last_child(i))
    }

    /// The strings beside `like`.
    pub(super) fn words_around(&self, like: Option<usize>) -> Words {
        let Some(i) = like else {
            return NO_NEIGHBOURS;
        };
        self.words_in(self.outline.ancestors(i).last().copied())
    }

    /// The strings in the collection `like`.
    pub(super) fn words_in(&self, like: Option<usize>) -> Words {
        let Some(i) = like.filter(|&i| self.outline.next(i) > i + 1) else {
            return NO_NEIGHBOURS;
        };
        let (mut plain, mut single, mut double) = (0, 0, 0);
        for c in self.outline.children(i).take(LOOK_AT) {
            match self.outline.entry(c).kind {
                Kind::Single => single += 1,
                Kind::Double => double += 1,
                Kind::Plain if matches!(read::plain(self.outline.raw(self.text, c)), read::Plain::Text) => {
                    plain += 1;
                }
                _ => {}
            }
        }
        let all = plain + single + double;
        let usual = match () {
            () if double * 2 > all => Quoting::Double,
            () if single * 2 > all => Quoting::Single,
            () => Quoting::Plain,
        };
        Words { usual, quotes: if single > double { Quoting::Single } else { Quoting::Double } }
    }
}

/// The line break that ends the last line before `at`; before the first one, that of the first line.
fn line_break(text: &str, at: usize) -> &'static str {
    let b = text.as_bytes();
    let found = memchr::memrchr(b'\n', &b[..at]).or_else(|| memchr::memchr(b'\n', b));
    match found {
        Some(i) if i > 0 && b[i - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

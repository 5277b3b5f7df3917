//! The outline of a document: one small record for every value, in the order of the text.
//!
//! Records are flat, so a walk touches memory in order, and a record knows the index after its last
//! descendant, so that a walk over siblings skips everything inside them.

use super::scan::text::scalar_text;
use std::borrow::Cow;

/// What a value looks like in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Map,
    List,
    FlowMap,
    FlowList,
    Plain,
    Single,
    Double,
    /// A block scalar, `|` or `>`.
    Block,
    /// Nothing after the colon or dash. A written `null` or `~` is `Plain`.
    Null,
}

impl Kind {
    pub(crate) fn is_map(self) -> bool {
        matches!(self, Kind::Map | Kind::FlowMap)
    }
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Kind::List | Kind::FlowList)
    }
    /// A collection by lines and indentation, not by brackets.
    pub(crate) fn is_block(self) -> bool {
        matches!(self, Kind::Map | Kind::List)
    }
    pub(crate) fn is_flow(self) -> bool {
        matches!(self, Kind::FlowMap | Kind::FlowList)
    }
    pub(crate) fn named(self) -> &'static str {
        match self {
            Kind::Map | Kind::FlowMap => "a mapping",
            Kind::List | Kind::FlowList => "a list",
            Kind::Null => "null",
            Kind::Plain | Kind::Single | Kind::Double | Kind::Block => "a single value",
        }
    }
}

/// One value. Positions are byte offsets into the text; 32 bits keep a record at 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where the entry begins: its key, or the dash of a list item (inside `[…]`: the value itself).
    pub(crate) at: u32,
    /// First byte of the value. For `Null` right after the colon or dash.
    pub(crate) start: u32,
    /// Byte after the value. A block scalar ends before its last line break.
    pub(crate) end: u32,
    /// Index of the record after the last descendant.
    pub(crate) next: u32,
    /// Length of the key with its quotes; 0 for a list item and the root.
    pub(crate) key_len: u16,
    /// The column of a block collection; for other values the column of the block collection around them.
    pub(crate) column: u16,
    pub(crate) kind: Kind,
}

impl Entry {
    pub(crate) fn start(&self) -> usize {
        self.start as usize
    }
    pub(crate) fn end(&self) -> usize {
        self.end as usize
    }
    pub(crate) fn at(&self) -> usize {
        self.at as usize
    }
    pub(crate) fn key_end(&self) -> usize {
        self.at as usize + usize::from(self.key_len)
    }
    pub(crate) fn column(&self) -> usize {
        usize::from(self.column)
    }
    /// Whether this is a block scalar whose value ends with the line break behind it, if there is one.
    pub(crate) fn owns_line_break(&self, text: &str) -> bool {
        let mut indicators = text.as_bytes()[self.start()..].iter().take_while(|c| !c.is_ascii_whitespace());
        self.kind == Kind::Block && !indicators.any(|&c| c == b'-')
    }
}

/// All values of one document; record 0 is the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outline {
    pub(crate) entries: Vec<Entry>,
}

impl Outline {
    pub(crate) fn entry(&self, i: usize) -> &Entry {
        &self.entries[i]
    }

    pub(crate) fn next(&self, i: usize) -> usize {
        self.entries[i].next as usize
    }

    /// The entries of a mapping or list, in order.
    pub(crate) fn children(&self, i: usize) -> impl Iterator<Item = usize> + '_ + use<'_> {
        let end = self.next(i);
        let mut k = i + 1;
        std::iter::from_fn(move || {
            (k < end).then(|| {
                let this = k;
                k = self.next(k);
                this
            })
        })
    }

    pub(crate) fn last_child(&self, i: usize) -> Option<usize> {
        self.children(i).last()
    }

    /// The records around `i`, outermost first, `i` itself not included.
    pub(crate) fn ancestors(&self, i: usize) -> Vec<usize> {
        let mut around = Vec::new();
        let mut k = 0;
        while k < i {
            if self.next(k) > i {
                around.push(k);
                k += 1;
            } else {
                k = self.next(k);
            }
        }
        around
    }

    /// The key of an entry, decoded. Keys with escapes are never accepted, so this cannot fail for a key.
    pub(crate) fn key<'t>(&self, text: &'t str, i: usize) -> Cow<'t, str> {
        let e = &self.entries[i];
        let raw = &text[e.at()..e.key_end()];
        match raw.as_bytes().first() {
            Some(b'"' | b'\'') => scalar_text(raw).unwrap_or(Cow::Borrowed(raw)),
            // A plain key is on one line, and has nothing to decode.
            _ => Cow::Borrowed(raw),
        }
    }

    pub(crate) fn raw<'t>(&self, text: &'t str, i: usize) -> &'t str {
        &text[self.entries[i].start()..self.entries[i].end()]
    }

    /// The entry of a mapping with this key.
    pub(crate) fn field(&self, text: &str, map: usize, key: &str) -> Option<usize> {
        if !self.entries[map].kind.is_map() {
            return None;
        }
        self.children(map).find(|&c| {
            let e = &self.entries[c];
            let raw = &text.as_bytes()[e.at()..e.key_end()];
            match raw.first() {
                // A quoted key is at least two bytes longer than its text.
                Some(b'"' | b'\'') => raw.len() >= key.len() + 2 && self.key(text, c) == key,
                _ => raw == key.as_bytes(),
            }
        })
    }
}

//! Block collections: structure by lines and indentation.

use super::super::outline::Kind;
use super::{Key, Refusal, RefusalKind, Scan, Scanner, refuse};

/// A key on the current line.
#[derive(Clone, Copy)]
pub(super) struct FoundKey {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Right after the colon.
    pub(super) after: usize,
}

const NO_KEY: Key = Key { at: 0, len: 0 };

impl Scanner<'_> {
    /// The root: a collection that begins at column 0.
    pub(super) fn root(&mut self) -> Scan<()> {
        self.skip_to_content()?;
        match self.column {
            None => {
                return Err(Refusal { reason: "the document is empty", at: 0, kind: RefusalKind::Empty });
            }
            Some(0) => {}
            Some(_) => return refuse("the first line is indented", self.p),
        }
        if self.is_dash(self.p) {
            self.list(0, NO_KEY)?;
        } else if let Some(first) = self.find_key(self.p)? {
            self.map(0, NO_KEY, first)?;
        } else if matches!(self.at(self.p), b'[' | b'{') {
            let e = self.flow(self.p, 0, NO_KEY)?;
            self.end_of_line(e)?;
            self.skip_to_content()?;
        } else {
            // Tell a tag or an anchor by its name rather than as "a single value".
            self.inline(0, NO_KEY)?;
            return refuse("the document is a single value", 0);
        }
        if self.column.is_some() { refuse("content after the end of the root", self.p) } else { Ok(()) }
    }

    pub(super) fn is_dash(&self, p: usize) -> bool {
        p < self.b.len() && self.b[p] == b'-' && (self.is_blank(p + 1) || self.at(p + 1) == b'\t')
    }

    /// A value that may be a collection, at its own `column`, in a collection at `parent`.
    fn block(&mut self, column: usize, parent: usize, key: Key) -> Scan<()> {
        if self.is_dash(self.p) {
            self.list(column, key)
        } else if let Some(first) = self.find_key(self.p)? {
            self.map(column, key, first)
        } else {
            self.inline(parent, key)
        }
    }

    fn map(&mut self, column: usize, key: Key, first: FoundKey) -> Scan<()> {
        self.open()?;
        let me = self.push(Kind::Map, column, key, self.p, self.p)?;
        self.map_entries_from(column, first)?;
        self.close(me, self.end)
    }

    /// The entries of a mapping whose first key is at the position.
    pub(super) fn map_entries(&mut self, column: usize) -> Scan<()> {
        match self.find_key(self.p)? {
            Some(first) => self.map_entries_from(column, first),
            None => refuse("a line that is no `key:`", self.p),
        }
    }

    fn map_entries_from(&mut self, column: usize, first: FoundKey) -> Scan<()> {
        let mut k = first;
        loop {
            self.check_key(&k)?;
            self.value(k.after, column, Key { at: k.start, len: k.end - k.start }, true)?;
            match self.column {
                Some(c) if c > column => return refuse("unexpected indentation", self.p),
                Some(c) if c == column => {}
                _ => return Ok(()),
            }
            if self.is_dash(self.p) {
                return refuse("a list item among the keys of a mapping", self.p);
            }
            k = match self.find_key(self.p)? {
                Some(k) => k,
                None => return refuse("a line that is no `key:`", self.p),
            };
        }
    }

    fn list(&mut self, column: usize, key: Key) -> Scan<()> {
        self.open()?;
        let me = self.push(Kind::List, column, key, self.p, self.p)?;
        self.list_items(column)?;
        self.close(me, self.end)
    }

    /// The items of a list whose first dash is at the position.
    pub(super) fn list_items(&mut self, column: usize) -> Scan<()> {
        if !self.is_dash(self.p) {
            return refuse("a line that is no `- item`", self.p);
        }
        loop {
            let dash = self.p;
            self.value(dash + 1, column, Key { at: dash, len: 0 }, false)?;
            match self.column {
                Some(c) if c > column => return refuse("unexpected indentation", self.p),
                Some(c) if c == column && self.is_dash(self.p) => {}
                _ => return Ok(()),
            }
        }
    }

    /// The value after a colon or dash that ends at `v`, in a collection at `column`.
    #[inline]
    fn value(&mut self, v: usize, column: usize, key: Key, in_map: bool) -> Scan<()> {
        let mut p = v;
        while self.at(p) == b' ' {
            p += 1;
        }
        if matches!(self.at(p), b'\n' | b'\r' | b'#') {
            self.end_of_line(v)?;
            self.skip_to_content()?;
            return match self.column {
                Some(c) if c > column => self.block(c, column, key),
                // A list may stand at the column of its key.
                Some(c) if c == column && in_map && self.is_dash(self.p) => self.list(c, key),
                _ => self.push(Kind::Null, column, key, v, v).map(|_| ()),
            };
        }
        self.p = p;
        if in_map { self.inline(column, key) } else { self.block(column + 1 + (p - v), column, key) }
    }

    /// A value that begins on the line of its key or dash, or below it without being a block collection.
    fn inline(&mut self, parent: usize, key: Key) -> Scan<()> {
        let p = self.p;
        match self.at(p) {
            q @ (b'"' | b'\'') => {
                let e = self.quoted(p)?;
                self.end_of_line(e)?;
                self.leaf(if q == b'"' { Kind::Double } else { Kind::Single }, parent, key, p, e)
            }
            b'[' | b'{' => {
                let e = self.flow(p, parent, key)?;
                self.end_of_line(e)?;
                self.skip_to_content()
            }
            b'|' | b'>' => self.block_scalar(p, parent, key),
            _ if self.is_plain_start(p) => self.plain(p, parent, key),
            b'&' => refuse("an anchor", p),
            b'*' => refuse("an alias", p),
            b'!' => refuse("a tag", p),
            b'?' => refuse("a key or value that starts with `?`", p),
            b':' => refuse("a key or value that starts with `:`", p),
            b'\t' => refuse("a tab before a value", p),
            b'-' => refuse("a list item on the line of a key", p),
            b'@' | b'`' | b'%' | b',' => refuse("a value that starts with a reserved character", p),
            _ => refuse("an unexpected character", p),
        }
    }
}

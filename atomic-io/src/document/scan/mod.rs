//! From text to outline, in one pass and without guessing.
//!
//! The scanner follows the lines and the indentation of block collections, and balances quotes and
//! brackets. What it is not sure that every YAML reader takes for the same structure it refuses, with
//! the reason and the place. It recurses once per level of nesting, at most [`MAX_DEPTH`] deep.

mod block;
mod flow;
mod keys;
mod scalar;
pub(crate) mod text;

use super::outline::{Entry, Kind, Outline};
use memchr::memchr;

/// The full parser stops at 128 levels; a hundred leaves room for values that are read inside a wrapper.
pub(crate) const MAX_DEPTH: u32 = 100;

/// Readers give up on a key that is longer than 1,024 characters.
const MAX_KEY_BYTES: usize = 1000;

/// Why a text is not outlined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: &'static str,
    /// Byte offset.
    pub(crate) at: usize,
    pub(crate) kind: RefusalKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    /// Possibly valid YAML, but not for the outline.
    Unsure,
    /// An escape that no reader knows.
    Escape,
    /// A key that stands in the same mapping before, at byte `first`.
    Duplicate { first: usize },
    /// Deeper than [`MAX_DEPTH`]: not worth a full parse, whose time can grow with the square of the depth.
    TooDeep,
    /// Nothing but blank lines and comments.
    Empty,
}

pub(crate) type Scan<T> = Result<T, Refusal>;

fn refuse<T>(reason: &'static str, at: usize) -> Scan<T> {
    Err(Refusal { reason, at, kind: RefusalKind::Unsure })
}

/// Outlines a whole document.
pub(crate) fn outline(text: &str) -> Scan<Outline> {
    text::check_characters(text)?;
    let mut s = Scanner::over(text, text::content_start(text), 0);
    // Real files have an entry every 20 to 30 bytes.
    s.entries.reserve(text.len() / 24 + 8);
    s.document_start()?;
    s.root()?;
    Ok(Outline { entries: s.entries })
}

/// Outlines the neighbouring entries of one block collection again, as after an edit.
///
/// `from` is the first entry (its key or dash) and `until` the start of the line on which the next
/// content after them stands, or the end of the text. `depth` is the depth of the collection. The records
/// are numbered from 0.
pub(crate) fn siblings(
    text: &str,
    kind: Kind,
    column: u16,
    depth: u32,
    from: usize,
    until: usize,
) -> Scan<Vec<Entry>> {
    let mut s = Scanner::over(&text[..until], from, depth);
    text::check_characters_from(&text[..until], from)?;
    if from < until {
        s.column = Some(usize::from(column));
        match kind {
            Kind::Map => s.map_entries(usize::from(column))?,
            _ => s.list_items(usize::from(column))?,
        }
    }
    if s.column.is_some() {
        return refuse("content that does not belong to the entry", s.p);
    }
    Ok(s.entries)
}

struct Scanner<'a> {
    b: &'a [u8],
    /// The position: between entries, always at content or at the end.
    p: usize,
    /// The column of the content at `p`; `None` at the end.
    column: Option<usize>,
    /// A comment line was passed on the way to `p`.
    comment: bool,
    entries: Vec<Entry>,
    /// The end of the value that was closed last.
    end: usize,
    depth: u32,
    /// For each depth the last mapping there that has no key twice: the next one mostly has the same keys, as tasks of a queue do.
    alike: Vec<Option<usize>>,
}

/// The key or dash of an entry: where it begins and how long the key is.
#[derive(Clone, Copy)]
struct Key {
    at: usize,
    len: usize,
}

impl<'a> Scanner<'a> {
    fn over(text: &'a str, p: usize, depth: u32) -> Self {
        Scanner {
            b: text.as_bytes(),
            p,
            column: None,
            comment: false,
            entries: Vec::new(),
            end: p,
            depth,
            alike: Vec::new(),
        }
    }

    /// The byte at `i`; a line break beyond the end, because every token ends at one.
    #[inline]
    fn at(&self, i: usize) -> u8 {
        self.b.get(i).copied().unwrap_or(b'\n')
    }

    /// A space, a line break or the end.
    #[inline]
    fn is_blank(&self, i: usize) -> bool {
        matches!(self.at(i), b' ' | b'\n' | b'\r')
    }

    /// The end of the line's content at or after `i`, and the start of the next line.
    fn line_end(&self, i: usize) -> (usize, usize) {
        let e = memchr(b'\n', &self.b[i..]).map_or(self.b.len(), |k| i + k);
        let next = (e + 1).min(self.b.len());
        (if e > i && self.b[e - 1] == b'\r' { e - 1 } else { e }, next)
    }

    /// A document marker at a line start. It ends the document even inside quotes and brackets.
    fn is_marker(&self, i: usize) -> bool {
        let s = &self.b[i.min(self.b.len())..];
        (s.starts_with(b"---") || s.starts_with(b"...")) && (self.is_blank(i + 3) || self.at(i + 3) == b'\t')
    }

    /// Steps over one `---` line before the root.
    fn document_start(&mut self) -> Scan<()> {
        while self.p < self.b.len() {
            let (e, next) = self.line_end(self.p);
            let line = &self.b[self.p..e];
            if line.is_empty() || line[0] == b'#' {
                self.p = next;
                continue;
            }
            if line.starts_with(b"---") && self.is_marker(self.p) {
                self.end_of_line(self.p + 3)?;
            }
            break;
        }
        Ok(())
    }

    /// From a line start over blank lines and comments to the next content.
    #[inline]
    fn skip_to_content(&mut self) -> Scan<()> {
        self.comment = false;
        loop {
            let line = self.p;
            let mut i = line;
            while i < self.b.len() && self.b[i] == b' ' {
                i += 1;
            }
            if i >= self.b.len() {
                self.p = i;
                self.column = None;
                return Ok(());
            }
            match self.b[i] {
                b'\n' => self.p = i + 1,
                b'\r' => self.p = i + 2,
                b'#' => {
                    self.comment = true;
                    self.p = self.line_end(i).1;
                }
                b'\t' => return refuse("a tab in the indentation", i),
                _ => {
                    if i == line && self.is_marker(i) {
                        return refuse("a document marker after the first", i);
                    }
                    if i == line && self.b[i] == b'%' {
                        return refuse("a directive", i);
                    }
                    self.p = i;
                    self.column = Some(i - line);
                    return Ok(());
                }
            }
        }
    }

    /// Moves to the next line; only spaces and a comment may stand between `i` and it.
    #[inline]
    fn end_of_line(&mut self, i: usize) -> Scan<()> {
        let mut j = i;
        while self.at(j) == b' ' {
            j += 1;
        }
        self.p = match self.at(j) {
            b'\n' => (j + 1).min(self.b.len()),
            b'\r' => (j + 2).min(self.b.len()),
            // Readers disagree about `"x"#c`, so a comment needs a space before it.
            b'#' if j > i => self.line_end(j).1,
            b'\t' => return refuse("a tab after a value", j),
            _ => return refuse("text after a value", j),
        };
        Ok(())
    }

    /// Adds a record that as yet has no descendants.
    fn push(&mut self, kind: Kind, column: usize, key: Key, start: usize, end: usize) -> Scan<usize> {
        let me = self.entries.len();
        let Ok(column) = u16::try_from(column) else {
            return refuse("an indentation of more than 65,535 columns", start);
        };
        self.entries.push(Entry {
            at: narrow(key.at),
            start: narrow(start),
            end: narrow(end),
            next: narrow(me + 1),
            key_len: u16::try_from(key.len).unwrap_or(u16::MAX),
            column,
            kind,
        });
        self.end = end;
        Ok(me)
    }

    /// Adds a record and goes on to the next content.
    fn leaf(&mut self, kind: Kind, column: usize, key: Key, start: usize, end: usize) -> Scan<()> {
        self.push(kind, column, key, start, end)?;
        self.skip_to_content()
    }

    /// Ends the collection `me`, whose last value ends at `end`.
    fn close(&mut self, me: usize, end: usize) -> Scan<()> {
        self.entries[me].next = narrow(self.entries.len());
        self.entries[me].end = narrow(end);
        self.end = end;
        if self.entries[me].kind.is_map() {
            self.refuse_duplicates(me)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn open(&mut self) -> Scan<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal {
                reason: "nested deeper than 100 levels",
                at: self.p,
                kind: RefusalKind::TooDeep,
            });
        }
        Ok(())
    }
}

/// Positions fit because `check_characters` refuses larger texts.
#[inline]
fn narrow(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

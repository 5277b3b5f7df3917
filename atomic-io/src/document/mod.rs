//! YAML documents that are edited without being rewritten.
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | [`Document`] |
//! | `path.rs`, `resolve.rs` | [`DocPath`], and how it is followed |
//! | `node.rs`, `read.rs`, `quick.rs` | [`Node`], and how values are read |
//! | `outline.rs`, `scan/` | the outline, and the scanner that makes it |
//! | `edit.rs`, `layout.rs` | which operation leads to which edit, and which bytes that replaces |
//! | `splice.rs` | carrying out an edit, and its checks |
//! | `emit.rs`, `style.rs` | how new values are written (the only place), and what their neighbours look like |
//! | `whole.rs` | a document made from a value |
//! | `item.rs` | a list item without neighbours, for event logs |
//! | `lines.rs` | lines and columns |
//! | `error.rs` | errors |

mod edit;
mod emit;
mod error;
mod item;
mod layout;
mod lines;
mod node;
mod outline;
mod path;
mod quick;
mod read;
mod resolve;
mod scan;
mod splice;
mod style;
mod whole;

pub use error::{DocumentError, ParseError};
pub(crate) use item::list_item;
pub use node::Node;
pub use path::{DocPath, ToPath};

use lines::LineIndex;
use outline::Outline;
pub(crate) use scan::text::without_mark;
use scan::{Refusal, RefusalKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_yaml::Value;

/// A YAML document: its text, and where in it every value stands.
///
/// Edits replace the bytes of one value; all others stay as they are, so comments, order and quoting
/// survive, as do line breaks of either kind and a byte order mark at the start. New values are written so
/// that YAML 1.1 and YAML 1.2 readers take them for the same value, and every edit is read back before it
/// counts.
///
/// A document with structures that cannot be edited safely (anchors, tags, merge keys, tabs …)
/// is read by the full parser instead; its edits fail with [`DocumentError::Refused`], which names
/// the structure and its place.
///
/// ```
/// use atomic_io::Document;
///
/// let mut doc = Document::parse("tasks:\n  - id: A   # the first\n    status: pending\n")?;
/// doc.set("tasks[id=A].status", &"claimed")?;
/// doc.set("tasks[id=A].due", &"2026-02-07")?;
/// assert_eq!(
///     doc.text(),
///     "tasks:\n  - id: A   # the first\n    status: claimed\n    due: \"2026-02-07\"\n"
/// );
/// assert_eq!(doc.get::<String>("tasks[0].status")?, "claimed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    body: Body,
    lines: LineIndex,
    whole_check: WholeCheck,
}

/// When a text that is not too large is outlined again as a whole, to see that an edit changed nothing elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WholeCheck {
    AfterEachEdit,
    /// By [`Document::is_sound`], after all edits.
    OnceAfterAll,
    /// The same, and there was one.
    Owed,
}

#[derive(Debug, Clone)]
enum Body {
    Outlined(Outline),
    /// What the full parser made of it, and why there is no outline.
    Parsed {
        value: Value,
        refusal: Refusal,
    },
}

impl Document {
    /// Reads a document from its text.
    ///
    /// A text without any content is a document whose root is null; it cannot be edited.
    ///
    /// # Errors
    /// [`ParseError`] when the text is not one YAML document, or a mapping has a key twice.
    pub fn parse(text: impl Into<String>) -> Result<Document, ParseError> {
        let text = text.into();
        let body = match scan::outline(&text) {
            Ok(outline) => Body::Outlined(outline),
            Err(refusal) => Body::Parsed { value: parse_fully(&text, &refusal)?, refusal },
        };
        Ok(Document { text, body, lines: LineIndex::default(), whole_check: WholeCheck::AfterEachEdit })
    }

    /// The same document, with one check of the whole text after all edits instead of one after each, for who asks [`is_sound`](Self::is_sound) at
    /// the end and parses anew if it is not.
    #[must_use]
    pub fn checked_once(mut self) -> Document {
        self.whole_check = WholeCheck::OnceAfterAll;
        self
    }

    /// Whether the text still is what the edits made of the outline. Of any other document than one that is [`checked_once`](Self::checked_once)
    /// it is known already.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match &self.body {
            Body::Outlined(outline) if self.whole_check == WholeCheck::Owed => {
                self.text.len() >= splice::CHECK_WHOLE
                    || scan::outline(&self.text).is_ok_and(|whole| whole == *outline)
            }
            _ => true,
        }
    }

    /// The text with all edits so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text with all edits so far, without a copy.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// The whole document as a node.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::root(self)
    }

    /// The node at `path`, or `None` when nothing stands there.
    ///
    /// # Errors
    /// [`DocumentError::Path`] and [`DocumentError::Ambiguous`].
    pub fn node(&self, path: impl ToPath) -> Result<Option<Node<'_>>, DocumentError> {
        let path = path.to_path()?;
        resolve::walk(self.root(), &path, path.steps().len())
    }

    /// The value at `path` as a `T`. Only the bytes of that value are parsed.
    ///
    /// # Errors
    /// [`DocumentError::NotFound`] when nothing stands there, [`DocumentError::Read`] when it does not fit
    /// `T`, [`DocumentError::Path`] and [`DocumentError::Ambiguous`].
    pub fn get<T: DeserializeOwned>(&self, path: impl ToPath) -> Result<T, DocumentError> {
        let path = path.to_path()?;
        let node = resolve::walk(self.root(), &path, path.steps().len())?;
        let node = node.ok_or_else(|| DocumentError::NotFound { path: path.to_string() })?;
        node.deserialize().map_err(|source| DocumentError::Read { path: path.to_string(), source })
    }

    /// Replaces the value at `path`, or adds its last key at the end of the mapping there.
    ///
    /// A value that is equal already stays as it is written, unless it is a string that readers of YAML 1.1 take
    /// for a number, a date or a boolean: that gets quotes. A null in the place of that mapping becomes a
    /// mapping with this one key. The quoting of a replaced string is kept when the new one allows it.
    /// An integer that does not fit into 64 bits is written as a string, because many readers have no other.
    ///
    /// # Errors
    /// Any [`DocumentError`]; the document is then as it was. [`DocumentError::NotFound`] when anything but
    /// the last key is missing.
    pub fn set(&mut self, path: impl ToPath, value: &(impl Serialize + ?Sized)) -> Result<(), DocumentError> {
        let path = path.to_path()?;
        let value = emit::to_value(&path, value)?;
        self.set_value(&path, &value)
    }

    /// Appends an item to the list at `path`. A null there, or a missing last key, becomes a list.
    ///
    /// # Errors
    /// Any [`DocumentError`]; the document is then as it was.
    pub fn push(&mut self, path: impl ToPath, item: &(impl Serialize + ?Sized)) -> Result<(), DocumentError> {
        let path = path.to_path()?;
        let item = emit::to_value(&path, item)?;
        self.push_value(&path, item)
    }

    /// Removes the key or list item at `path`. False when nothing stands there.
    ///
    /// Comments above it stay, a comment behind it on its last line goes with it. The last entry of a
    /// mapping or list leaves `{}` or `[]`.
    ///
    /// # Errors
    /// Any [`DocumentError`]; the document is then as it was.
    pub fn remove(&mut self, path: impl ToPath) -> Result<bool, DocumentError> {
        let path = path.to_path()?;
        self.remove_entry(&path)
    }
}

/// Reads a text that the outline refuses, or says what is wrong with it.
fn parse_fully(text: &str, refusal: &Refusal) -> Result<Value, ParseError> {
    let at_refusal = |message: String| {
        let (line, column, line_text) = lines::locate(text, refusal.at);
        ParseError { line, column, message, line_text: line_text.to_owned() }
    };
    if refusal.kind == RefusalKind::Empty {
        return Ok(Value::Null);
    }
    if refusal.kind == RefusalKind::TooDeep {
        return Err(at_refusal(refusal.reason.to_owned()));
    }
    let parsed = serde_yaml::from_str::<Value>(without_mark(text)).and_then(|mut value| {
        value.apply_merge()?;
        Ok(value)
    });
    parsed.map_err(|error| {
        if let RefusalKind::Duplicate { first } = refusal.kind {
            let line = lines::locate(text, first).0;
            return at_refusal(format!("{}, on line {line}", refusal.reason));
        }
        let message = error.to_string();
        // The parser counts bytes to a character that may not stand in YAML at all, and no lines.
        let is_wrong = |c: char| {
            c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
                || matches!(c, '\u{fffe}' | '\u{ffff}')
        };
        if let Some(at) = text.find(is_wrong).filter(|_| message.contains("control characters")) {
            let (line, column, line_text) = lines::locate(text, at);
            let message = "a control character, which may not stand in YAML".to_owned();
            return ParseError { line, column, message, line_text: line_text.to_owned() };
        }
        let Some(location) = error.location() else {
            return at_refusal(message);
        };
        let (line, column) = (location.line(), location.column());
        // The place is told by the fields; once is enough.
        let message = message.replacen(&format!(" at line {line} column {column}"), "", 1);
        let (last_line, last_column, _) = lines::locate(text, text.trim_end().len());
        let is_at_end = (line, column) >= (last_line, last_column);
        let is_escape = refusal.kind == RefusalKind::Escape && line == lines::locate(text, refusal.at).0;
        // The end of the text helps nobody who looks for a missing quote or bracket, and a backslash is less
        // than the character behind it.
        // To the parser a lone carriage return begins a line, so its places may be beyond ours.
        let opened = place_in(&message).filter(|place| is_at_end && *place <= (last_line, last_column));
        if opened.is_none() && (is_at_end || is_escape) {
            return at_refusal(message);
        }
        let (line, column) = opened.unwrap_or((line, column));
        ParseError { line, column, message, line_text: lines::nth_line(text, line).to_owned() }
    })
}

/// The place where the parser began what it did not find the end of, when its message names one.
fn place_in(message: &str) -> Option<(usize, usize)> {
    let (_, place) = message.rsplit_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

#[cfg(test)]
mod tests;

//! A cursor over a document, whichever way it was read.

use super::outline::{Kind, Outline};
use super::{Body, Document, read};
use serde::de::DeserializeOwned;
use serde_yaml::Value;
use std::borrow::Cow;

/// One value of a [`Document`], with what stands below it. Copying it costs nothing.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    pub(super) doc: &'a Document,
    pub(super) at: Place<'a>,
}

/// Where a node stands: in the outline, or in the full parse when there is no outline.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Outlined(&'a Outline, usize),
    Parsed(&'a Value),
}

impl<'a> Node<'a> {
    pub(super) fn root(doc: &'a Document) -> Self {
        let at = match &doc.body {
            Body::Outlined(outline) => Place::Outlined(outline, 0),
            Body::Parsed { value, .. } => Place::Parsed(untagged(value)),
        };
        Node { doc, at }
    }

    fn with(self, at: Place<'a>) -> Self {
        Node { doc: self.doc, at }
    }

    /// The value of `key` when this is a mapping that has it.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<Node<'a>> {
        match self.at {
            Place::Outlined(outline, i) => {
                outline.field(&self.doc.text, i, key).map(|c| self.with(Place::Outlined(outline, c)))
            }
            Place::Parsed(Value::Mapping(map)) => map
                .iter()
                .find(|(k, _)| key_text(k) == key)
                .map(|(_, v)| self.with(Place::Parsed(untagged(v)))),
            Place::Parsed(_) => None,
        }
    }

    /// The items of a list, in order; none when this is no list.
    pub fn items(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let node = *self;
        let below = match self.at {
            Place::Outlined(outline, i) if outline.entry(i).kind.is_list() => Below::outlined(outline, i),
            Place::Parsed(Value::Sequence(items)) => Below::Items(items.iter()),
            _ => Below::Nothing,
        };
        below.map(move |(_, at)| node.with(at))
    }

    /// The keys of a mapping with their values, in order; none when this is no mapping.
    pub fn entries(&self) -> impl Iterator<Item = (Cow<'a, str>, Node<'a>)> + use<'a> {
        let node = *self;
        let below = match self.at {
            Place::Outlined(outline, i) if outline.entry(i).kind.is_map() => Below::outlined(outline, i),
            Place::Parsed(Value::Mapping(map)) => Below::Entries(map.iter()),
            _ => Below::Nothing,
        };
        below.map(move |(key, at)| {
            let key = match (key, at) {
                (Some(key), _) => key_text(key),
                (None, Place::Outlined(outline, i)) => outline.key(&node.doc.text, i),
                (None, Place::Parsed(_)) => Cow::Borrowed(""),
            };
            (key, node.with(at))
        })
    }

    /// Whether this is a mapping.
    #[must_use]
    pub fn is_map(&self) -> bool {
        match self.at {
            Place::Outlined(outline, i) => outline.entry(i).kind.is_map(),
            Place::Parsed(value) => value.is_mapping(),
        }
    }

    /// Whether this is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        match self.at {
            Place::Outlined(outline, i) => outline.entry(i).kind.is_list(),
            Place::Parsed(value) => value.is_sequence(),
        }
    }

    /// Whether this is null, written or left out.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self.at {
            Place::Outlined(outline, i) => match outline.entry(i).kind {
                Kind::Null => true,
                Kind::Plain => matches!(read::plain(outline.raw(&self.doc.text, i)), read::Plain::Null),
                _ => false,
            },
            Place::Parsed(value) => value.is_null(),
        }
    }

    /// The line on which the value begins (for a key that is followed by nothing: the line of the key),
    /// from 1. `None` when the document could only be read by the full parser.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self.at {
            Place::Outlined(outline, i) => {
                Some(self.doc.lines.line(&self.doc.text, outline.entry(i).start()))
            }
            Place::Parsed(_) => None,
        }
    }

    /// The bytes of the value as they stand in the document, without its key or dash. `None` when the
    /// document could only be read by the full parser.
    #[must_use]
    pub fn raw(&self) -> Option<&'a str> {
        match self.at {
            Place::Outlined(outline, i) => Some(outline.raw(&self.doc.text, i)),
            Place::Parsed(_) => None,
        }
    }

    /// A single value as text: a string decoded, a number or boolean as it is written (over the full parse:
    /// as it is printed). `None` for null, a list or a mapping.
    ///
    /// This needs no parser but for strings over several lines.
    #[must_use]
    pub fn str(&self) -> Option<Cow<'a, str>> {
        match self.at {
            Place::Outlined(outline, i) => read::text_of(&self.doc.text, outline, i),
            Place::Parsed(Value::String(text)) => Some(Cow::Borrowed(text)),
            Place::Parsed(Value::Number(number)) => Some(Cow::Owned(number.to_string())),
            Place::Parsed(Value::Bool(bool)) => Some(Cow::Borrowed(if *bool { "true" } else { "false" })),
            Place::Parsed(_) => None,
        }
    }

    /// The value as a `T`.
    ///
    /// # Errors
    /// [`DocumentError::Read`](crate::DocumentError::Read) when it does not fit; its path is only a line.
    pub fn get<T: DeserializeOwned>(&self) -> Result<T, super::DocumentError> {
        self.deserialize().map_err(|source| {
            let path = self.line().map_or_else(|| "?".to_owned(), |line| format!("line {line}"));
            super::DocumentError::Read { path, source }
        })
    }

    pub(super) fn deserialize<T: DeserializeOwned>(&self) -> Result<T, serde_yaml::Error> {
        match self.at {
            Place::Outlined(outline, i) => read::get(&self.doc.text, outline, i),
            Place::Parsed(value) => T::deserialize(value),
        }
    }

    pub(super) fn named(&self) -> &'static str {
        match self.at {
            Place::Outlined(outline, i) => outline.entry(i).kind.named(),
            Place::Parsed(Value::Null) => Kind::Null.named(),
            Place::Parsed(Value::Mapping(_)) => Kind::Map.named(),
            Place::Parsed(Value::Sequence(_)) => Kind::List.named(),
            Place::Parsed(_) => Kind::Plain.named(),
        }
    }
}

/// What stands directly below a node. One type for both ways a document can be read, because all tasks of a queue go through it.
enum Below<'a> {
    Nothing,
    /// The next record, and the one behind the last descendant.
    Outlined(&'a Outline, usize, usize),
    Items(std::slice::Iter<'a, Value>),
    Entries(serde_yaml::mapping::Iter<'a>),
}

impl<'a> Below<'a> {
    fn outlined(outline: &'a Outline, i: usize) -> Self {
        Below::Outlined(outline, i + 1, outline.next(i))
    }
}

impl<'a> Iterator for Below<'a> {
    /// The place, with its key if only the full parse knows it.
    type Item = (Option<&'a Value>, Place<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Below::Outlined(outline, next, end) => {
                let this = *next;
                (this < *end).then(|| {
                    *next = outline.next(this);
                    (None, Place::Outlined(outline, this))
                })
            }
            Below::Items(items) => items.next().map(|value| (None, Place::Parsed(untagged(value)))),
            Below::Entries(entries) => {
                entries.next().map(|(key, value)| (Some(key), Place::Parsed(untagged(value))))
            }
            Below::Nothing => None,
        }
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("is", &self.named()).field("line", &self.line()).finish()
    }
}

/// A value without its tags, which say nothing about its structure.
fn untagged(value: &Value) -> &Value {
    match value {
        Value::Tagged(tagged) => untagged(&tagged.value),
        other => other,
    }
}

fn key_text(key: &Value) -> Cow<'_, str> {
    match untagged(key) {
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(bool) => Cow::Borrowed(if *bool { "true" } else { "false" }),
        Value::Null => Cow::Borrowed("null"),
        _ => Cow::Borrowed("?"),
    }
}

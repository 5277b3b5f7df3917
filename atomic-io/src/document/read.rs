//! Reading one value of an outlined document: without a parser where its text is beyond doubt, else by the
//! full parser over just the bytes of the value.

use super::outline::{Entry, Kind, Outline};
use super::quick::Quick;
use super::scan::text::scalar_text;
use memchr::memchr;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// The byte after the line on which `at` stands.
pub(crate) fn after_line(text: &str, at: usize) -> usize {
    memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |k| at + k + 1)
}

/// The start of the line on which `at` stands.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |k| k + 1)
}

/// What a plain scalar is, as far as that is clear without a parser.
pub(crate) enum Plain {
    /// A string in YAML 1.1 and 1.2.
    Text,
    Unsigned(u64),
    Negative(i64),
    Null,
    /// Anything else that might be a number, a date, a bool …
    Unclear,
}

pub(crate) fn plain(raw: &str) -> Plain {
    let b = raw.as_bytes();
    match b.first() {
        Some(b'0') if b.len() == 1 => Plain::Unsigned(0),
        Some(b'1'..=b'9') if b.len() < 19 && b.iter().all(u8::is_ascii_digit) => {
            raw.parse().map_or(Plain::Unclear, Plain::Unsigned)
        }
        Some(b'-') if b.len() < 19 && matches!(b.get(1), Some(b'1'..=b'9')) => {
            if b[1..].iter().all(u8::is_ascii_digit) {
                raw.parse().map_or(Plain::Unclear, Plain::Negative)
            } else {
                Plain::Unclear
            }
        }
        Some(c) if c.is_ascii_alphabetic() => match raw {
            "null" | "Null" | "NULL" => Plain::Null,
            // No other word that means something is longer than five letters.
            _ if b.len() <= 5 && b.iter().all(u8::is_ascii_alphabetic) && is_word_with_meaning(raw) => {
                Plain::Unclear
            }
            _ => Plain::Text,
        },
        _ if raw == "~" => Plain::Null,
        _ => Plain::Unclear,
    }
}

/// Words that some reader takes for a bool, null or a number.
pub(crate) fn is_word_with_meaning(word: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// A scalar as text: decoded, or as it stands for numbers and booleans. `None` for null and collections.
pub(crate) fn text_of<'t>(text: &'t str, outline: &Outline, i: usize) -> Option<Cow<'t, str>> {
    let raw = outline.raw(text, i);
    match outline.entry(i).kind {
        Kind::Plain if matches!(plain(raw), Plain::Null) => None,
        Kind::Plain | Kind::Single | Kind::Double => match scalar_text(raw) {
            Some(decoded) => Some(decoded),
            None => parse(text, outline.entry(i)).ok().map(Cow::Owned),
        },
        Kind::Block => parse(text, outline.entry(i)).ok().map(Cow::Owned),
        Kind::Null | Kind::Map | Kind::List | Kind::FlowMap | Kind::FlowList => None,
    }
}

/// Deserializes value `i`.
pub(crate) fn get<T: DeserializeOwned>(
    text: &str,
    outline: &Outline,
    i: usize,
) -> Result<T, serde_yaml::Error> {
    let entry = outline.entry(i);
    let raw = outline.raw(text, i);
    let quick = match entry.kind {
        Kind::Plain => match plain(raw) {
            Plain::Text => scalar_text(raw).map(Quick::Text),
            Plain::Unsigned(n) => Some(Quick::Unsigned(n, raw)),
            Plain::Negative(n) => Some(Quick::Negative(n, raw)),
            Plain::Null | Plain::Unclear => None,
        },
        Kind::Single | Kind::Double => scalar_text(raw).map(Quick::Text),
        _ => None,
    };
    // A failure is left to the parser, so that its message is always the same.
    if let Some(Ok(value)) = quick.map(T::deserialize) {
        return Ok(value);
    }
    parse(text, entry)
}

/// Deserializes value `i` by the full parser. Errors carry the line in the document.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, e: &Entry) -> Result<T, serde_yaml::Error> {
    let first = parse_source(&source(text, e), e.kind);
    if first.is_ok() {
        return first;
    }
    // Only for the message: the same again with as many lines before it as there are in the document.
    let lines = memchr::memchr_iter(b'\n', &text.as_bytes()[..e.start()]).count();
    let shifted = "\n".repeat(lines) + &source(text, e);
    parse_source(&shifted, e.kind)
}

fn parse_source<T: DeserializeOwned>(source: &str, kind: Kind) -> Result<T, serde_yaml::Error> {
    if matches!(kind, Kind::Block | Kind::Null) {
        serde_yaml::from_str(source).map(|(v,)| v)
    } else {
        serde_yaml::from_str(source)
    }
}

/// The bytes of one value, made into a document of their own that has the same value.
fn source<'t>(text: &'t str, e: &Entry) -> Cow<'t, str> {
    let end = after_line(text, e.end());
    match e.kind {
        // As a string, nothing is empty: only in a list does the parser still tell it from a written null.
        Kind::Null => Cow::Borrowed("-"),
        Kind::Map | Kind::List => {
            let line = line_start(text, e.start());
            if text[line..e.start()].bytes().all(|c| c == b' ') {
                return Cow::Borrowed(&text[line..end]);
            }
            // It begins behind a dash: keep its column.
            Cow::Owned(" ".repeat(e.column()) + &text[e.start()..end])
        }
        // An indentation digit counts from the parent, so the scalar stays in a list at the same column.
        // With its last line break, on which its value depends.
        Kind::Block => Cow::Owned(format!("{}- {}", " ".repeat(e.column()), &text[e.start()..end])),
        // The space keeps a plain `---` from being a document marker.
        _ => Cow::Owned(format!(" {}", &text[e.start()..e.end()])),
    }
}

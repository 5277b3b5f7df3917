//! Characters that a document may hold, and the text of single-line scalars.

use super::scalar::code_point;
use super::{Scan, refuse};
use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// Refuses characters that some readers reject or take for a line break.
pub(super) fn check_characters(text: &str) -> Scan<()> {
    check_characters_from(text, content_start(text))
}

/// Behind a byte order mark, which may stand before all content and nowhere else.
pub(crate) fn content_start(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

pub(super) fn check_characters_from(text: &str, from: usize) -> Scan<()> {
    // Positions have 32 bits; a file beyond that is no document but a database.
    if text.len() >= (u32::MAX - 8) as usize {
        return refuse("a text of 4 GiB or more", 0);
    }
    let b = text.as_bytes();
    let mut i = from;
    while i < b.len() {
        // Nearly all blocks of real files are plain ASCII; only the others are decoded.
        let end = (i + 4096).min(b.len());
        if b[i..end].iter().fold(true, |ok, &x| ok & ((0x20..0x7f).contains(&x) || x == b'\n')) {
            i = end;
            continue;
        }
        for c in text[i..].chars() {
            check_character(c, i, b.get(i + 1) == Some(&b'\n'))?;
            i += c.len_utf8();
            if i >= end {
                break;
            }
        }
    }
    Ok(())
}

fn check_character(c: char, at: usize, line_feed_follows: bool) -> Scan<()> {
    match c {
        '\r' if line_feed_follows => Ok(()),
        '\r' => refuse("a carriage return without a line feed", at),
        c if is_allowed(c) => Ok(()),
        '\u{85}' | '\u{2028}' | '\u{2029}' => refuse("a line separator that readers disagree about", at),
        '\u{feff}' => refuse("a byte order mark", at),
        _ => refuse("a control character", at),
    }
}

/// What the full parser is given of a document: it takes the mark for a column, and all lines but the first one
/// for lines of another mapping.
pub(crate) fn without_mark(text: &str) -> &str {
    &text[content_start(text)..]
}

/// A character that may stand in a document as it is (a line break included).
pub(crate) fn is_allowed(c: char) -> bool {
    matches!(
        c,
        '\n' | '\t' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fefe}'
            | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..
    )
}

/// The text of a scalar on one line, as it stands in the document with its quotes.
/// `None` when it goes over several lines, where folding is left to the full parser.
pub(crate) fn scalar_text(raw: &str) -> Option<Cow<'_, str>> {
    let b = raw.as_bytes();
    if memchr(b'\n', b).is_some() {
        return None;
    }
    match b.first() {
        Some(b'"') => {
            let inside = raw.get(1..raw.len().checked_sub(1)?)?;
            match memchr(b'\\', inside.as_bytes()) {
                None => Some(Cow::Borrowed(inside)),
                Some(first) => unescape(inside, first).map(Cow::Owned),
            }
        }
        Some(b'\'') => {
            let inside = raw.get(1..raw.len().checked_sub(1)?)?;
            Some(match memchr(b'\'', inside.as_bytes()) {
                None => Cow::Borrowed(inside),
                Some(_) => Cow::Owned(inside.replace("''", "'")),
            })
        }
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// Decodes the escapes of a double-quoted text; the first one is at `first`.
fn unescape(inside: &str, first: usize) -> Option<String> {
    let mut out = String::with_capacity(inside.len());
    let (mut rest, mut at) = (inside, first);
    loop {
        out.push_str(&rest[..at]);
        let code = *rest.as_bytes().get(at + 1)?;
        let digits = match code {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        out.push(match code {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b' ' | b'"' | b'/' | b'\\' => char::from(code),
            b'x' | b'u' | b'U' => code_point(rest.as_bytes().get(at + 2..at + 2 + digits)?)?,
            _ => return None,
        });
        rest = rest.get(at + 2 + digits..)?;
        match memchr2(b'\\', b'\n', rest.as_bytes()) {
            Some(k) if rest.as_bytes()[k] == b'\\' => at = k,
            Some(_) => return None,
            None => {
                out.push_str(rest);
                return Some(out);
            }
        }
    }
}

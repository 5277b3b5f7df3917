//! How new values are written: the only place.
//!
//! Scalars are written by `serde-saphyr`, because what it writes reads back equal in YAML 1.1 and 1.2;
//! layout follows the neighbours, which no library does. Strings over several lines are written with
//! `\n` in double quotes, on one line: so a written value is always whole lines, and never depends on what
//! stands behind it.

use super::error::DocumentError;
use super::path::DocPath;
use super::read::is_word_with_meaning;
use super::scan::text::{is_allowed, scalar_text};
use super::style::{Quoting, Style, Words};
use serde::Serialize;
use serde_saphyr::{DoubleQuoted, SingleQuoted};
use serde_yaml::Value;

/// What a value means, independent of how it is written.
pub(super) fn to_value(path: &DocPath, value: &(impl Serialize + ?Sized)) -> Result<Value, DocumentError> {
    serde_yaml::to_value(value)
        .map_err(|e| DocumentError::Emit { path: path.to_string(), reason: e.to_string() })
}

/// A written value.
pub(super) enum Written {
    /// One line, which stands behind a key or dash or between brackets.
    Inline(String),
    /// A block collection. The first line comes without its indentation, the others with it; the last one
    /// without a line break.
    Lines { text: String, column: usize },
}

/// Where a value is to stand.
#[derive(Clone, Copy)]
pub(super) enum Spot {
    /// Behind a key of the block mapping at this column.
    InMap(usize),
    /// Behind a dash of the block list at this column.
    InList(usize),
    /// Between brackets.
    InFlow,
    /// The root.
    Root,
}

/// Why a value cannot be written.
pub(super) type Emit<T> = Result<T, String>;

/// Writes `value`; `like` is a record that it should look like.
pub(super) fn value(style: &Style<'_>, value: &Value, spot: Spot, like: Option<usize>) -> Emit<Written> {
    let has_items = match value {
        Value::Mapping(map) => !map.is_empty(),
        Value::Sequence(items) => !items.is_empty(),
        _ => false,
    };
    if !has_items || matches!(spot, Spot::InFlow) || style.is_written_in_brackets(like) {
        let in_flow = has_items || matches!(spot, Spot::InFlow);
        return inline(style, value, in_flow, like, style.words_around(like)).map(Written::Inline);
    }
    let column = match (spot, value) {
        (Spot::Root, _) => 0,
        // Compact: the first line stands behind the dash.
        (Spot::InList(column), _) => column + 2,
        (Spot::InMap(column), Value::Sequence(_)) => column + style.list_offset(like),
        (Spot::InMap(column), _) => column + style.step,
        (Spot::InFlow, _) => return Err("a block inside brackets".to_owned()),
    };
    let mut text = String::new();
    block(style, &mut text, value, column, like)?;
    text.truncate(text.len() - style.line_break.len());
    Ok(Written::Lines { text, column })
}

/// One `key: value` of a block mapping at `column`, in whole lines.
pub(super) fn map_entry(
    style: &Style<'_>,
    key_value: &Value,
    v: &Value,
    column: usize,
    like: Option<usize>,
    words: Words,
) -> Emit<String> {
    let mut out = " ".repeat(column);
    write_entry(style, &mut out, key_value, v, column, like, words)?;
    Ok(out)
}

/// One `- value` of a block list at `column`, in whole lines.
pub(super) fn list_item(style: &Style<'_>, item: &Value, column: usize, like: Option<usize>) -> Emit<String> {
    let mut out = " ".repeat(column);
    write_item(style, &mut out, item, column, like, style.words_around(like))?;
    Ok(out)
}

/// One `key: value` for between braces.
pub(super) fn flow_entry(style: &Style<'_>, key_value: &Value, v: &Value, words: Words) -> Emit<String> {
    Ok(format!("{}: {}", key(key_value)?, inline(style, v, true, None, words)?))
}

/// The lines of a collection that has entries; the first without indentation.
fn block(style: &Style<'_>, out: &mut String, value: &Value, column: usize, like: Option<usize>) -> Emit<()> {
    match value {
        Value::Mapping(map) => {
            let words = style.words_in(like);
            for (i, (k, v)) in map.iter().enumerate() {
                if i > 0 {
                    out.extend(std::iter::repeat_n(' ', column));
                }
                let like = k.as_str().and_then(|k| style.field(like, k));
                write_entry(style, out, k, v, column, like, words)?;
            }
        }
        Value::Sequence(items) => {
            let (like, words) = (style.last_item(like), style.words_in(like));
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.extend(std::iter::repeat_n(' ', column));
                }
                write_item(style, out, item, column, like, words)?;
            }
        }
        _ => return Err("a block without entries".to_owned()),
    }
    Ok(())
}

fn write_entry(
    style: &Style<'_>,
    out: &mut String,
    key_value: &Value,
    v: &Value,
    column: usize,
    like: Option<usize>,
    words: Words,
) -> Emit<()> {
    out.push_str(&key(key_value)?);
    out.push(':');
    if like.is_none() && is_scalar(v) {
        out.push(' ');
        out.push_str(&inline(style, v, false, None, words)?);
        out.push_str(style.line_break);
        return Ok(());
    }
    match value(style, v, Spot::InMap(column), like)? {
        Written::Inline(text) => {
            out.push(' ');
            out.push_str(&text);
        }
        Written::Lines { text, column } => {
            out.push_str(style.line_break);
            out.extend(std::iter::repeat_n(' ', column));
            out.push_str(&text);
        }
    }
    out.push_str(style.line_break);
    Ok(())
}

fn write_item(
    style: &Style<'_>,
    out: &mut String,
    item: &Value,
    column: usize,
    like: Option<usize>,
    words: Words,
) -> Emit<()> {
    out.push_str("- ");
    if like.is_none() && is_scalar(item) {
        out.push_str(&inline(style, item, false, None, words)?);
    } else {
        match value(style, item, Spot::InList(column), like)? {
            Written::Inline(text) | Written::Lines { text, .. } => out.push_str(&text),
        }
    }
    out.push_str(style.line_break);
    Ok(())
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Mapping(_) | Value::Sequence(_))
}

/// A value on one line; collections in brackets.
fn inline(
    style: &Style<'_>,
    value: &Value,
    in_flow: bool,
    like: Option<usize>,
    words: Words,
) -> Emit<String> {
    match value {
        Value::String(text) => string(text, in_flow, style.quoting(like).unwrap_or(words.usual), words),
        Value::Null | Value::Bool(_) | Value::Number(_) => print(value),
        Value::Sequence(items) => {
            let parts: Emit<Vec<_>> =
                items.iter().map(|item| inline(style, item, true, style.last_item(like), words)).collect();
            Ok(format!("[{}]", parts?.join(", ")))
        }
        Value::Mapping(map) => {
            let parts: Emit<Vec<_>> = map
                .iter()
                .map(|(k, v)| {
                    let like = k.as_str().and_then(|k| style.field(like, k));
                    Ok(format!("{}: {}", key(k)?, inline(style, v, true, like, words)?))
                })
                .collect();
            Ok(format!("{{{}}}", parts?.join(", ")))
        }
        Value::Tagged(tagged) => Err(format!("it would need the tag `{}`", tagged.tag)),
    }
}

/// A key. The outline takes no escapes in keys, so a key that needs one cannot be written.
fn key(key: &Value) -> Emit<String> {
    let text = match key {
        Value::String(text) => text,
        Value::Number(_) | Value::Bool(_) => return print(key),
        _ => return Err("a key that is no single value".to_owned()),
    };
    let written = if is_plain_safe(text, true) {
        print(text)?
    } else if text.contains(['"', '\\']) {
        print(&SingleQuoted(text)).or(Err("a key with characters that need an escape".to_owned()))?
    } else {
        print(&DoubleQuoted(text))?
    };
    if written.starts_with('"') && written.contains('\\') {
        return Err("a key with characters that need an escape".to_owned());
    }
    Ok(written)
}

fn string(text: &str, in_flow: bool, wanted: Quoting, words: Words) -> Emit<String> {
    let mut quoting = wanted;
    if quoting == Quoting::Plain {
        if is_plain_safe(text, in_flow) {
            let plain = print(text)?;
            // The library knows readers of its own; a second opinion against quoting is not taken.
            if plain == text {
                return Ok(plain);
            }
        }
        quoting = words.quotes;
    }
    let is_printable = text.chars().all(|c| is_allowed(c) && c != '\n' && c != '\t');
    let written = if quoting == Quoting::Single && is_printable {
        print(&SingleQuoted(text))?
    } else {
        print(&DoubleQuoted(text))?
    };
    match scalar_text(&written) {
        Some(back) if back == text => Ok(written),
        _ => Err("the text does not read back from its quoted form".to_owned()),
    }
}

fn print<T: Serialize + ?Sized>(value: &T) -> Emit<String> {
    let mut line = serde_saphyr::to_string(&value).map_err(|e| e.to_string())?;
    while line.ends_with('\n') {
        line.pop();
    }
    Ok(line)
}

/// Whether every reader takes the text, written without quotes, for this same string. It errs on the side
/// of quotes. `in_flow` is for keys and for values between brackets.
fn is_plain_safe(text: &str, in_flow: bool) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    let second = chars.next();
    let starts_well = match first {
        '_' | '/' | '(' | '$' => true,
        // A path or a hidden file, but not `.5` or `.inf`.
        '.' => second.is_some_and(|c| c == '/' || (c.is_alphabetic() && !is_dotted_number(text))),
        c => c.is_alphanumeric(),
    };
    if !starts_well || text.ends_with([' ', ':']) || text.contains(": ") || text.contains(" #") {
        return false;
    }
    if !text.chars().all(|c| is_allowed(c) && (c == ' ' || !c.is_whitespace())) {
        return false;
    }
    if in_flow && text.contains(|c| ",[]{}?:#&*!|>'\"%@`".contains(c)) {
        return false;
    }
    !may_be_typed(text)
}

/// Whether some reader takes the text, written without quotes, for anything but a string.
pub(super) fn may_be_typed(text: &str) -> bool {
    let is_like_a_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    is_word_with_meaning(text) || is_like_a_number && looks_like_number_or_date(text)
}

fn is_dotted_number(text: &str) -> bool {
    is_word_with_meaning(text.trim_start_matches('.'))
}

/// Numbers in any base, with underscores, exponents or colons, dates and times: all of them are made of
/// these characters.
fn looks_like_number_or_date(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_hexdigit() || b"xXoO_:.,+-TtZz ".contains(&c))
}

//! Which bytes an edit replaces, and by what.

use super::emit::{self, Spot, Written};
use super::outline::{Entry, Kind, Outline};
use super::read::{after_line, line_start};
use super::splice::{Change, Plan};
use super::style::Style;
use serde_yaml::Value;

/// Why there is no such edit.
pub(super) enum Problem {
    Refused { at: usize, reason: &'static str },
    Emit(String),
}

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Problem::Emit(reason)
    }
}

const COMMENT_IN_BRACKETS: &str = "a comment inside the brackets";

/// The end of the line on which `at` stands, before its line break.
fn content_end(text: &str, at: usize) -> usize {
    let e = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |k| at + k);
    if e > at && text.as_bytes()[e - 1] == b'\r' { e - 1 } else { e }
}

/// The byte after the colon or dash of entry `i` of a block collection.
fn value_from(text: &str, outline: &Outline, i: usize) -> usize {
    let e = outline.entry(i);
    // Between a key and its colon there are only spaces.
    let colon = memchr::memchr(b':', &text.as_bytes()[e.key_end()..]);
    if e.key_len == 0 { e.at() + 1 } else { colon.map_or(e.key_end(), |k| e.key_end() + k + 1) }
}

fn spot(outline: &Outline, i: usize) -> Spot {
    match outline.ancestors(i).last().map(|&p| outline.entry(p)) {
        None => Spot::Root,
        Some(p) if p.kind == Kind::Map => Spot::InMap(p.column()),
        Some(p) if p.kind == Kind::List => Spot::InList(p.column()),
        Some(_) => Spot::InFlow,
    }
}

/// Puts `value` in the place of value `i`.
pub(super) fn replace(text: &str, outline: &Outline, i: usize, value: &Value) -> Result<Plan, Problem> {
    let e = outline.entry(i);
    if e.kind.is_flow() && outline.next(i) == i + 1 && outline.raw(text, i).contains('#') {
        return Err(Problem::Refused { at: e.start(), reason: COMMENT_IN_BRACKETS });
    }
    let style = Style::of(text, outline).at(e.start());
    let spot = spot(outline, i);
    let written = emit::value(&style, value, spot, Some(i))?;
    let (start, end, text) = match (spot, written) {
        (Spot::InFlow, Written::Inline(new)) if e.kind == Kind::Null => {
            (e.start(), e.end(), format!(" {new}"))
        }
        (Spot::InFlow | Spot::Root, Written::Inline(new) | Written::Lines { text: new, .. }) => {
            (e.start(), e.end(), new)
        }
        (_, Written::Inline(new)) => replace_by_line(text, outline, i, &new),
        (spot, Written::Lines { text: new, column }) => {
            let is_item = matches!(spot, Spot::InList(_));
            replace_by_block(text, outline, i, &new, column, is_item, style.line_break)
        }
    };
    Ok(Plan { start, end, text, change: Change::Replace(i) })
}

fn replace_by_line(text: &str, outline: &Outline, i: usize, new: &str) -> (usize, usize, String) {
    let e = outline.entry(i);
    match e.kind {
        Kind::Null => (e.start(), e.start(), format!(" {new}")),
        Kind::Block => (e.start(), e.end(), format!("{new}{}", header_comment(text, e.start()))),
        Kind::Map | Kind::List => {
            let v = value_from(text, outline, i);
            // Comments between the key and the first entry stay, below the value.
            let between = &text[v..line_start(text, e.start()).max(v)];
            (v, content_end(text, e.end()), format!(" {new}{}", between.trim_end()))
        }
        _ => (e.start(), e.end(), new.to_owned()),
    }
}

/// `new` has its lines at `column`, but for the first, which comes without its spaces.
fn replace_by_block(
    text: &str,
    outline: &Outline,
    i: usize,
    new: &str,
    column: usize,
    is_item: bool,
    line_break: &str,
) -> (usize, usize, String) {
    let e = outline.entry(i);
    let v = value_from(text, outline, i);
    let end = if e.kind == Kind::Block { e.end() } else { content_end(text, e.end()) };
    let comment = match e.kind {
        Kind::Map | Kind::List => "",
        Kind::Block => header_comment(text, e.start()),
        _ => text[e.end()..end].trim_end(),
    };
    let indent = " ".repeat(column);
    let line = line_start(text, e.start());
    let new = if line > v {
        // It begins on a later line: all comments between stay, and so does its own.
        let comment = comment.trim_start();
        let own = if comment.is_empty() { String::new() } else { format!("{indent}{comment}{line_break}") };
        format!("{}{own}{indent}{new}", &text[v..line])
    } else if !is_item {
        format!("{comment}{line_break}{indent}{new}")
    } else {
        match new.split_once(line_break) {
            Some((first, rest)) => format!(" {first}{comment}{line_break}{rest}"),
            None => format!(" {new}{comment}"),
        }
    };
    (v, end, new)
}

/// The comment behind the indicators of a block scalar, with the spaces before it.
fn header_comment(text: &str, start: usize) -> &str {
    let header = &text[start..content_end(text, start)];
    header.find(' ').map_or("", |i| header[i..].trim_end())
}

/// Adds a last entry to the collection `i`: `key` and `value`, or an item. Only brackets may be empty.
pub(super) fn insert(
    text: &str,
    outline: &Outline,
    i: usize,
    key: Option<&str>,
    value: &Value,
) -> Result<Plan, Problem> {
    let e = outline.entry(i);
    let style = Style::of(text, outline).at(e.end());
    let words = style.words_in(Some(i));
    let last = outline.last_child(i);
    let change = Change::Insert { into: i };
    if e.kind.is_flow() {
        let new = match (key, emit::value(&style, value, Spot::InFlow, last)?) {
            (None, Written::Inline(new) | Written::Lines { text: new, .. }) => new,
            (Some(key), _) => emit::flow_entry(&style, &Value::from(key), value, words)?,
        };
        let (at, text) = match last.map(|c| outline.entry(c)) {
            None => (e.start() + 1, new),
            // Behind a colon there must be a space.
            Some(c) if c.kind == Kind::Null => (c.end(), format!(" , {new}")),
            Some(c) => (c.end(), format!(", {new}")),
        };
        return Ok(Plan { start: at, end: at, text, change });
    }
    let at = after_line(text, e.end());
    let style = style.at(at);
    let mut new = match key {
        Some(key) => emit::map_entry(&style, &Value::from(key), value, e.column(), None, words)?,
        None => emit::list_item(&style, value, e.column(), last)?,
    };
    if !text[..at].ends_with('\n') {
        let deepest = outline.entry(outline.next(i) - 1);
        if deepest.owns_line_break(text) {
            let reason = "a block scalar that the end of the file cuts off: a line break would change it";
            return Err(Problem::Refused { at: deepest.start(), reason });
        }
        new.truncate(new.len() - style.line_break.len());
        new.insert_str(0, style.line_break);
    }
    Ok(Plan { start: at, end: at, text: new, change })
}

/// Takes the only entry out of collection `i`.
pub(super) fn collapse(text: &str, outline: &Outline, i: usize) -> Result<Plan, Problem> {
    let e = outline.entry(i);
    let empty = if e.kind.is_map() { "{}" } else { "[]" };
    let change = Change::Replace(i);
    if e.kind.is_flow() {
        let only = outline.entry(i + 1);
        if text[e.start()..only.at()].contains('#') || text[only.end()..e.end()].contains('#') {
            let comma = comma_behind(text, only.end());
            let (end, kept) = comma.map_or((only.end(), ""), |c| (c + 1, &text[only.end()..c]));
            return Ok(Plan { start: only.at(), end, text: kept.to_owned(), change });
        }
        return Ok(Plan { start: e.start(), end: e.end(), text: empty.to_owned(), change });
    }
    let line = line_start(text, e.start());
    let v = if i == 0 { 0 } else { value_from(text, outline, i) };
    if i == 0 || line <= v {
        return Ok(Plan {
            start: e.start(),
            end: content_end(text, e.end()),
            text: empty.to_owned(),
            change,
        });
    }
    // Comments between the key and the entry stay, below the brackets.
    let new = format!(" {empty}{}", &text[v..line]);
    Ok(Plan { start: v, end: after_line(text, e.end()), text: new, change })
}

/// Takes entry `i` out of collection `parent`, which has more: start, end and replacement.
pub(super) fn remove(
    text: &str,
    outline: &Outline,
    parent: usize,
    i: usize,
) -> Result<(usize, usize, String), Problem> {
    let e = outline.entry(i);
    let next = (outline.next(i) < outline.next(parent)).then(|| outline.entry(outline.next(i)));
    if outline.entry(parent).kind.is_flow() {
        let before = outline.children(parent).take_while(|&c| c < i).last().map(|p| outline.entry(p));
        return Ok(match (next, before) {
            (Some(next), _) => flow_entry_before(text, e, next.at()),
            (None, Some(p)) if p.kind == Kind::Null => {
                // Behind its colon there must be a space.
                let is_followed_by_one = text[e.end()..].starts_with([' ', '\r', '\n']);
                (p.end(), e.end(), if is_followed_by_one { "" } else { " " }.to_owned())
            }
            (None, Some(p)) => {
                // A comment stands between: leave it and the comma before it, which may end a list.
                let start = if text[p.end()..e.at()].contains('#') { e.at() } else { p.end() };
                (start, e.end(), String::new())
            }
            (None, None) => (e.at(), e.end(), String::new()),
        });
    }
    let line = line_start(text, e.at());
    let end = after_line(text, e.end());
    if text[line..e.at()].bytes().all(|c| c == b' ') {
        return Ok((line, end, String::new()));
    }
    // The first entry, on the line of a dash. The second moves up to it, unless something is between them.
    if let Some(next) = next
        && text[end..next.at()].bytes().all(|c| c == b' ')
    {
        return Ok((e.at(), next.at(), String::new()));
    }
    let dash_end = text[..e.at()].trim_end_matches(' ').len();
    Ok((dash_end, content_end(text, e.end()), String::new()))
}

/// What goes, and what comes in its place, when an entry between brackets is taken out that has another one
/// behind it, at `next`. Comments stay, with the space that makes them comments.
fn flow_entry_before(text: &str, e: &Entry, next: usize) -> (usize, usize, String) {
    let Some(comma) = comma_behind(text, e.end()).filter(|_| text[e.end()..next].contains('#')) else {
        return (e.at(), next, String::new());
    };
    let (before, behind) = (&text[e.end()..comma], &text[comma + 1..next]);
    if before.contains('#') {
        return (e.at(), comma + 1, before.to_owned());
    }
    let kept = behind.trim_start_matches(' ');
    (e.at(), next - if kept.starts_with('#') { behind.len() } else { kept.len() }, String::new())
}

/// The comma behind an entry between brackets that ends at `end`, over comments.
fn comma_behind(text: &str, end: usize) -> Option<usize> {
    let mut at = end;
    loop {
        at += text[at..].find(|c: char| !c.is_ascii_whitespace())?;
        match text.as_bytes()[at] {
            b'#' => at = after_line(text, at),
            b',' => return Some(at),
            _ => return None,
        }
    }
}

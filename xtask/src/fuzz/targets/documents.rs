//! Documents of all shapes, as people write them and as they should not.

use super::choices::{Choices, char_at};

const SCALARS: &[&str] = &[
    "word",
    "two words",
    "12",
    "0.5",
    "true",
    "null",
    "~",
    "yes",
    "No",
    "on",
    "y",
    "Null",
    "NULL",
    "nULL",
    "True",
    "tRUE",
    "2026-02-07",
    "2026-11-23T04:11:09Z",
    "0x1f",
    "0o17",
    "0b11",
    "017",
    "1_000",
    "12:30",
    "1e3",
    "5.",
    ".5",
    ".inf",
    "-.INF",
    ".nan",
    "-3",
    "+3",
    "-0",
    "00",
    "1.5e-7",
    "123456789012345678",
    "1234567890123456789",
    "\"double: # é\"",
    "\"esc\\n\\\"\\u00e9\\x41\"",
    "'single '''",
    "''",
    "\"\"",
    "a, b]",
    "x#y",
    "x #y",
    "http://a/b?c=d",
    "it's",
    "-x",
    "---x",
    "a:b",
    "é ü 漢字 😀",
    "\"😀 漢\"",
];

/// What is refused, by us or by everyone.
const HOSTILE: &[&str] = &[
    "!tag x",
    "&a x",
    "*a",
    "%x",
    "@x",
    "`x`",
    "| x",
    "=",
    "<<",
    "--- x",
    "\"\\ud83d\"",
    "- x",
    "? x",
    "a: b",
    "\"x\" y",
    "18446744073709551616",
    "-9223372036854775809",
    "[a: b]",
    "{a}",
    "\t",
];

const FLOW_SCALARS: &[&str] = &[
    "word",
    "two words",
    "1",
    "\"a, b\"",
    "'it''s ]'",
    "~",
    "-1",
    "x#y",
    "é",
    "yes",
    "2026-02-07",
    "it's",
    "a:b",
    "012",
    "-x",
    "null",
];

const KEYS: &[&str] = &[
    "id",
    "status",
    "a b",
    "\"quoted\"",
    "'it''s'",
    "x-1",
    "é",
    "n1",
    "12",
    "due",
    "true",
    "null",
    "1.5",
    "2026-02-07",
    "yes",
    "-k",
    "a:b",
    "d#e",
    "0x1",
    "\"\"",
    "~",
    "=",
    "<<",
    "\"e\\u00e9\"",
];
/// The first so many keys are those that every reader takes for a text.
const PLAIN_KEYS: usize = 8;

const COMMENTS: &[&str] = &["# comment", "#", "# - a: [b", "#: \"x", "# é", "## k: v", "#!x"];

/// A document of block and flow collections with all kinds of values, comments and blank lines.
pub(crate) fn document(choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    if choices.one_in(12) {
        out.push('\u{feff}');
    }
    if choices.one_in(8) {
        out.push_str(choices.of(&["---\n", "--- # c\n", "%YAML 1.2\n---\n"]));
    }
    between(choices, &mut out, 0);
    match choices.below(12) {
        0..=2 => list(choices, &mut out, 0, 0, 0),
        3 => {
            flow(choices, &mut out, 0);
            out.push('\n');
        }
        _ => map(choices, &mut out, 0, 0, 0),
    }
    between(choices, &mut out, 0);
    if choices.one_in(6) {
        out.truncate(out.trim_end().len());
    }
    if choices.one_in(6) { out.replace('\n', "\r\n") } else { out }
}

/// Comments and blank lines.
fn between(choices: &mut Choices<'_>, out: &mut String, column: usize) {
    while choices.one_in(7) {
        if choices.one_in(2) {
            out.push_str(&" ".repeat(if choices.one_in(3) { 0 } else { column }));
            out.push_str(choices.of(COMMENTS));
        } else if choices.one_in(4) {
            out.push_str(&" ".repeat(column));
        }
        out.push('\n');
    }
}

/// The rest of the line behind a value.
fn end_line(choices: &mut Choices<'_>, out: &mut String) {
    if choices.one_in(6) {
        out.push_str(&" ".repeat(1 + choices.below(3)));
        out.push_str(choices.of(COMMENTS));
    } else if choices.one_in(12) {
        out.push(' ');
    }
    out.push('\n');
}

/// The entries of a mapping; the first stands at `first`, spaces before it are still to be written.
fn map(choices: &mut Choices<'_>, out: &mut String, column: usize, first: usize, depth: usize) {
    let keys = if choices.one_in(6) { KEYS } else { &KEYS[..PLAIN_KEYS] };
    let (n, from) = (1 + choices.below(4), choices.below(keys.len()));
    for i in 0..n {
        if i > 0 {
            between(choices, out, column);
        }
        out.push_str(&" ".repeat(if i == 0 { first } else { column }));
        out.push_str(keys[(from + i) % keys.len()]);
        out.push_str(if choices.one_in(12) { " :" } else { ":" });
        value(choices, out, column, true, depth);
    }
}

fn list(choices: &mut Choices<'_>, out: &mut String, column: usize, first: usize, depth: usize) {
    for i in 0..1 + choices.below(4) {
        if i > 0 {
            between(choices, out, column);
        }
        out.push_str(&" ".repeat(if i == 0 { first } else { column }));
        out.push('-');
        value(choices, out, column, false, depth);
    }
}

/// The value behind a colon or dash.
fn value(choices: &mut Choices<'_>, out: &mut String, column: usize, in_map: bool, depth: usize) {
    let deeper = " ".repeat(column + 1 + choices.below(3));
    let kinds = if depth < 4 && !choices.is_used_up() { 15 } else { 12 };
    match choices.below(kinds) {
        0..=5 => {
            out.push(' ');
            let scalars = if choices.one_in(60) { HOSTILE } else { SCALARS };
            out.push_str(choices.of(scalars));
            end_line(choices, out);
        }
        6 => end_line(choices, out),
        7 => over_lines(choices, out, &deeper),
        8 | 9 => block_scalar(choices, out, &deeper),
        10 => {
            out.push(' ');
            out.push_str(choices.of(&["[]", "{}", "[ ]", "{ }"]));
            end_line(choices, out);
        }
        11 => {
            out.push(' ');
            flow(choices, out, 0);
            end_line(choices, out);
        }
        12 if !in_map => {
            // Behind the dash, where its column is.
            out.push(' ');
            if choices.one_in(3) {
                list(choices, out, column + 2, 0, depth + 1);
            } else {
                map(choices, out, column + 2, 0, depth + 1);
            }
        }
        n => {
            end_line(choices, out);
            between(choices, out, column);
            let below = if in_map && n == 13 && choices.one_in(2) { column } else { deeper.len() };
            if n == 13 {
                list(choices, out, below, below, depth + 1);
            } else {
                map(choices, out, below, below, depth + 1);
            }
        }
    }
}

/// A plain or quoted value over two lines, or on the line below its key.
fn over_lines(choices: &mut Choices<'_>, out: &mut String, deeper: &str) {
    let quote = choices.of(&["", "\"", "'"]);
    if choices.one_in(3) {
        end_line(choices, out);
        out.push_str(&format!("{deeper}{quote}below{quote}"));
    } else {
        let blank = choices.of(&["", "\n", "\n\n"]);
        let escape = if quote == "\"" && choices.one_in(3) { "\\" } else { "" };
        out.push_str(&format!(" {quote}one{escape}\n{blank}{deeper}two{quote}"));
    }
    end_line(choices, out);
}

fn block_scalar(choices: &mut Choices<'_>, out: &mut String, deeper: &str) {
    out.push(' ');
    let headers = if choices.one_in(8) {
        &["|2", ">1-", "|1+", "|9", "|0"][..]
    } else {
        &["|", ">", "|-", ">-", "|+", ">+"]
    };
    out.push_str(choices.of(headers));
    end_line(choices, out);
    for _ in 0..choices.below(5) {
        match choices.below(8) {
            0 => out.push('\n'),
            1 => out.push_str(&format!("{deeper}# no comment: x\n")),
            2 => out.push_str(&format!("{deeper}  more\n")),
            3 => out.push_str(&format!("{deeper} \n")),
            _ => out.push_str(&format!("{deeper}line\n")),
        }
    }
}

fn flow(choices: &mut Choices<'_>, out: &mut String, depth: usize) {
    let is_map = choices.one_in(2);
    out.push(if is_map { '{' } else { '[' });
    let n = choices.below(4);
    for (i, key) in KEYS.iter().enumerate().take(n) {
        if i > 0 {
            out.push_str(choices.of(&[", ", ",", ",\n  ", ", # c\n   ", " , "]));
        }
        if is_map {
            out.push_str(key);
            out.push_str(choices.of(&[": ", ": ", ": ", " : ", ":\n   "]));
        }
        if depth < 2 && choices.one_in(5) {
            flow(choices, out, depth + 1);
        } else if is_map && choices.one_in(8) {
            // A null, behind the space of its colon; perhaps with a comment.
            out.push_str(choices.of(&["", "", " # n\n "]));
        } else {
            out.push_str(choices.of(FLOW_SCALARS));
        }
    }
    if n > 0 && choices.one_in(8) {
        out.push(',');
    }
    out.push(if is_map { '}' } else { ']' });
}

const PIECES: &[&str] = &[
    " ", "  ", "\n", "\n\n", "\r\n", "\r", "\t", ":", ": ", "#", " #", "-", "- ", "'", "\"", "\\", "[", "]",
    "{", "}", ",", "|", ">", "? ", "&a ", "*a", "!t ", "%", "@", "`", "---\n", "...\n", "<<: ", "=", "~",
    "a", "1", "0x1", "é", "😀", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{0}", "\u{1b}", "\u{7f}",
    "\n  ", "\n- ", "k: v\n", "- x\n", "# c\n", "|2\n", ">+\n", "\"x\"#c", ", ", "[a: b]", "{a}", "\\\n",
];

/// The same text with pieces taken out, put in and moved: mostly no valid document.
pub(crate) fn damaged(choices: &mut Choices<'_>, mut text: String) -> String {
    for _ in 0..choices.below(5) {
        let at = place(choices, &text);
        match choices.below(6) {
            0 => {
                let end = char_at(&text, at + 1 + choices.below(8)).max(at);
                text.replace_range(at..end, "");
            }
            1 => {
                let line = text[..at].rfind('\n').map_or(0, |i| i + 1);
                let copy = text[line..].lines().next().unwrap_or("").to_owned() + "\n";
                let to = place(choices, &text);
                let to = text[..to].rfind('\n').map_or(0, |i| i + 1);
                text.insert_str(to, &copy);
            }
            2 => {
                let line = text[..at].rfind('\n').map_or(0, |i| i + 1);
                text.insert(line, ' ');
            }
            _ => text.insert_str(at, choices.of(PIECES)),
        }
    }
    text
}

/// Pieces in a row, without any plan.
pub(crate) fn soup(choices: &mut Choices<'_>) -> String {
    (0..choices.below(24)).map(|_| choices.of(PIECES)).collect()
}

fn place(choices: &mut Choices<'_>, text: &str) -> usize {
    let at = choices.below(text.len() + 1);
    char_at(text, at)
}

//! Documents of all shapes that the outline reads, and damaged ones, made from a row of numbers.

/// A row of numbers that decides; zeros when it is used up, which choose the simplest.
pub(super) struct Choices<'a> {
    left: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Choices { left: bytes }
    }

    /// A number below `n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        let (&[high, low], rest) = self.left.split_first_chunk().unwrap_or((&[0, 0], &[]));
        self.left = rest;
        (usize::from(high) * 256 + usize::from(low)) % n
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub(super) fn of<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }
}

const SCALARS: &[&str] = &[
    "word",
    "two words",
    "12",
    "0.5",
    "true",
    "null",
    "~",
    "2026-02-07",
    "0x1f",
    "1_0",
    "-3",
    "\"double: # é\"",
    "\"esc\\n\\\"\\u00e9\"",
    "'single '''",
    "''",
    "\"\"",
    "a, b]",
    "x#y",
    "http://a/b?c=d",
    "it's",
];

const FLOW_SCALARS: &[&str] = &["word", "two words", "1", "\"a, b\"", "'it''s ]'", "~", "-1", "x#y", "é"];

const KEYS: &[&str] = &["id", "status", "a b", "\"quoted\"", "'it''s'", "x-1", "é", "n1", "12", "due"];

const COMMENTS: &[&str] = &["# comment", "#", "# - a: [b", "#: \"x", "# é"];

/// A document of block and flow collections with all kinds of values, comments and blank lines.
pub(super) fn document(choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    if choices.one_in(12) {
        out.push('\u{feff}');
    }
    if choices.one_in(8) {
        out.push_str("---\n");
    }
    between(choices, &mut out, 0);
    if choices.one_in(4) {
        list(choices, &mut out, 0, 0, 0);
    } else {
        map(choices, &mut out, 0, 0, 0);
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
    let (n, from) = (1 + choices.below(4), choices.below(KEYS.len()));
    for i in 0..n {
        if i > 0 {
            between(choices, out, column);
        }
        out.push_str(&" ".repeat(if i == 0 { first } else { column }));
        out.push_str(KEYS[(from + i) % KEYS.len()]);
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
    match choices.below(if depth < 4 { 15 } else { 12 }) {
        0..=5 => {
            out.push(' ');
            out.push_str(choices.of(SCALARS));
            end_line(choices, out);
        }
        6 => end_line(choices, out),
        7 => {
            out.push_str(choices.of(&[" one\n", " \"one\n", " 'one\n"]));
            let quote = &out[out.len() - 5..out.len() - 4];
            let quote = if quote == " " { String::new() } else { quote.to_owned() };
            let blank = choices.of(&["", "\n"]);
            out.push_str(&format!("{blank}{deeper}two{quote}"));
            end_line(choices, out);
        }
        8 | 9 => block_scalar(choices, out, &deeper),
        10 => {
            out.push(' ');
            out.push_str(choices.of(&["[]", "{}", "[ ]"]));
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

fn block_scalar(choices: &mut Choices<'_>, out: &mut String, deeper: &str) {
    out.push_str(choices.of(&[" |", " >", " |-", " >-", " |+", " >+"]));
    end_line(choices, out);
    for _ in 0..choices.below(4) {
        match choices.below(5) {
            0 => out.push('\n'),
            1 => out.push_str(&format!("{deeper}# no comment: x\n")),
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
            out.push_str(choices.of(&[", ", ",", ",\n  ", ", # c\n   "]));
        }
        if is_map {
            out.push_str(key);
            out.push_str(": ");
        }
        if depth < 2 && choices.one_in(5) {
            flow(choices, out, depth + 1);
        } else if is_map && choices.one_in(8) {
            // A null, behind the space of its colon; perhaps with a comment.
            out.push_str(choices.of(&["", "", "# n\n "]));
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
    " ", "  ", "\n", "\n\n", "\r\n", "\t", ":", ": ", "#", " #", "-", "- ", "'", "\"", "\\", "[", "]", "{",
    "}", ",", "|", ">", "? ", "&a ", "*a", "!t ", "%", "@", "`", "---\n", "...\n", "<<: ", "=", "~", "a",
    "1", "0x1", "é", "\u{85}", "\u{2028}", "\u{feff}", "\u{0}", "\n  ", "\n- ", "k: v\n", "- x\n", "# c\n",
    "|2\n", ">+\n", "\"x\"#c",
];

/// The same text with pieces taken out, put in and moved: mostly no valid document.
pub(super) fn damaged(choices: &mut Choices<'_>, mut text: String) -> String {
    for _ in 0..choices.below(5) {
        let at = place(choices, &text);
        match choices.below(6) {
            0 => {
                let mut end = at;
                for c in text[at..].chars().take(1 + choices.below(8)) {
                    end += c.len_utf8();
                }
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

fn place(choices: &mut Choices<'_>, text: &str) -> usize {
    let mut at = choices.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

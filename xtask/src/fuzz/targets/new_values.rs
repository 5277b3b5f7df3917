//! Values to be written: mostly texts that readers like to take for something else.

use super::Choices;
use super::core_schema::is_typed_in_yaml_1_1;
use atomic_io::Node;
use serde_yaml::Value;

const TEXTS: &[&str] = &[
    "x",
    "two words",
    "2026-02-07",
    "2026-11-23T04:11:09Z",
    "yes",
    "No",
    "on",
    "y",
    "=",
    "<<",
    "~",
    "null",
    "true",
    "1_000",
    "0o17",
    "017",
    "0x1F",
    "0b1",
    "12:30",
    "1:30:00.5",
    "1e3",
    ".5",
    "5.",
    "-1",
    "+1",
    ".inf",
    ".nan",
    "nan",
    "1.0",
    "- x",
    "-",
    "--- x",
    "---",
    "...",
    "# c",
    "x # y",
    "x#y",
    "a: b",
    "a:",
    ":x",
    "? x",
    "?",
    "",
    " ",
    " x",
    "x ",
    "\n",
    "a\nb",
    "a\n",
    "\na",
    "a\r\nb",
    "\ttab",
    "tab\t",
    "it's",
    "'",
    "\"",
    "\"x\"",
    "\\",
    "\\n",
    "[x",
    "]",
    "{x}",
    "x, y",
    "x,y",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "%x",
    "@x",
    "`x`",
    "é",
    "漢字",
    "😀",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\u{0}",
    "\u{1b}",
    "\u{7f}",
    "\u{fffe}",
    "\u{ad}",
    "http://a/b?c=d#e",
    "C:\\x",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z",
];

const TYPED: &[&str] = &[
    "0",
    "-1",
    "12345",
    "9223372036854775807",
    "18446744073709551615",
    "0.5",
    "-1e300",
    ".inf",
    "-.inf",
    ".nan",
    "null",
    "true",
    "false",
    "1e-9",
];

const KEYS: &[&str] = &["k", "id", "yes", "a b", "1", "it's", "2026-02-07", "é", "a: b", "~"];

/// A value as YAML in brackets.
pub(super) fn value_text(choices: &mut Choices<'_>, depth: usize) -> String {
    match choices.below(if depth < 3 { 12 } else { 9 }) {
        0..=5 => quoted(choices.of(TEXTS)),
        6 => {
            let parts: String = (0..choices.below(5)).map(|_| choices.of(TEXTS)).collect();
            quoted(&if choices.one_in(8) { parts.repeat(40) } else { parts })
        }
        7..=8 => choices.of(TYPED).to_owned(),
        9 => {
            let items: Vec<_> = (0..choices.below(4)).map(|_| value_text(choices, depth + 1)).collect();
            format!("[{}]", items.join(", "))
        }
        _ => {
            let from = choices.below(KEYS.len());
            let entry = |i| format!("{}: ", quoted(KEYS[(from + i) % KEYS.len()]));
            let entries: Vec<_> =
                (0..choices.below(4)).map(|i| entry(i) + &value_text(choices, depth + 1)).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// In double quotes, with everything escaped that is not plain ASCII.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// The first text in `value` that stands at `node` without quotes though a reader of YAML 1.1 takes it for something else.
pub(super) fn yaml_1_1_trap(node: Node<'_>, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let is_plain = node.raw().is_some_and(|raw| !raw.starts_with(['"', '\'', '|', '>']));
            (is_plain && is_typed_in_yaml_1_1(text)).then(|| text.clone())
        }
        Value::Mapping(map) => {
            node.entries().zip(map).find_map(|((_, below), (_, value))| yaml_1_1_trap(below, value))
        }
        Value::Sequence(items) => {
            node.items().zip(items).find_map(|(below, item)| yaml_1_1_trap(below, item))
        }
        _ => None,
    }
}

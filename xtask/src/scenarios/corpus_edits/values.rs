//! What is written into the files: strings that some reader takes for something else.

use serde_json::{Value, json};

/// How long the longest string is. Emitters fold there, and readers limit keys.
const LONG: usize = 5_000;

/// The strings that every scalar is set to.
pub(super) fn strings() -> Vec<String> {
    const SHORT: &[&str] = &[
        "plain words",
        "2026-02-07",
        "2026-02-07T10:00:00Z",
        "yes",
        "=",
        "~",
        "1_000",
        "0o17",
        "017",
        "12:30",
        "1e3",
        "- item",
        "# no comment",
        "a # b",
        "a: b",
        ": ",
        "",
        " around ",
        "Grüße, 世界 🌍\u{a0}",
        "one\ntwo\n\n  three\n",
        "tab\tand \u{1b}\u{85}\u{feff}",
        "it's \"quoted\" \\ here",
        "[a, {b}",
        "&a *b !c %d @e `f | >",
        "---",
    ];
    let long: String = "a word: and # more, ".chars().cycle().take(LONG).collect();
    SHORT.iter().map(|text| (*text).to_owned()).chain([long]).collect()
}

/// Keys that need no escape, which is all that can be written.
pub(super) const KEYS: &[&str] = &[
    "added",
    "due date",
    "2026-02-07",
    "yes",
    "=",
    "~",
    "1_000",
    "12:30",
    "- x",
    "# x",
    "a: b",
    "",
    "ключ",
    "<<",
];

/// Values of every kind, to be inserted.
pub(super) fn of_any_kind() -> Vec<Value> {
    let mut values: Vec<_> = strings().into_iter().map(Value::String).collect();
    values.extend([
        json!(42),
        json!(true),
        json!(null),
        json!({}),
        json!([]),
        json!({"id": "X-1", "due": "2026-02-07", "tags": ["yes", "a, b"], "deep": {"er": [[1], {"k": "no"}]}}),
        json!(["1_000", {"a: b": "# c"}, []]),
    ]);
    values
}

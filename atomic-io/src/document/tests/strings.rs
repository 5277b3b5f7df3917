//! Strings and keys that a reader of YAML 1.1 or 1.2 might take for something else.

use super::*;

/// Numbers, dates, booleans, nulls and structure, to some reader.
const AMBIGUOUS: &[&str] = &[
    "2026-02-07",
    "2026-2-7",
    "2026-02-07T10:00:00Z",
    "2026-02-07 10:00:00",
    "yes",
    "Yes",
    "no",
    "NO",
    "on",
    "Off",
    "y",
    "N",
    "true",
    "True",
    "FALSE",
    "null",
    "Null",
    "~",
    "=",
    "<<",
    "1_000",
    "1__2",
    "017",
    "08",
    "0o17",
    "0x1F",
    "0b11",
    "12:30",
    "190:20:30",
    "1:2:3.5",
    "1e3",
    "1E3",
    "1e+3",
    "1.5e+10",
    ".5",
    "5.",
    "1.",
    "+1",
    "-1",
    "0",
    "00",
    "1",
    "1.0",
    "1_000.5",
    ".inf",
    "-.INF",
    "+.inf",
    ".nan",
    ".NaN",
    "nan",
    "inf",
    "1,5",
    "1,000",
    "0x_",
    "",
    " lead",
    "trail ",
    "- x",
    "-",
    "---",
    "--- x",
    "...",
    "#",
    "# c",
    "a # c",
    "a: b",
    "a:",
    ": a",
    ":",
    "?",
    "? x",
    "!t",
    "!!str x",
    "&a",
    "*a",
    "|",
    ">",
    "|-",
    "%x",
    "@x",
    "`x",
    "'",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "[a",
    "{a: 1}",
    "[a, b]",
    ",",
    "a\tb",
    "\t",
    "{{T}}",
    "{TBD}",
    "'x'",
    "\"x\"",
    "- ",
    " ",
    "\u{a0}",
    "\u{3000}",
];

/// What takes more than one line, or an escape.
const SPECIAL: &[&str] = &[
    "a\nb",
    "a\n",
    "\n",
    "\na",
    " \n ",
    "a\n\n\nb\n",
    "# a\n# b",
    "---\n",
    "a\n---\nb",
    "a\r\nb",
    "\r",
    "\0",
    "\u{1}\u{1b}\u{7f}",
    "\u{80}",
    "\u{85}",
    "a\u{85}b",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{9f}",
];

/// What no reader takes for anything but itself.
const PLAIN: &[&str] = &[
    "pending",
    "TASK-001",
    "two words",
    "it's",
    "say \"hi\"",
    "a, b",
    "http://a/b#c?d=e",
    "./run.sh",
    "/usr/bin",
    "_x",
    "é",
    "日本語",
    "C:\\x",
    "x]",
    "a{b}",
    "v0.1.2",
    "a-b_c.d",
    "x=y",
    "a&b",
    "(x)",
    "3 days",
    "1st",
];

const PLACES: &[(&str, &str)] = &[
    ("a: x\nb: 1\n", "a"),
    ("a: 'x'\nb: 1\n", "a"),
    ("a: \"x\"\nb: 1\n", "a"),
    ("a:\nb: 1\n", "a"),
    ("- x # c\n- b\n", "[0]"),
    ("a: [x, 'y']\n", "a[0]"),
    ("a: {k: x, l: 1}\n", "a.k"),
    ("a: |\n  x\nb: 1\n", "a"),
    ("k:\n  - a: 1\n    b: x", "k[0].b"),
    ("b: 1\n", "a"),
    ("{b: 1}\n", "a"),
];

#[test]
fn every_string_reads_back_in_every_place() {
    let long = ["word ".repeat(1000), "x: # ".repeat(1000), "é\n".repeat(1700)];
    for text in [AMBIGUOUS, SPECIAL, PLAIN].concat().into_iter().chain(long.iter().map(String::as_str)) {
        for (before, path) in PLACES {
            let mut doc = outlined(before);
            doc.set(*path, text).unwrap_or_else(|e| panic!("{e}: {text:?} in {before:?}"));
            assert_eq!(doc.get::<String>(*path).unwrap(), text, "in {before:?}");
            check_agrees(doc.text());
            check_outline(&doc);
        }
        let mut doc = outlined("- x\n");
        doc.push(".", text).unwrap();
        assert_eq!(doc.get::<Vec<String>>(".").unwrap(), ["x", text]);
        check_agrees(doc.text());
    }
}

#[test]
fn ambiguous_strings_are_quoted() {
    for text in [AMBIGUOUS, SPECIAL].concat() {
        for (before, path) in PLACES {
            let mut doc = outlined(before);
            doc.set(*path, text).unwrap();
            let raw = doc.node(*path).unwrap().unwrap().raw().unwrap();
            assert!(raw.starts_with(['"', '\'']), "{text:?} is written as {raw} in {before:?}");
            assert!(!raw.contains('\n'), "{text:?} is written over several lines");
        }
    }
}

#[test]
fn strings_beyond_doubt_stay_plain() {
    for text in PLAIN {
        check_set("a: x\n", "a", &format!("'{}'", text.replace('\'', "''")), &format!("a: {text}\n"));
    }
}

#[test]
fn a_string_in_brackets_is_plain_only_without_their_signs() {
    check_set("a: [x]\n", "a[0]", "pending", "a: [pending]\n");
    for text in ["a, b", "x]", "a{b}", "http://a", "it's", "a?", "a&b"] {
        let mut doc = outlined("a: [x]\n");
        doc.set("a[0]", text).unwrap();
        assert_eq!(doc.text(), format!("a: [\"{text}\"]\n"));
    }
}

#[test]
fn every_key_that_needs_no_escape_reads_back() {
    for key in [AMBIGUOUS, PLAIN].concat() {
        for (before, map) in
            [("a: 1\n", "."), ("a:\n  - b: 1\n", "a[0]"), ("a: {b: 1}\n", "a"), ("a:\n", "a")]
        {
            let path = map.parse::<DocPath>().unwrap().key(key);
            let mut doc = outlined(before);
            match doc.set(&path, "value") {
                Ok(()) => {
                    assert_eq!(doc.get::<String>(&path).unwrap(), "value");
                    check_agrees(doc.text());
                }
                // A tab is only read inside quotes as an escape.
                Err(DocumentError::Emit { .. }) => assert!(key.contains('\t'), "{key:?}"),
                Err(e) => panic!("{e}: {key:?}"),
            }
        }
    }
}

#[test]
fn a_key_that_needs_an_escape_is_an_error() {
    for key in ["a\nb", "\0", "\u{85}", "\u{feff}", "a\tb"] {
        let error = check_fails("a: 1\n", |doc| doc.set(DocPath::root().key(key), &1));
        assert!(matches!(error, DocumentError::Emit { .. }), "{error}");
        let error = check_fails("a: 1\n", |doc| {
            doc.set("b", &Value::Mapping([(key.into(), 1.into())].into_iter().collect()))
        });
        assert!(matches!(error, DocumentError::Emit { .. }), "{error}");
    }
}

#[test]
fn numbers_booleans_and_null_are_plain() {
    let mut doc = outlined("a: \"x\"\n");
    for (value, text) in
        [("1", "1"), ("-7", "-7"), ("0.5", "0.5"), ("true", "true"), ("null", "null"), (".inf", ".inf")]
    {
        let value: Value = serde_yaml::from_str(value).unwrap();
        doc.set("a", &value).unwrap();
        assert_eq!(doc.text(), format!("a: {text}\n"));
        assert_eq!(doc.get::<Value>("a").unwrap(), value);
    }
}

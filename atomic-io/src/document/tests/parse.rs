//! What is read, what only reads, and where an invalid text is said to be wrong.

use super::*;

/// Expects that `text` is no document, because of `message` at `line` and `column`.
fn check_error(text: &str, line: usize, column: usize, message: &str) {
    let error = Document::parse(text).unwrap_err();
    assert_eq!((error.line, error.column), (line, column), "{error} in {text:?}");
    assert!(error.message.contains(message), "{error} in {text:?}");
    assert_eq!(error.line_text, without_mark(text).lines().nth(line - 1).unwrap_or(""));
    assert!(error.to_string().starts_with(&format!("line {line}, column {column}: ")), "{error}");
}

/// Expects that `text` is read by the full parser only, because of `reason` at `line` and `column`.
fn check_read_only(text: &str, line: usize, column: usize, reason: &str) {
    let mut doc = Document::parse(text).unwrap();
    assert_eq!(doc.root().line(), None, "outlined: {text:?}");
    match doc.set("zz", &1) {
        Err(DocumentError::Refused { line: l, column: c, reason: r, .. }) => {
            assert_eq!((l, c), (line, column), "{r} in {text:?}");
            assert!(r.contains(reason), "{r} in {text:?}");
        }
        other => panic!("{other:?} for {text:?}"),
    }
    assert_eq!(doc.text(), text);
}

#[test]
fn an_unfilled_template_is_an_error_where_the_parser_stops() {
    let text = "jobs:\n  - id: JOB-{ID}\n    name: \"{NAME}\"\n    level: {high|medium|low}\n    made_by: {WHO}-{RUN}\n";
    check_error(text, 5, 19, "did not find expected key");
}

#[test]
fn a_markdown_heading_is_an_error_at_its_text() {
    check_error(
        "# Notes\n# on rules\n\n> Created: yesterday\n> By: me\n",
        4,
        3,
        "expected comment or line break",
    );
}

#[test]
fn a_bad_escape_is_an_error_at_the_character_behind_the_backslash() {
    check_error("a:\n  run: \"grep 'x\\|y' é\"\n", 2, 17, "unknown escape character");
    check_error("a: é\nb: \"é\\q\"\n", 2, 7, "unknown escape character");
}

#[test]
fn a_key_twice_is_an_error_at_the_second_that_names_the_first() {
    check_error("a:\n  meta: 1\n  x: 2\nb: 3\na: 4\n", 5, 1, "on line 1");
    check_error("a:\n  meta:\n    x: 2\n  \"meta\": 3\n", 4, 3, "on line 2");
    check_error("a: {x: 1, y: 2, x: 3}\n", 1, 17, "on line 1");
    let many: String = (0..99).map(|i| format!("k{i}: {i}\n")).collect();
    check_error(&(many + "k7: again\n"), 100, 1, "on line 8");
}

/// Mappings that begin as the one before are not searched again; what they have beyond it is.
#[test]
fn a_key_twice_is_found_behind_mappings_with_the_same_keys() {
    let alike = "- a: 1\n  b: 2\n- a: 1\n  b: 2\n";
    check_error(&format!("{alike}- a: 1\n  b: 2\n  a: 3\n"), 7, 3, "on line 5");
    check_error(&format!("{alike}- a: 1\n  a: 2\n"), 6, 3, "on line 5");
    check_error(&format!("{alike}- a: 1\n- a: 1\n  b: 2\n  b: 2\n"), 8, 3, "on line 7");
    check_error("- {a: 1, b: {a: 1}}\n- {a: 1, b: {a: 1, a: 2}}\n", 2, 20, "on line 2");
    outlined(&format!("{alike}- b: 1\n  a: 2\n- c: 1\n- a: 1\n  b: 2\n  c: 3\n"));
}

#[test]
fn spellings_of_one_number_are_one_key() {
    check_error("1: a\n0x1: b\n", 2, 1, "on line 1");
    check_error("~: a\nnull: b\n", 2, 1, "on line 1");
    check_error("true: a\nTrue: b\n", 2, 1, "on line 1");
    check_error("1.0: a\nb: 1\n1.00: b\n", 3, 1, "on line 1");
    // Different ones are not, nor are days.
    for text in ["1: a\n2: b\n", "2026-02-07: a\n2026-02-08: b\n", "1: a\n1.0: b\n", "yes: 1\n\"no\": 2\n"] {
        outlined(text);
    }
    // A string and a number are two keys, but not two that a path can tell apart.
    check_read_only("\"1\": a\n1: b\n", 2, 1, "a key that the mapping already has");
}

#[test]
fn a_byte_order_mark_is_before_the_first_column() {
    check_error("\u{feff}a: @x\nb: 1\n", 1, 4, "cannot start any token");
    check_error("\u{feff}a: 1\na: 2\n", 2, 1, "on line 1");
    check_read_only("\u{feff}a: &x 1\n", 1, 4, "an anchor");
    check_read_only("\u{feff}  a: 1\n", 1, 3, "indented");
}

#[test]
fn what_is_never_closed_is_shown_where_it_opens() {
    check_error("a: 1\nb: \"x\nc: 1\n", 2, 4, "unexpected end of stream");
    check_error("a: 1\nb: 'x\nc: 1\n", 2, 4, "unexpected end of stream");
    check_error("a: 1\nb: {x: \"y\"\n", 2, 4, "did not find expected ',' or '}'");
    check_error("<:\ra", 1, 3, "");
    check_error("a: {{b}}\nc: [d\n", 2, 4, "did not find expected ',' or ']'");
    check_error("a: 1\nb\n\n", 2, 1, "could not find expected ':'");
}

#[test]
fn other_errors_are_told_by_the_parser() {
    check_error("a: b: c\n", 1, 5, "mapping values are not allowed");
    check_error("a: 1\n\tb: 2\n", 2, 1, "tab");
    check_error("a:\n  - b\n c: 1\n", 3, 2, "did not find expected key");
    check_error("a: @x\nb: 1\n", 1, 4, "cannot start any token");
    check_error("a: *x\nb: 1\n", 1, 4, "unknown anchor");
    check_error("a: 1\n---\nb: 2\n", 2, 1, "more than one document");
    for wrong in ['\u{0}', '\u{1}', '\u{1b}', '\u{7f}', '\u{9f}', '\u{fffe}'] {
        check_error(&format!("a: 1\nb: é\nc: x{wrong}y\n"), 3, 5, "a control character");
    }
}

#[test]
fn nesting_beyond_a_hundred_levels_is_an_error_at_once() {
    let deep = |n: usize| "[".repeat(n) + &"]".repeat(n) + "\n";
    outlined(&deep(100));
    check_error(&deep(101), 1, 101, "nested deeper than 100 levels");
    check_error(&deep(100_000), 1, 101, "nested deeper than 100 levels");
    let block = |n: usize| (0..n).map(|i| format!("{}k:\n", " ".repeat(i))).collect::<String>();
    outlined(&block(100));
    check_error(&block(101), 101, 101, "nested deeper than 100 levels");
    check_error(&("- ".repeat(101) + "x\n"), 1, 201, "nested deeper than 100 levels");
}

#[test]
fn nothing_is_a_document_that_is_null() {
    for text in ["", "\n", "# only a comment\n", "---\n", "   \n  # x"] {
        let doc = Document::parse(text).unwrap();
        assert!(doc.root().is_null(), "{text:?}");
        assert!(doc.get::<Option<u8>>(".").unwrap().is_none());
        check_read_only(text, 1, 1, "the document is empty");
    }
}

#[test]
fn structures_that_are_only_read() {
    check_read_only("a: &x 1\nb: *x\n", 1, 4, "an anchor");
    check_read_only("a: !t x\n", 1, 4, "a tag");
    check_read_only("a: {b: 1}\nc:\n  <<: {d: 1}\n", 3, 3, "a merge key");
    check_read_only("? a\n: b\n", 1, 1, "starts with `?`");
    check_read_only("a: 1\n...\n", 2, 1, "a document marker");
    check_read_only("%YAML 1.2\n---\na: 1\n", 1, 1, "a directive");
    check_read_only("a: [b: c]\n", 1, 6, "a pair without braces");
    check_read_only("a: {b}\n", 1, 5, "a key without a value");
    check_read_only("  a: 1\n", 1, 3, "indented");
    check_read_only("only text\n", 1, 1, "a single value");
    check_read_only("a: \"x\u{feff}\"\n", 1, 6, "a byte order mark");
    check_read_only("\"a\\tb\": 1\n", 1, 1, "a key with an escape");
    check_read_only("a: x\tb\n", 1, 5, "a tab");
}

//! Places where scanners of YAML go wrong: each is either read as the full parser reads it, or refused.

use super::*;

/// Expects that the outline does not accept `text`, whatever the full parser says.
fn check_refused(text: &str) {
    if let Ok(doc) = Document::parse(text) {
        assert_eq!(doc.root().line(), None, "outlined: {text:?}");
    }
}

#[test]
fn a_backslash_at_the_end_of_the_text() {
    for text in ["a: \"x\\", "a: \"x\\\n", "a: \"\\x4", "a: \"\\u12\"", "a: \"x\\\"", "\"a\\"] {
        check_refused(text);
    }
    check_agrees("a: \"x\\\\\"");
    check_agrees("a: \"x\\\n  y\"\n");
}

#[test]
fn escapes_that_are_no_character() {
    for escape in ["ud800", "udfff", "U00110000", "Uffffffff", "xg0", "u12g4", "q", "'"] {
        check_refused(&format!("a: \"\\{escape}\"\n"));
    }
    check_agrees("a: \"\\x41\\u00e9\\U0001F600\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\\"\\/\\\\\\N\\_\\L\\P\"\n");
}

#[test]
fn a_comma_ends_a_value_only_between_brackets() {
    check_agrees("a: x, y\nb: [x, y]\nc: x] y}\n");
    check_set("a: [x, y]\n", "a[0]", "'v, w'", "a: [\"v, w\", y]\n");
    check_set("a: x\n", "a", "'v, w'", "a: v, w\n");
    check_set("a: {k: x}\n", "a.k", "'[v]'", "a: {k: \"[v]\"}\n");
}

#[test]
fn blank_lines_of_block_scalars() {
    check_agrees("a: |\n  x\n     \n  y\nb: 1\n");
    check_agrees("a: |\n  x\n     \nb: 1\n");
    check_agrees("a: |\n\n \n  x\n");
    check_agrees("a: >\n  x\n\n   y\n\n  z\n\n\nb: 1\n");
    check_agrees("a: |-\n\nb: |+\n\n\nc: >\n");
    check_refused("a: |\n    \n  x\n");
}

#[test]
fn trailing_blank_lines_belong_to_a_block_scalar_that_keeps_them() {
    check_agrees("a: |+\n  x\n\n\nb: 1\n");
    check_agrees("- |+\n  x\n\n");
    check_set("a: |+\n  x\n\n\nb: 1\n", "b", "2", "a: |+\n  x\n\n\nb: 2\n");
    // Without `b` the blank line that now is its would be one of `a`.
    let error = check_fails("a: |+\n  x\nb: 1\n\nc: 2\n", |doc| doc.remove("b").map(|_| ()));
    assert!(matches!(error, DocumentError::Check { .. }), "{error}");
}

#[test]
fn an_indentation_digit_counts_from_the_parent() {
    check_agrees("a:\n  b: |1\n    x\n   y\n");
    check_agrees("- |2\n    x\n   y\n- b\n");
    check_agrees("a: |2-\n    x\n  y\nb: >1+\n   z\n\n");
    check_set("a:\n  b: |1\n    x\n   y\n  c: 1\n", "a.c", "2", "a:\n  b: |1\n    x\n   y\n  c: 2\n");
    check_refused("a: |0\n  x\n");
    check_refused("a: |x\n  y\n");
}

#[test]
fn a_plain_value_does_not_go_on_after_a_comment() {
    check_refused("a: x # c\n  y\n");
    check_refused("a: x\n  # c\n  y\n");
    check_refused("a: [x # c\n  y]\n");
    check_agrees("a: x\n  y\n\n  z # c\nb: x#y\n");
}

#[test]
fn document_markers_inside_quotes_and_brackets() {
    for text in ["a: \"x\n---\ny\"\n", "a: 'x\n...\ny'\n", "a: [x,\n--- ]\n", "a: |\n  x\n---\n", "a:\n...\n"]
    {
        check_refused(text);
    }
    check_agrees("---\na: \"x\n --- y\"\nb: '---x'\nc: ---x\nd:\n  ---\n");
    check_agrees("- ---\n- |\n  ---\n");
}

#[test]
fn line_separators_and_byte_order_marks() {
    for c in ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{0}', '\u{1b}', '\u{7f}', '\u{9f}', '\u{ffff}']
    {
        check_refused(&format!("a: x{c}y\n"));
        check_refused(&format!("a: \"x{c}y\"\n"));
        check_refused(&format!("# {c}\na: x\n"));
        // As a value it is written as an escape.
        let mut doc = outlined("a: x\n");
        doc.set("a", &format!("x{c}y")).unwrap();
        assert!(doc.text().starts_with("a: \"x\\") && doc.text().is_ascii(), "{:?}", doc.text());
        check_agrees(doc.text());
    }
    check_refused("\u{feff}\u{feff}a: x\n");
    check_refused("---\n\u{feff}a: x\n");
    check_agrees("\u{feff}a: x\nb:\n  - 1\n");
    check_agrees("\u{feff}---\n- a: 1\n  b: 2\n");
    check_refused("a: x\ry\n");
    check_refused("a: x\r");
    check_agrees("a: \u{a0}x\u{3000}\n");
}

#[test]
fn a_number_sign_right_behind_a_quote_or_bracket() {
    check_refused("a: \"x\"#c\n");
    check_refused("a: [x]#c\n");
    check_refused("a: |#c\n  x\n");
    check_agrees("a: [x#y, 'z' #c\n]\nb: \"x\" #c\n");
}

#[test]
fn a_key_in_braces_without_a_space_behind_its_colon() {
    for text in
        ["a: {b:}\n", "a: {b:, c: 1}\n", "a: {\"b\":}\n", "a: {\"b\":, c: 1}\n", "a: [b: ]\n", "a: {b}\n"]
    {
        check_refused(text);
    }
}

#[test]
fn an_apostrophe_inside_a_plain_value() {
    check_agrees("a: [it's, that's]\nb: it's \"so\"\n- c: d\n".trim_end_matches("- c: d\n"));
    check_agrees("{it's: \"x\"}\n");
    check_set("a: [it's]\n", "a[0]", "x", "a: [x]\n");
}

#[test]
fn values_at_the_column_of_their_key() {
    check_refused("k:\n>\n  x\n");
    check_refused("k:\n|\n  x\n");
    check_refused("k:\n\"x\"\n");
    check_refused("k:\nx\n");
    check_refused("k:\n[x]\n");
    check_refused("a:\n  k:\n  x\n");
    check_agrees("k:\n >\n  x\n");
    check_agrees("k:\n- x\nl:\n  - y\n");
}

#[test]
fn quoted_and_bracketed_values_go_on_at_any_column() {
    check_agrees("a:\n  b: \"x\ny\n   z\"\n  c: 'x\n\ny'\n  d: 1\n");
    check_agrees("a:\n  b: [x,\ny, {z:\n1}\n]\n  c: 1\n");
    check_set("a:\n  b: \"x\ny\"\n  c: 1\n", "a.b", "z", "a:\n  b: \"z\"\n  c: 1\n");
    check_set("a:\n  b: [x,\ny]\n  c: 1\n", "a.b[1]", "z", "a:\n  b: [x,\nz]\n  c: 1\n");
}

#[test]
fn the_type_of_a_plain_value_is_that_of_the_parser() {
    for plain in [
        "0123",
        "1_0",
        "1:30",
        "1e3",
        "yes",
        "No",
        "on",
        "y",
        "~",
        "null",
        "Null",
        "true",
        "True",
        "TRUE",
        "tRUE",
        "0",
        "-0",
        "+1",
        "-1",
        "00",
        "0x1F",
        "0o17",
        "0b11",
        ".5",
        "5.",
        "1.5",
        ".inf",
        "-.INF",
        ".nan",
        "inf",
        "nan",
        "2026-02-07",
        "2026-02-07T10:00:00Z",
        "9223372036854775808",
        "-9223372036854775808",
        "1__2",
        "18446744073709551615",
        "1.",
        "1e",
        "e1",
        "-",
        "--",
        "-a",
        "=x",
        "a=",
        "._",
        "0x",
        "1,000",
        "10:20:30",
    ] {
        if plain != "-" {
            check_agrees(&format!("a: {plain}\n"));
            check_agrees(&format!("- {plain}\n- [{plain}, {plain} ]\n").replace(",000", "000"));
        }
    }
}

#[test]
fn text_behind_a_value() {
    for text in
        ["a: \"x\" y\n", "a: 'x' 'y'\n", "a: [x] y\n", "a: {x: 1} {y: 1}\n", "a: [x]]\n", "a: x\n  b: y\n"]
    {
        check_refused(text);
    }
}

#[test]
fn keys_that_are_not_for_the_outline() {
    for text in [
        "<<: {a: 1}\n",
        "=: 1\n",
        "? a\n",
        ": a\n",
        "a: {<<: {b: 1}}\n",
        "\"a\\u0041\": 1\n",
        "'a\n  b': 1\n",
        "[a]: 1\n",
        "{a: 1}: 1\n",
        "&a b: 1\n",
        "!t b: 1\n",
        "*a : 1\n",
        "a: {? b}\n",
        "a: [? b]\n",
        "a: [b: c]\n",
        "a: {b, c}\n",
        "a: {b: 1, b: 2}\n",
        "a: {\"b\":1, c:2}\n",
        "| : 1\n",
        "@a: 1\n",
        "`a: 1\n",
        "%a: 1\n",
    ] {
        check_refused(text);
    }
    check_refused(&format!("{}: 1\n", "k".repeat(1100)));
    check_agrees("a b: 1\n\"c: d\": 2\n'it''s' : 3\n-x: 4\n?x: 5\n".replace("?x: 5\n", "").as_str());
    check_agrees("a:b: c\nhttp://x: y\nd#e: f\n");
}

#[test]
fn tabs_only_inside_quotes_blocks_and_comments() {
    check_agrees("a: \"x\ty\"\nb: 'x\ty'\nc: |\n  x\ty\n  \tz\n# \t\nd: 1 # \t\n");
    for text in [
        "a:\tx\n",
        "a: x\ty\n",
        "\ta: x\n",
        "a:\n\t- x\n",
        "-\tx\n",
        "a: x\t\n",
        "a: [x,\ty]\n",
        "a: \"x\"\t\n",
    ] {
        check_refused(text);
    }
}

#[test]
fn unbalanced_brackets_and_quotes() {
    for text in [
        "a: [x\n",
        "a: ]\n",
        "a: {x: 1\nb: 2\n",
        "a: [x}\n",
        "a: \"x\n",
        "a: 'x\n",
        "a: [x,,y]\n",
        "a: [,]\n",
    ] {
        check_refused(text);
    }
    check_agrees("a: [x, y,]\nb: {x: 1,}\nc: [ ]\nd: { }\ne: [\n]\n");
}

#[test]
fn windows_line_breaks_are_read_alike() {
    for text in [
        "a: x\nb:\n  - y\n  - z: 1\n# c\n\nd: \"e\n  f\"\ng: |\n  h\n\n  i\nj: [k,\n l]\n",
        "a: >-\n  x\n  y\n\nb:\n- |+\n  z\n\n",
        "a: x\n  y\nb: # c\n  'z'\n",
    ] {
        check_agrees(&text.replace('\n', "\r\n"));
    }
}

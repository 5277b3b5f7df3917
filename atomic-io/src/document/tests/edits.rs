//! What each operation makes of small documents, byte for byte.

use super::*;

#[test]
fn a_replaced_scalar_keeps_its_quoting_and_comment() {
    check_set("a: old # why\n", "a", "new", "a: new # why\n");
    check_set("a: \"old\"   # why\n", "a", "new", "a: \"new\"   # why\n");
    check_set("a: 'old'\n", "a", "it's", "a: 'it''s'\n");
    check_set("a: old\n", "a", "'yes'", "a: \"yes\"\n");
    check_set("a: 'x'\nb: old\n", "b", "'2026-02-07'", "a: 'x'\nb: '2026-02-07'\n");
    check_set("a: \"5\"\n", "a", "5", "a: 5\n");
    check_set("a: 5\n", "a", "true", "a: true\n");
    check_set("a: 5\n", "a", "null", "a: null\n");
    check_set("a: 'x'\n", "a", "\"l1\\nl2\"", "a: \"l1\\nl2\"\n");
    check_set("a:\n  x\nb: 1\n", "a", "z", "a:\n  z\nb: 1\n");
}

#[test]
fn a_null_gets_its_value_behind_the_colon() {
    check_set("a:\nb: 1\n", "a", "x", "a: x\nb: 1\n");
    check_set("a: # why\nb: 1\n", "a", "x", "a: x # why\nb: 1\n");
    check_set("a:   \n", "a", "1", "a: 1   \n");
    check_set("-\n- b\n", "[0]", "x", "- x\n- b\n");
    check_set("a:", "a", "x", "a: x");
    check_set("a: ~\n", "a", "x", "a: x\n");
    check_set("a:\n", "a.b", "x", "a:\n  b: x\n");
    check_set("a: # why\nz: 1\n", "a", "[1, 2]", "a: # why\n  - 1\n  - 2\nz: 1\n");
}

#[test]
fn values_over_several_lines_are_replaced_whole() {
    check_set("a: |\n  x\n  y\n\nb: 1\n", "a", "new", "a: new\n\nb: 1\n");
    check_set("a: | # why\n  x\nb: 1\n", "a", "new", "a: new # why\nb: 1\n");
    check_set("a: |+\n  x\n\n\nb: 1\n", "a", "new", "a: new\nb: 1\n");
    check_set("a: one\n  two\n  three # why\nb: 1\n", "a", "new", "a: new # why\nb: 1\n");
    check_set("a: \"one\n  two\"\nb: 1\n", "a", "new", "a: \"new\"\nb: 1\n");
    check_set("a: [1,\n  2]\nb: 1\n", "a", "new", "a: new\nb: 1\n");
    check_set("a: # why\n  x: 1\n  y: 2\nb: 1\n", "a", "new", "a: new # why\nb: 1\n");
    check_set("a:\n- 1\n- 2\nb: 1\n", "a", "[]", "a: []\nb: 1\n");
    check_set("- a: 1\n  b: 2\n- c\n", "[0]", "{}", "- {}\n- c\n");
    check_set("a: 1\nb:\n  - x\n", "b", "{c: 1, d: [2]}", "a: 1\nb:\n  c: 1\n  d:\n    - 2\n");
}

#[test]
fn a_collection_takes_the_place_of_a_scalar() {
    check_set("a: old # why\nb: 1\n", "a", "{x: 1}", "a: # why\n  x: 1\nb: 1\n");
    check_set("a: 1\nb: [x]\n", "b", "[v, w]", "a: 1\nb: [v, w]\n");
    check_set("- old # why\n- b\n", "[0]", "{x: 1, z: 2}", "- x: 1 # why\n  z: 2\n- b\n");
    check_set("k: [a, {b: c}]\n", "k[1].b", "[1, 2]", "k: [a, {b: [1, 2]}]\n");
    check_set(
        "l:\n- 1\nm:\n    z: 1\na: x\n",
        "a",
        "{k: [1], m: {z: 2}}",
        "l:\n- 1\nm:\n    z: 1\na:\n    k:\n    - 1\n    m:\n        z: 2\n",
    );
}

#[test]
fn a_key_of_the_last_task_goes_before_comments_and_blank_lines() {
    let before = "tasks:\n  - id: a\n    status: x\n\n  # end of the list\n\nother: 1\n";
    let after = "tasks:\n  - id: a\n    status: x\n    new: 1\n\n  # end of the list\n\nother: 1\n";
    check_set(before, "tasks[id=a].new", "1", after);
    check_set("a: 1\n# end\n", "b", "2", "a: 1\nb: 2\n# end\n");
    check_set("t:\n- id: a\n# b\n- id: b\n", "t[0].x", "1", "t:\n- id: a\n  x: 1\n# b\n- id: b\n");
}

#[test]
fn a_file_without_a_last_line_break_gets_none() {
    check_set("a: 1", "b", "2", "a: 1\nb: 2");
    check_set("a: 1\r\nb: 2", "c", "3", "a: 1\r\nb: 2\r\nc: 3");
    check_push("- a", ".", "b", "- a\n- b");
    check_set("a: |-\n  x", "b", "2", "a: |-\n  x\nb: 2");
}

#[test]
fn a_cut_off_block_scalar_is_not_lengthened() {
    for text in ["a: |\n  x", "a: >\n  x", "a:\n  - |+\n   x", "a: | # - c\n  x-"] {
        let error = check_fails(text, |doc| doc.set("b", &1));
        assert!(matches!(error, DocumentError::Refused { .. }), "{error}");
    }
}

#[test]
fn windows_line_breaks_stay() {
    check_set("a: 1\r\nb:\r\n  c: 1\r\n", "b.d", "[1]", "a: 1\r\nb:\r\n  c: 1\r\n  d:\r\n    - 1\r\n");
    check_set("a: x # y\r\nb: 1\r\n", "a", "z", "a: z # y\r\nb: 1\r\n");
    check_set("a:\r\nb: 1\r\n", "a", "z", "a: z\r\nb: 1\r\n");
    check_set("a: |\r\n  x\r\nb: 1\r\n", "a", "z", "a: z\r\nb: 1\r\n");
    check_remove("a: 1\r\nb: 2\r\nc: 3\r\n", "b", "a: 1\r\nc: 3\r\n");
    check_push("a: []\r\n", "a", "x", "a:\r\n  - x\r\n");
}

#[test]
fn a_byte_order_mark_stays_before_everything() {
    check_set("\u{feff}a: 1\nb: 2\n", "a", "x", "\u{feff}a: x\nb: 2\n");
    check_set("\u{feff}# c\r\na: 1\r\n", "b", "[1]", "\u{feff}# c\r\na: 1\r\nb:\r\n  - 1\r\n");
    check_remove("\u{feff}a: 1\nb: 2\n", "a", "\u{feff}b: 2\n");
    check_remove("\u{feff}a: 1\n# c\nb: 2\n", "a", "\u{feff}\n# c\nb: 2\n");
    check_remove("\u{feff}- a\n", "[0]", "\u{feff}[]\n");
    check_push("\u{feff}---\n- a", ".", "b", "\u{feff}---\n- a\n- b");
    check_push("\u{feff}[]\n", ".", "b", "\u{feff}- b\n");
    check_push("\u{feff}[]\n", ".", "{a: 1, b: 2}", "\u{feff}- a: 1\n  b: 2\n");
}

#[test]
fn a_null_between_braces_gets_its_value_and_keeps_its_space() {
    check_set("a: { b: , c: 1 }\n", "a.c", "2", "a: { b: , c: 2 }\n");
    check_set("a: { b: , c: 1 }\n", "a.b", "x", "a: { b: x , c: 1 }\n");
    check_set("a: {b: }\n", "a.b", "{c: [1]}", "a: {b: {c: [1]} }\n");
    check_set("a: {b:\n  , c: 1}\n", "a.b", "x", "a: {b: x\n  , c: 1}\n");
    check_set("a: {b: # c\n  }\n", "a.d", "x", "a: {b: , d: x # c\n  }\n");
    check_set("a: {b: }\n", "a.b.c", "x", "a: {b: {c: x} }\n");
    check_remove("a: {b: , c: 1}\n", "a.c", "a: {b: }\n");
    check_remove("a: {b: , c: 1}\n", "a.b", "a: {c: 1}\n");
    check_remove("a: {b: }\n", "a.b", "a: {}\n");
    check_agrees("a: {b: , \"c\": , d:\n  , e: }\n");
}

#[test]
fn pushing_follows_the_list() {
    check_push("t:\n- a\n- b\nx: 1\n", "t", "c", "t:\n- a\n- b\n- c\nx: 1\n");
    check_push("t:\n    - a\n# end\n", "t", "c", "t:\n    - a\n    - c\n# end\n");
    check_push("t: [a]\n", "t", "'b, c'", "t: [a, \"b, c\"]\n");
    check_push("t: [a,]\n", "t", "b", "t: [a, b,]\n");
    check_push("t: [\n  a, # x\n  b # y\n]\n", "t", "c", "t: [\n  a, # x\n  b, c # y\n]\n");
    check_push("- - a\n  - b\n- c\n", "[0]", "x", "- - a\n  - b\n  - x\n- c\n");
    check_push(
        "t:\n  - id: \"A\"\n    due: '1'\n    l: [x]\n    m:\n    - 1\n",
        "t",
        "{id: B, due: x, l: [v, w], m: [2, 3], new: '1'}",
        "t:\n  - id: \"A\"\n    due: '1'\n    l: [x]\n    m:\n    - 1\n  - id: \"B\"\n    due: 'x'\n    l: [v, w]\n    m:\n    - 2\n    - 3\n    new: \"1\"\n",
    );
}

#[test]
fn pushing_to_nothing_makes_a_block_list() {
    check_push("t: []\nx: 1\n", "t", "a", "t:\n  - a\nx: 1\n");
    check_push("t: [] # why\n", "t", "{a: 1, b: 2}", "t: # why\n  - a: 1\n    b: 2\n");
    check_push("t:\nx: 1\n", "t", "a", "t:\n  - a\nx: 1\n");
    check_push("t: null\n", "t", "a", "t:\n  - a\n");
    check_push("x: 1\n", "t", "a", "x: 1\nt:\n  - a\n");
    check_push("x:\n- 1\nt: []\n", "t", "a", "x:\n- 1\nt:\n- a\n");
    check_push("x: {t: []}\n", "x.t", "a", "x: {t: [a]}\n");
    check_push("[]\n", ".", "a", "- a\n");
    check_push("- []\n- x\n", "[0]", "a", "- - a\n- x\n");
}

#[test]
fn removing_leaves_the_comments_of_others() {
    check_remove("a: 1\n# about b\nb: 2\n# about c\nc: 3\n", "b", "a: 1\n# about b\n# about c\nc: 3\n");
    check_remove("a: 1 # x\nb: 2\n", "a", "b: 2\n");
    check_remove("t:\n  - a: 1\n    b: 2\n\n  # next\n  - c\n", "t[0]", "t:\n\n  # next\n  - c\n");
    check_remove("t:\n  - a\n  - b: 1\n    c: |\n      x\n", "t[1]", "t:\n  - a\n");
    check_remove("- a: 1\n  b: 2\n", "[0].a", "- b: 2\n");
    check_remove("- a: 1 # x\n  # about b\n  b: 2\n", "[0].a", "-\n  # about b\n  b: 2\n");
    check_remove("- - a\n  - b\n", "[0][0]", "- - b\n");
    check_remove("a: 1\nb: 2", "b", "a: 1\n");
}

#[test]
fn removing_between_brackets() {
    check_remove("a: [x, y, z]\n", "a[0]", "a: [y, z]\n");
    check_remove("a: [x, y, z]\n", "a[1]", "a: [x, z]\n");
    check_remove("a: [x, y, z]\n", "a[2]", "a: [x, y]\n");
    check_remove("a: [x, y,]\n", "a[1]", "a: [x,]\n");
    check_remove("a: [x,]\n", "a[0]", "a: []\n");
    check_remove("a: {x: 1, y: 2}\n", "a.x", "a: {y: 2}\n");
    check_remove("a: [\"#fff\"]\nb: {c: x#y}\n", "a[0]", "a: []\nb: {c: x#y}\n");
    check_remove("b: {c: x#y}\n", "b.c", "b: {}\n");
    check_remove("a: {x: {z: 1}}\n", "a.x.z", "a: {x: {}}\n");
    check_remove("a: [x, # 1\n  # 2\n  y]\n", "a[0]", "a: [ # 1\n  # 2\n  y]\n");
    check_remove("a: [x, # 1\n  y # 2\n  ]\n", "a[1]", "a: [x, # 1\n   # 2\n  ]\n");
}

#[test]
fn comments_between_brackets_stay() {
    check_remove("a: {x: 1 # 1\n , # 2\n y: 2}\n", "a.x", "a: { # 1\n  # 2\n y: 2}\n");
    check_remove("a: { # 1\n  x: 1, # 2\n  }\n", "a.x", "a: { # 1\n   # 2\n  }\n");
    check_remove("a: [ # 1\n  x # 2\n  , # 3\n  ]\n", "a[0]", "a: [ # 1\n   # 2\n   # 3\n  ]\n");
    check_remove("[x # ,\n]\n", "[0]", "[ # ,\n]\n");
    check_push("a: [ # none\n  ]\nb: 1\n", "a", "x", "a: [x # none\n  ]\nb: 1\n");
    check_push("[\n# none\n]\n", ".", "x", "[x\n# none\n]\n");
    check_set("a: { # none\n  }\n", "a.b", "x", "a: {b: x # none\n  }\n");
    check_fails("a: [ # none\n  ]\n", |doc| doc.set("a", &1));
}

#[test]
fn the_last_entry_leaves_empty_brackets() {
    check_remove("t:\n  - a\nb: 1\n", "t[0]", "t: []\nb: 1\n");
    check_remove("t: # why\n  # the first\n  - a\nb: 1\n", "t[0]", "t: [] # why\n  # the first\nb: 1\n");
    check_remove("t:\n- a: 1\n", "t[0].a", "t:\n- {}\n");
    check_remove("# top\na: 1 # x\n# end\n", "a", "# top\n{}\n# end\n");
    check_remove("- - a\n", "[0][0]", "- []\n");
    check_remove("t:\n  a: 1", "t.a", "t: {}\n");
    check_set("{}\n", "a", "1", "a: 1\n");
    check_set("a: {} # x\n", "a.b", "1", "a: # x\n  b: 1\n");
}

#[test]
fn comments_between_a_key_and_its_value_stay() {
    check_push("a:\n# c\n  []\nb: 1\n", "a", "x", "a:\n# c\n  - x\nb: 1\n");
    check_push("a: # k\n  # c\n  [] # v\nb: 1\n", "a", "x", "a: # k\n  # c\n  # v\n  - x\nb: 1\n");
    check_push("-\n  # c\n  []\n- b\n", "[0]", "x", "-\n  # c\n  - x\n- b\n");
    check_set("a:\n  # c\n  - x\nb: 1\n", "a", "5", "a: 5\n  # c\nb: 1\n");
    check_set("a: # k\n\n  # c\n  x: 1\nb: 1\n", "a", "{z: 2}", "a: # k\n\n  # c\n  z: 2\nb: 1\n");
    check_set("a:\n  # c\n  x\nb: 1\n", "a", "[1]", "a:\n  # c\n  - 1\nb: 1\n");
    check_set("a:\n  # c\n  x: 1", "a", "5", "a: 5\n  # c");
}

#[test]
fn an_equal_value_is_not_written() {
    check_set("a: \"x\"   \n", "a", "x", "a: \"x\"   \n");
    check_set("a: 0x10\n", "a", "16", "a: 0x10\n");
    check_set("a: {b:   1}\n", "a", "{b: 1}", "a: {b:   1}\n");
    check_set("a: plain words\n", "a", "plain words", "a: plain words\n");
}

#[test]
fn a_string_that_only_we_read_as_one_gets_its_quotes() {
    check_set("a: yes # c\n", "a", "yes", "a: \"yes\" # c\n");
    check_set("a: {b: 2026-02-07}\n", "a.b", "2026-02-07", "a: {b: \"2026-02-07\"}\n");
    check_set("- 1_000\n", "[0]", "'1_000'", "- \"1_000\"\n");
    check_set("- -1:30\n", "[0]", "'-1:30'", "- \"-1:30\"\n");
}

#[test]
fn new_keys_follow_their_siblings() {
    check_set("a: \"1\"\nb: \"x\"\nc: y\n", "d", "z", "a: \"1\"\nb: \"x\"\nc: y\nd: \"z\"\n");
    check_set("a: '1'\n", "d", "z", "a: '1'\nd: 'z'\n");
    check_set("a: x\n", "d", "z", "a: x\nd: z\n");
    check_set("a: x\n", "d", "'1:30'", "a: x\nd: \"1:30\"\n");
    check_set("a: x\n", "\"no\"", "1", "a: x\n\"no\": 1\n");
    check_set("{a: 1}\n", "b", "'x: y'", "{a: 1, b: \"x: y\"}\n");
}

#[test]
fn errors_name_what_stands_in_the_way() {
    let error = check_fails("a: 1\n", |doc| doc.set("a.b", &1));
    assert_eq!(error.to_string(), "`a` is a single value, not a mapping");
    let error = check_fails("a: 1\n", |doc| doc.push("a", &1));
    assert_eq!(error.to_string(), "`a` is a single value, not a list");
    let error = check_fails("a: 1\n", |doc| doc.set("x.y", &1));
    assert_eq!(error.to_string(), "nothing at `x.y`");
    let error = check_fails("a: [1]\n", |doc| doc.set("a[1]", &1));
    assert_eq!(error.to_string(), "nothing at `a[1]`");
    let error = check_fails("t:\n- id: a\n- id: b\n- id: a\n", |doc| doc.set("t[id=a].x", &1));
    assert_eq!(error.to_string(), "`t[id=a]` matches more than one item (lines 2, 4)");
    let error = check_fails("a: &x 1\nb: *x\n", |doc| doc.set("b", &1));
    assert_eq!(error.to_string(), "`b` cannot be edited: an anchor (line 1, column 4)");
    let error = check_fails("a: 1\n", |doc| {
        doc.set("b\u{1}", &1).or_else(|_| doc.set(DocPath::root().key("b\n"), &1))
    });
    assert!(matches!(error, DocumentError::Emit { .. }), "{error}");
    let error = check_fails("# nothing\n", |doc| doc.set("a", &1));
    assert!(matches!(error, DocumentError::Refused { .. }), "{error}");
}

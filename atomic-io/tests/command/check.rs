//! `check` and `normalize`.

use crate::program::Program;
use std::fs;

#[test]
fn a_broken_file_is_told_with_its_place_and_line() {
    let program = Program::with("good.yaml", "a: 1\n");
    program.put("bad.yaml", "a: 1\nb: [\n");
    program.put("twice.yaml", "a: 1\na: 2\n");
    program.put("anchor.yaml", "a: &x 1\nb: *x\n");
    program.put("tab.yaml", "a:\t1\n");
    fs::hard_link(program.path("good.yaml"), program.path("other-name.yaml")).unwrap();
    let files = ["check", "good.yaml", "bad.yaml", "twice.yaml", "anchor.yaml", "tab.yaml", "none.yaml"];
    let ended = program.run(&files);
    assert_eq!(ended.code, Some(6));
    for line in [
        "good.yaml: parses, but cannot be edited: it has 2 names (hard links)\n",
        "bad.yaml:2:4: ",
        "\n  b: [\n",
        "twice.yaml:2:1: ",
        "on line 1\n  a: 2\n",
        "anchor.yaml: parses, but cannot be edited: line 1, column 4: an anchor\n",
        "tab.yaml: parses, but cannot be edited: line 1",
        "none.yaml does not exist\n",
    ] {
        assert!(ended.out.contains(line), "{line:?}: {}", ended.out);
    }
    fs::remove_file(program.path("other-name.yaml")).unwrap();
    assert_eq!(program.out(&["check", "good.yaml"]), "good.yaml: fine\n");
    assert_eq!(program.run(&["check", "anchor.yaml"]).code, Some(0));
    assert_eq!(program.run(&["check", "good.yaml", "none.yaml"]).code, Some(7));
    assert!(!program.names().iter().any(|name| name.ends_with(".lock")));
}

#[test]
fn a_refused_file_is_written_anew_only_when_that_is_wanted() {
    let text = "# why\nbase: &b {x: 1}\nuse:\n  <<: *b\n";
    let program = Program::with("q.yaml", text);
    program.check_refused(&["set", "q.yaml", "use.x", "2"], 6, "line 2, column 7", "q.yaml");
    program.check_refused(&["normalize", "q.yaml"], 2, "without its comments (1 lines", "q.yaml");
    program.out(&["normalize", "--yes", "q.yaml"]);
    assert_eq!(program.read("q.yaml"), "base:\n  x: 1\nuse:\n  x: 1\n");
    assert_eq!(program.read("q.yaml.backup"), text);
    program.out(&["set", "q.yaml", "use.x", "2"]);
    assert!(program.out(&["normalize", "q.yaml"]).contains("nothing to do"));
}

#[test]
fn what_would_lose_a_meaning_is_not_normalized() {
    let program = Program::with("tag.yaml", "a: !secret x\n");
    program.put("scalar.yaml", "just text\n");
    program.check_refused(&["normalize", "-y", "tag.yaml"], 6, "tag `!secret`", "tag.yaml");
    program.check_refused(&["normalize", "-y", "scalar.yaml"], 6, "cannot be edited", "scalar.yaml");
}

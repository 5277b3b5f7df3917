//! `edit`, with scripts for editors.

use crate::program::{Ended, Program};

const TEXT: &str = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n";

fn edit(program: &Program, editor: &str) -> Ended {
    let mut command = program.command(&["--json", "edit", "q.yaml"]);
    Ended::of(command.env("EDITOR", editor).env("OWN", env!("CARGO_BIN_EXE_atomic-io")).output().unwrap())
}

/// The edit must fail so, and what was edited must be kept.
fn check_kept(program: &Program, ended: &Ended, code: i32, kept: &str) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    let error: serde_json::Value = serde_json::from_str(&ended.err).unwrap();
    let copy = error["error"]["kept"].as_str().unwrap_or_else(|| panic!("{ended:?}"));
    assert!(
        copy.ends_with(".yaml") && error["error"]["message"].as_str().unwrap().contains(copy),
        "{ended:?}"
    );
    assert_eq!(std::fs::read_to_string(copy).unwrap(), kept);
    assert_eq!(program.names_in(".mooring/edits").len(), 1);
}

#[test]
fn what_the_editor_saved_is_saved_and_the_copy_goes() {
    let program = Program::with("q.yaml", TEXT);
    let ended = edit(&program, "sed -i s/3/33/");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(program.read("q.yaml"), TEXT.replace('3', "33"));
    assert_eq!(program.names(), ["q.yaml", "q.yaml.backup", "q.yaml.lock"]);
    assert!(edit(&program, "true").out.contains("\"changed\": false"));
}

#[test]
fn changes_to_other_lines_are_merged() {
    let program = Program::with("q.yaml", TEXT);
    let ended = edit(&program, "$OWN set q.yaml e 55; sed -i s/1/11/");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(program.read("q.yaml"), "a: 11\nb: 2\nc: 3\nd: 4\ne: 55\n");
}

#[test]
fn changes_to_the_same_line_keep_both() {
    let program = Program::with("q.yaml", TEXT);
    let ended = edit(&program, "$OWN set q.yaml c 33; sed -i s/3/333/");
    check_kept(&program, &ended, 4, &TEXT.replace('3', "333"));
    assert_eq!(program.read("q.yaml"), TEXT.replace('3', "33"));
}

#[test]
fn lines_that_merge_into_no_yaml_are_not_saved() {
    let program = Program::with("q.yaml", TEXT);
    // Each is sound by itself; together the key is there twice.
    let ended = edit(&program, "$OWN set q.yaml x 1; sed -i '1i x: 2'");
    check_kept(&program, &ended, 6, &format!("x: 2\n{TEXT}"));
    assert_eq!(program.read("q.yaml"), format!("{TEXT}x: 1\n"));
}

#[test]
fn what_is_no_yaml_is_kept_aside() {
    let program = Program::with("q.yaml", TEXT);
    check_kept(&program, &edit(&program, "sed -i 's/3/[/'"), 6, &TEXT.replace('3', "["));
    assert_eq!(program.read("q.yaml"), TEXT);
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let program = Program::with("q.yaml", TEXT);
    let ended = edit(&program, "false");
    assert_eq!(ended.code, Some(8));
    assert!(ended.err.contains("the editor `false` ended with exit code 1"), "{ended:?}");
    assert_eq!(program.names(), ["q.yaml"], "{ended:?}");
    let ended = edit(&program, "sh -c 'echo more: 1 >> $0; exit 1'");
    check_kept(&program, &ended, 8, &format!("{TEXT}more: 1\n"));
}

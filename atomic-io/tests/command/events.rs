//! `append` and `tail`.

use crate::program::Program;

#[test]
fn an_event_with_a_key_is_in_the_log_once() {
    let program = Program::with("none", "");
    for _ in 0..2 {
        program.out(&["append", "e.yaml", "{id: E-1, type: claimed}", "--key", "id"]);
    }
    assert_eq!(program.out(&["tail", "e.yaml"]), "- id: E-1\n  type: claimed\n");
    let again = program.out(&["--json", "append", "e.yaml", "--key", "id", "{id: E-1, type: other}"]);
    assert!(again.contains("\"appended\": false"), "{again}");
    assert_eq!(program.run_with_input(&["append", "e.yaml", "--key", "id"], "id: E-2\n").code, Some(0));
    assert_eq!(program.out(&["tail", "-n", "1", "e.yaml"]), "- id: E-2\n");
}

#[test]
fn what_is_no_event_is_refused() {
    let program = Program::with("e.yaml", "a: 1\n");
    program.check_refused(&["append", "e.yaml", "text"], 6, "not a mapping", "e.yaml");
    program.check_refused(&["append", "e.yaml", "{a: ["], 6, "the event:1:", "e.yaml");
    program.check_refused(&["append", "e.yaml", "{a: 1}", "--key", "id"], 6, "no field `id`", "e.yaml");
    program.check_refused(&["append", "e.yaml", "{a: 1}"], 6, "e.yaml:1: the file holds a mapping", "e.yaml");
    program.check_refused(&["tail", "e.yaml"], 6, "the file holds no list", "e.yaml");
    program.check_refused(&["tail", "none.yaml"], 7, "none.yaml does not exist", "none.yaml");
}

#[test]
fn an_unfinished_record_is_told_and_left_out() {
    let program = Program::with("e.yaml", "- a: 1\n- a: 'hal");
    let ended = program.run(&["tail", "e.yaml"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "- a: 1\n"));
    assert!(ended.err.contains("unfinished"), "{ended:?}");
}

//! `get`, `set`, `push`, `remove` and `write`.

use crate::program::Program;

const QUEUE: &str = "# who does what\ntasks:\n  - id: A   # the first\n    status: pending\n    tags:\n      - x\n      # why\n      - y\n  - id: B\n    status: 'pending'\n";

#[test]
fn a_value_is_printed_in_its_own_form() {
    let program = Program::with("q.yaml", QUEUE);
    assert_eq!(program.out(&["get", "q.yaml", "tasks[id=A].status"]), "pending\n");
    assert_eq!(program.out(&["get", "q.yaml", "tasks[id=A].tags"]), "- x\n# why\n- y\n");
    assert_eq!(program.out(&["get", "q.yaml", "tasks[1]"]), "id: B\nstatus: 'pending'\n");
    assert!(program.out(&["get", "q.yaml"]).contains("- id: A   # the first"));
    program.check_refused(&["get", "q.yaml", "tasks[id=C]"], 7, "q.yaml: nothing at `tasks[id=C]`", "q.yaml");
    program.check_refused(&["get", "q.yaml", "tasks[status=pending]"], 4, "lines 3, 9", "q.yaml");
    program.check_refused(&["get", "q.yaml", "a..b"], 2, "is not a path", "q.yaml");
    program.check_refused(&["get", "none.yaml", "a"], 7, "none.yaml does not exist", "none.yaml");
    // Reading leaves no lock file.
    assert_eq!(program.names(), ["q.yaml"]);
}

#[test]
fn several_pairs_are_one_update_and_nothing_else_changes() {
    let program = Program::with("q.yaml", QUEUE);
    program.out(&[
        "set",
        "q.yaml",
        "tasks[id=A].status",
        "claimed",
        "tasks[id=B].status",
        "true",
        "n1",
        "-3",
    ]);
    let expected = QUEUE.replacen("pending", "claimed", 1).replace("'pending'", "true") + "n1: -3\n";
    assert_eq!(program.read("q.yaml"), expected);
    assert_eq!(program.read("q.yaml.backup"), QUEUE);
    // The second of two fails: the first is not there either.
    program.check_refused(&["set", "q.yaml", "x", "1", "tasks[id=Z].y", "2"], 7, "nothing at", "q.yaml");
}

#[test]
fn text_that_looks_like_something_else_is_taken_literally() {
    let program = Program::with("q.yaml", "a: 1\n");
    for text in ["yes", "007", "- x", "--json", "a: b", "[", "", "#", "2026-02-07", "\u{e9}\n\tx"] {
        program.out(&["set", "--string", "q.yaml", "--", "a", text]);
        assert_eq!(program.out(&["get", "--json", "q.yaml", "a"]), {
            let value = serde_json::json!({"file": "q.yaml", "path": "a", "value": text});
            format!("{value:#}\n")
        });
    }
    program.check_refused(&["set", "q.yaml", "a", "["], 2, "--string takes it as it is", "q.yaml");
    program.check_refused(&["set", "q.yaml", "a", "1", "b"], 2, "`b` has no value", "q.yaml");
}

#[test]
fn items_are_appended_and_removed_together() {
    let program = Program::with("q.yaml", QUEUE);
    program.out(&["push", "q.yaml", "tasks[id=A].tags", "z", "{w: 1}"]);
    assert!(program.read("q.yaml").contains("      - y\n      - z\n      - w: 1\n"));
    program.out(&["remove", "q.yaml", "tasks[id=A].tags", "tasks[id=B]"]);
    assert_eq!(
        program.read("q.yaml"),
        "# who does what\ntasks:\n  - id: A   # the first\n    status: pending\n"
    );
    program.check_refused(
        &["remove", "q.yaml", "tasks[id=A].status", "gone"],
        7,
        "nothing at `gone`",
        "q.yaml",
    );
}

#[test]
fn what_changes_nothing_writes_nothing() {
    let program = Program::with("q.yaml", QUEUE);
    assert!(program.out(&["--json", "set", "q.yaml", "tasks[id=A].status", "pending"]).contains("false"));
    assert!(!program.names().contains(&"q.yaml.backup".to_owned()));
}

#[test]
fn only_yaml_is_written_and_only_over_yaml() {
    let program = Program::with("q.yaml", QUEUE);
    let refused = program.run_with_input(&["write", "q.yaml"], "a: [\n");
    assert_eq!(refused.code, Some(6));
    assert!(refused.err.contains("standard input:1:4:") && refused.err.contains("\n  a: ["), "{refused:?}");
    assert_eq!(program.read("q.yaml"), QUEUE);

    assert_eq!(program.run_with_input(&["write", "q.yaml"], "a: 1  # so\n").code, Some(0));
    assert_eq!(program.read("q.yaml"), "a: 1  # so\n");
    assert_eq!(program.read("q.yaml.backup"), QUEUE);
    assert_eq!(program.run_with_input(&["write", "new.yaml"], "b: 2\n").code, Some(0));
    assert_eq!(program.read("new.yaml"), "b: 2\n");

    program.put("q.yaml", "a: [\n");
    assert_eq!(program.run_with_input(&["write", "q.yaml"], "a: 1\n").code, Some(6));
    assert_eq!(program.read("q.yaml"), "a: [\n");
}

//! `--json`: one object on standard output, or one line on standard error.

use crate::program::Program;
use serde_json::{Value, json};

fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn every_answer_is_one_documented_object() {
    let program = Program::with("q.yaml", "a: 1\nb: [x, 2.5, ~]\n");
    let check = |arguments: &[&str], expected: Value| {
        assert_eq!(object(&program.out(&[&["--json"], arguments].concat())), expected);
    };
    check(&["get", "q.yaml", "b"], json!({"file": "q.yaml", "path": "b", "value": ["x", 2.5, null]}));
    check(&["set", "q.yaml", "a", "2"], json!({"file": "q.yaml", "changed": true}));
    check(&["set", "q.yaml", "a", "2"], json!({"file": "q.yaml", "changed": false}));
    check(&["push", "q.yaml", "b", "y"], json!({"file": "q.yaml", "changed": true}));
    check(&["remove", "q.yaml", "b"], json!({"file": "q.yaml", "changed": true}));
    check(&["pipe", "q.yaml", "--", "sed", "s/2/3/"], json!({"file": "q.yaml", "changed": true}));
    check(&["normalize", "q.yaml"], json!({"file": "q.yaml", "changed": false}));
    check(&["append", "e.yaml", "{n: 1}"], json!({"file": "e.yaml", "appended": true}));
    check(&["tail", "e.yaml"], json!({"file": "e.yaml", "records": [{"n": 1}], "unfinished": false}));
    let fine = json!({"file": "q.yaml", "valid": true, "writable": true, "reason": null, "error": null});
    check(&["check", "q.yaml"], json!({"files": [fine]}));
}

#[test]
fn every_error_is_one_documented_line() {
    let program = Program::with("bad.yaml", "a: [\n");
    let check = |arguments: &[&str], code: i32, kind: &str, place: Value| {
        let ended = program.run(&[arguments, &["--json"]].concat());
        assert_eq!(
            (ended.code, ended.out.as_str(), ended.err.lines().count()),
            (Some(code), "", 1),
            "{ended:?}"
        );
        let error = object(&ended.err)["error"].take();
        assert_eq!(error["exit"], code);
        assert_eq!(error["kind"], kind);
        assert_eq!(json!([error["line"], error["column"]]), place);
        assert!(error["message"].is_string());
    };
    check(&["get", "bad.yaml"], 6, "invalid", json!([1, 4]));
    check(&["get", "none.yaml"], 7, "not_found", json!([null, null]));
    check(&["get"], 2, "usage", json!([null, null]));
    check(&["tail", "bad.yaml"], 6, "invalid", json!([1, 4]));
}

//! `backups`, `restore`, `--no-backup` and `--also-lock`.

use crate::program::Program;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn a_corrupted_file_goes_back_to_its_last_good_version_and_is_kept() {
    let program = Program::with("q.yaml", "a: 1\n");
    program.check_refused(&["restore", "q.yaml"], 7, "no backup that parses", "q.yaml");
    program.out(&["set", "q.yaml", "a", "2"]);
    program.put("q.yaml", "a: [\n");
    let ended = program.run(&["--json", "restore", "q.yaml"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(program.read("q.yaml"), "a: 1\n");
    assert_eq!(told["changed"], true);
    assert!(told["from"].as_str().unwrap().ends_with("q.yaml.backup"), "{told}");
    let aside = told["aside"].as_str().unwrap();
    assert_eq!(program.read(aside), "a: [\n");
    let again = program.out(&["--json", "restore", "q.yaml"]);
    assert!(again.contains("\"changed\": false"), "{again}");

    let list = program.out(&["backups", "q.yaml"]);
    assert!(list.contains("  backup ") && list.contains("  recovered "), "{list}");
    assert!(list.contains("(does not parse)"), "{list}");
    program.check_refused(&["restore", "q.yaml", "--from", aside], 6, ":1:4:", "q.yaml");
    program.check_refused(&["restore", "q.yaml", "--from", "none"], 7, "none does not exist", "q.yaml");
}

/// `command | atomic-io write FILE`: a shell does not tell that the command has failed.
#[test]
fn nothing_takes_the_place_of_no_content() {
    let text = "a: 1 # why\n";
    let program = Program::with("q.yaml", text);
    for nothing in ["", "\n", "# only a comment\n\n"] {
        let ended = program.run_with_input(&["write", "q.yaml"], nothing);
        assert_eq!(ended.code, Some(6), "{ended:?}");
        assert!(ended.err.contains("holds nothing, so nothing was changed"), "{ended:?}");
    }
    let mut edit = program.command(&["edit", "q.yaml"]);
    let edited = edit.env("EDITOR", "truncate -s 0").output().unwrap();
    assert_eq!(edited.status.code(), Some(6), "{edited:?}");
    assert_eq!(program.read("q.yaml"), text);
    assert!(!program.path("q.yaml.backup").exists());
    program.put("q.yaml.backup", "");
    program.check_refused(&["restore", "q.yaml"], 7, "no backup that parses and holds anything", "q.yaml");
    // What is meant can be said.
    let ended = program.run_with_input(&["write", "q.yaml"], "null\n");
    assert_eq!((ended.code, program.read("q.yaml")), (Some(0), "null\n".to_owned()));
    program.put("new.yaml", "");
    assert_eq!(program.run_with_input(&["write", "new.yaml"], "# soon\n").code, Some(0));
}

#[test]
fn a_backup_that_does_not_parse_is_passed_over() {
    let program = Program::with("q.yaml", "a: 1\n");
    program.out(&["set", "q.yaml", "a", "2"]);
    program.put("q.yaml.backup", "a: [\n");
    program.check_refused(&["restore", "q.yaml"], 7, "no backup that parses", "q.yaml");
    std::fs::create_dir_all(program.path(".mooring/history")).unwrap();
    program.put(".mooring/history/q.yaml.20260101T000000Z", "a: 0\n");
    assert_eq!(program.run(&["restore", "q.yaml"]).code, Some(0));
    assert_eq!(program.read("q.yaml"), "a: 0\n");
}

#[test]
fn without_a_backup_none_is_kept() {
    let program = Program::with("q.yaml", "a: 1\n");
    program.out(&["--no-backup", "set", "q.yaml", "a", "2"]);
    assert_eq!(program.names(), ["q.yaml", "q.yaml.lock"]);
    assert_eq!(program.out(&["backups", "q.yaml"]), "");
}

#[test]
fn another_lock_is_taken_too() {
    let program = Program::with("q.yaml", "a: 1\n");
    program.put("old.lock", "");
    let mut holder = Command::new("flock")
        .args(["--no-fork", "old.lock", "sh", "-c", "echo ready; exec sleep 60"])
        .current_dir(program.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
    let also = ["--timeout", "0", "--also-lock", "old.lock"];
    for verb in
        [&["set", "q.yaml", "a", "2"][..], &["append", "e.yaml", "{a: 1}"], &["lock", "q.yaml", "--", "true"]]
    {
        program.check_refused(&[&also[..], verb].concat(), 5, "old.lock is still held", "q.yaml");
    }
    program.out(&["--timeout", "0", "set", "q.yaml", "a", "2"]);
    holder.kill().unwrap();
    holder.wait().unwrap();
    program.out(&[&also[..], &["set", "q.yaml", "a", "3"]].concat());
}

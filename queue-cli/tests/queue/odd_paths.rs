//! Paths that are no Unicode: JSON tells them as far as it can.

use crate::program::Program;
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;

const FOLDER: &[u8] = b"x\xff";

/// Most of these panicked.
#[test]
fn a_path_that_is_no_unicode_is_told_as_json() {
    let program = Program::with_queue("tasks: []\n");
    let folder = program.path("").join(OsStr::from_bytes(FOLDER));
    fs::create_dir(&folder).unwrap();
    let slots = "slots:\n  one: {id: one, status: idle, profile: general}\n";
    fs::write(folder.join("execution-state.yaml"), slots).unwrap();
    git(&folder);
    for (line, key) in [
        ("-f @/queue.yaml init --json", "file"),
        ("-f @/queue.yaml doctor --json", "file"),
        ("-f @/queue.yaml archive --dry-run --json", "archive"),
        ("-f @/queue.yaml backups --json", "file"),
        ("-f @/queue.yaml slots --state @/execution-state.yaml --json", "file"),
        ("-f @/queue.yaml export -o @/plan.yaml --json", "file"),
        ("-f @/queue.yaml hook install --json", "hooks"),
        ("man --dir @/man --json", "files"),
    ] {
        let words: Vec<OsString> = line.split(' ').map(word).collect();
        let output = program.command(&words).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{line}: {error}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(told[key].to_string().contains("x\u{fffd}/"), "{line}: {told}");
    }
}

#[test]
fn a_demo_tells_its_own_name_though_it_is_no_unicode() {
    let program = Program::with_queue("tasks: []\n");
    let mut command = program.command(&["demo", "--slots", "2"]);
    let output = command.arg0(OsStr::from_bytes(b"queue\xff")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("look at it  queue\u{fffd} -f "), "{text}");
}

/// `@` is the folder.
fn word(word: &str) -> OsString {
    let mut whole = OsString::new();
    for (number, part) in word.split('@').enumerate() {
        if number > 0 {
            whole.push(OsStr::from_bytes(FOLDER));
        }
        whole.push(part);
    }
    whole
}

fn git(folder: &std::path::Path) {
    let done = std::process::Command::new("git").args(["init", "-q"]).current_dir(folder).status().unwrap();
    assert!(done.success());
}

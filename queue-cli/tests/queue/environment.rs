//! What the environment says to `queue`, and what `queue` says to tasks through it.

use crate::program::{Ended, Program};
use lock_core::{LockFile, Wait};
use std::fs;

const ONE: &str = "tasks:\n- id: A\n  status: pending\n";

/// A task's own `queue done` must lock and write what its supervisor does, from whatever folder.
#[test]
fn a_task_writes_into_the_same_log_under_the_same_locks() {
    let script = format!(
        "echo \"$QUEUE_EVENTS $QUEUE_NO_EVENTS $QUEUE_ALSO_LOCK\" > env; {} done",
        env!("CARGO_BIN_EXE_queue")
    );
    for runs in [&["run"][..], &["dispatch", "--quiet"]] {
        let program = Program::with_queue(ONE);
        fs::create_dir(program.path("elsewhere")).unwrap();
        let options =
            ["--events", "other.yaml", "--also-lock", "one.lock,two.lock", "--cwd", "elsewhere", "--"];
        let arguments = [runs, &options, &["sh", "-c", &script]].concat();
        // What is inherited and does not hold is not passed on.
        let output = program.command(&arguments).env("QUEUE_NO_EVENTS", "1").output().unwrap();
        let ended = Ended::of(output);
        assert_eq!(ended.code, 0, "{}", ended.err);
        let [events, one, two] = ["other.yaml", "one.lock", "two.lock"].map(|name| {
            let path = fs::canonicalize(program.path("")).unwrap().join(name);
            path.display().to_string()
        });
        assert_eq!(program.read("elsewhere/env"), format!("{events}  {one},{two}\n"));
        assert!(program.read("other.yaml").contains("type: completed"));
        assert!(!program.path("events.yaml").exists());
    }
}

#[test]
fn no_events_reaches_the_task_too() {
    let program = Program::with_queue(ONE);
    let script = format!("{} done", env!("CARGO_BIN_EXE_queue"));
    let arguments = ["dispatch", "--quiet", "--no-events", "--", "sh", "-c", &script];
    let ended = Ended::of(program.command(&arguments).env("QUEUE_EVENTS", "other.yaml").output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(!program.path("events.yaml").exists() && !program.path("other.yaml").exists());
}

/// Those who know the lock under another name and those who know both exclude each other.
#[test]
fn a_further_lock_is_taken_and_waited_for() {
    let program = Program::with_queue(ONE);
    let held = LockFile::at(program.path("other.lock")).exclusive(Wait::Never).unwrap();
    let claim = ["claim", "--lock-timeout", "50ms"];
    let run = |more: &[&str], names: &str| {
        let arguments = [&claim[..], more].concat();
        Ended::of(program.command(&arguments).env("QUEUE_ALSO_LOCK", names).output().unwrap())
    };
    let ended = run(&["--also-lock", "other.lock"], "");
    assert_eq!(ended.code, 5);
    assert!(ended.err.contains("other.lock is still held"), "{}", ended.err);
    assert_eq!(run(&[], "first.lock,other.lock").code, 5);
    assert_eq!(run(&[], "").code, 0);
    drop(held);
}

#[test]
fn an_agent_without_a_name_is_none() {
    let program = Program::with_queue(ONE);
    let mut command = program.command(&["claim"]);
    assert!(command.env("QUEUE_AGENT", "").status().unwrap().success());
    assert!(!program.read("queue.yaml").contains("claimed_by: \"\""));
}

/// All who had no name were one agent, and each could end what another had claimed.
#[test]
fn an_empty_agent_was_one_that_all_share() {
    let program = Program::with_queue(ONE);
    for words in [["claim", "--agent", ""], ["--agent=", "done", "A"]] {
        let ended = Ended::of(program.command(&words).env("QUEUE_AGENT", "ann").output().unwrap());
        assert_eq!((ended.code, ended.err.contains("--agent")), (2, true), "{words:?}: {}", ended.err);
    }
    assert_eq!(program.read("queue.yaml"), ONE);
}

#[test]
fn with_json_standard_output_holds_the_object_alone() {
    let program = Program::with_queue(ONE);
    let ended = Ended::of(program.command(&["run", "--json", "--", "echo", "printed"]).output().unwrap());
    let end: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&end["end"], ended.err.as_str()), (&"completed".into(), "printed\n"));
}

//! What a dispatcher makes of tasks that run already when it begins.

use crate::program::{Ended, Program};
use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const RUN: &str = "echo > began; until [ -e go ]; do sleep 0.02; done; exit 1";
const STATE: &str = "slots:\n  one: {status: idle}\n  two: {status: idle}\n";

fn with_task() -> Program {
    let program = Program::with_queue(&format!("tasks:\n- {{id: A, status: pending, run: '{RUN}'}}\n"));
    fs::write(program.path("execution-state.yaml"), STATE).unwrap();
    program
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what} never came");
        thread::sleep(Duration::from_millis(10));
    }
}

fn start(program: &Program, words: &[&str], said: &str) -> Child {
    let said = fs::File::create(program.path(said)).unwrap();
    program.command(words).stdout(Stdio::piped()).stderr(said).spawn().unwrap()
}

/// A dispatcher beside a task that runs already, which then is let go on to its failure.
fn beside(program: &Program, words: &[&str]) -> Ended {
    let second = start(program, words, "said");
    until("a word of who is waited for", || program.read("said").contains("A runs already under process"));
    fs::write(program.path("go"), "").unwrap();
    Ended::of(second.wait_with_output().unwrap())
}

#[test]
fn the_failure_of_a_task_of_a_killed_dispatcher_is_not_counted() {
    let program = with_task();
    let mut first = start(&program, &["dispatch"], "first");
    until("the task", || program.path("began").exists());
    until("the slot", || program.read("execution-state.yaml").contains("current_task: A"));
    first.kill().unwrap();
    first.wait().unwrap();
    let ended = beside(&program, &["dispatch"]);
    assert_eq!(ended.code, 8, "{}", ended.out);
    assert!(ended.out.contains("exit status 1") && ended.out.contains("0 done, 1 failed"), "{}", ended.out);
    let state = program.read("execution-state.yaml");
    assert!(state.contains("tasks_dispatched: 1") && state.contains("tasks_failed: 1"), "{state}");
}

#[test]
fn a_living_run_takes_up_a_slot_without_a_word() {
    let program = with_task();
    let run = start(&program, &["run"], "first");
    until("the task", || program.path("began").exists());
    let ended = beside(&program, &["dispatch", "--slots", "1", "--json"]);
    assert_eq!(Ended::of(run.wait_with_output().unwrap()).code, 8);
    assert_eq!(ended.code, 8, "{}", ended.out);
    let closing: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&closing["ran"][0]["id"], &closing["ran"][0]["end"]), (&"A".into(), &"failed".into()));
}

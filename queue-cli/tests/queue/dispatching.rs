//! `queue dispatch` and `queue run`, with real tasks.

use crate::program::{Ended, Program};

const QUEUE: &str = "\
tasks:
  - id: last
    status: pending
    blockedBy: [mid-1, mid-2]
  - id: mid-1
    status: pending
    blockedBy: [first]
  - id: mid-2
    status: pending
    blockedBy: [first]
  - id: first   # begins it all
    status: pending
  - id: waits
    status: pending
    blockedBy: [by-hand]
  - id: by-hand
    status: in_progress
";

#[test]
fn tasks_run_after_those_they_wait_for() {
    let program = Program::with_queue(QUEUE);
    let ended = Ended::of(
        program
            .command(&["dispatch", "--slots", "3", "--", "sh", "-c", "echo $QUEUE_TASK_ID >> order"])
            .output()
            .unwrap(),
    );
    assert_eq!(ended.code, 0, "{}", ended.err);
    let order = program.read("order");
    let mut order: Vec<_> = order.lines().collect();
    order[1..3].sort_unstable();
    assert_eq!(order, ["first", "mid-1", "mid-2", "last"]);
    assert!(ended.out.contains("waits for by-hand (in_progress)"), "{}", ended.out);
    assert!(
        ended.out.ends_with(" s\n") && ended.out.contains("4 done, 0 failed, 2 waiting"),
        "{}",
        ended.out
    );
    assert!(program.read("queue.yaml").contains("id: first   # begins it all\n"));
}

#[test]
fn a_failed_task_says_why_and_holds_back_what_waits_for_it() {
    let program = Program::with_queue(QUEUE);
    let script = "test $QUEUE_TASK_ID != mid-1 || exit 7";
    let ended =
        Ended::of(program.command(&["dispatch", "--json", "-q", "--", "sh", "-c", script]).output().unwrap());
    assert_eq!(ended.code, 8, "{}", ended.err);
    let closing: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let failed = closing["ran"].as_array().unwrap().iter().find(|ran| ran["id"] == "mid-1").unwrap();
    assert_eq!((&failed["end"], &failed["error"]), (&"failed".into(), &"exit status 7".into()));
    assert_eq!(closing["waiting"][0]["why"], "waits for mid-1 (failed)");
}

#[test]
fn a_task_is_told_who_it_is_and_its_own_command_is_run() {
    let program = Program::with_queue(
        "tasks:\n- id: a/b\n  status: pending\n  title: it's $HOME\n  run: cat > in; echo $QUEUE_TASK_TITLE; pwd\n- id: w\n  status: pending\n  run: [echo, 'a  b']\n- id: none\n  status: pending\n",
    );
    let ended = program.run("dispatch");
    assert_eq!(ended.code, 0, "{}", ended.err);
    let input: serde_json::Value = serde_json::from_str(&program.read("in")).unwrap();
    assert_eq!(input["id"], "a/b");
    let log = program.read(".mooring/logs/a%2Fb.1.log");
    assert!(log.starts_with("it's $HOME\n"), "{log}");
    assert_eq!(program.read(".mooring/logs/w.1.log"), "a  b\n");
    assert!(ended.out.contains("ready, but has no command to run"), "{}", ended.out);
}

#[test]
fn a_task_that_finishes_itself_is_finished() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n");
    let script = format!("{} done", env!("CARGO_BIN_EXE_queue"));
    let ended = Ended::of(program.command(&["run", "--", "sh", "-c", &script]).output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(program.read("queue.yaml").contains("status: completed"));
}

#[test]
fn a_time_limit_ends_the_whole_group() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n");
    let script = "sleep 60 & echo $! > child; wait";
    let ended = Ended::of(
        program.command(&["run", "--timeout", "200ms", "--", "sh", "-c", script]).output().unwrap(),
    );
    assert_eq!(ended.code, 8);
    assert!(ended.out.contains("took longer than 200ms"), "{}", ended.out);
    let child: i32 = program.read("child").trim().parse().unwrap();
    assert!(queue_cli::ProcessIdentity::of(child).is_none());
}

#[test]
fn a_second_dispatcher_is_told() {
    let program = Program::with_queue("tasks: []\n");
    let runs = queue_cli::run_lock::RunFolder::beside(&program.path("queue.yaml"));
    let held = runs.dispatcher_lock(&program.path("queue.yaml")).exclusive(lock_core::Wait::Never).unwrap();
    let ended = program.run("dispatch -- true");
    assert_eq!(ended.code, 4);
    assert!(ended.err.contains("has a dispatcher already"), "{}", ended.err);
    drop(held);
    assert_eq!(program.run("dispatch -- true").code, 0);
}

#[test]
fn the_demo_runs_to_its_end() {
    let program = Program::with_queue("");
    let ended = program.run("demo here");
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("19 done, 0 failed"), "{}", ended.out);
    for place in ["here/queue.yaml", "here/events.yaml", "here/.mooring/logs"] {
        assert!(ended.out.contains(place) && program.path(place).exists());
    }
    assert_eq!(program.run("demo here").code, 4);
}

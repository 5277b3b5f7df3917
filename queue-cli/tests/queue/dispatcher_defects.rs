//! What the dispatcher of the system that this one replaces did wrong, each a test named for it. (Its wrapper that was killed while the
//! task lived on is `dispatching::a_time_limit_ends_the_whole_group`.)

use crate::program::{Ended, Program};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const STATE: &str = "\
slots:
  slot_1: {status: idle, profile: general}
  slot_2: {status: idle, profile: general}
";

fn with_slots(tasks: &str) -> Program {
    let program = Program::with_queue(tasks);
    fs::write(program.path("execution-state.yaml"), STATE).unwrap();
    program
}

fn start(program: &Program, words: &[&str]) -> Child {
    program.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    assert!(
        Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap().success()
    );
}

/// Waits for something that is sure to come, with an end for when it does not.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what} never came");
        thread::sleep(Duration::from_millis(10));
    }
}

fn status(program: &Program, id: &str) -> String {
    let shown: serde_json::Value =
        serde_json::from_str(&program.run(&format!("show {id} --json")).out).unwrap();
    shown["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_dry_run_that_launches() {
    let program = with_slots(
        "tasks:\n- {id: A, status: pending, run: touch ran}\n- {id: B, status: pending, blockedBy: [A]}\n",
    );
    let before = program.names();
    let ended = program.run("dispatch --dry-run");
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(
        ended.out.contains("waits for A (pending)") && ended.out.contains("1 would be claimed now"),
        "{}",
        ended.out
    );
    assert_eq!(program.names(), before);
    assert_eq!(program.read("execution-state.yaml"), STATE);
    assert_eq!(program.run("dispatch --dry-run --json").code, 0);
    assert_eq!(program.names(), before);
}

/// Its comparison of priorities could never be true.
#[test]
fn a_preemption_that_never_fires() {
    let task = |id: &str, priority: &str, run: &str| {
        format!("- id: {id}\n  status: pending\n  priority: {priority}\n  run: {run}\n")
    };
    // The LOW task stays until it is stopped, and ends at once when it is run again.
    let stay = "\"[ $QUEUE_ATTEMPT = 2 ] || { echo > LOW.began; exec sleep 600; }\"";
    let program = with_slots(&format!(
        "tasks:\n{}{}",
        task("HIGH", "HIGH", "\"echo > HIGH.began; while [ ! -e end ]; do sleep 0.05; done\""),
        task("LOW", "LOW", stay)
    ));
    let dispatch = start(&program, &["dispatch", "--preempt"]);
    until("both tasks", || program.path("HIGH.began").exists() && program.path("LOW.began").exists());
    assert_eq!(program.run("add now --id NOW --priority CRITICAL --run true").code, 0);
    until("the urgent task", || status(&program, "NOW") == "completed");
    fs::write(program.path("end"), "").unwrap();
    let ended = Ended::of(dispatch.wait_with_output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.err);
    for id in ["HIGH", "LOW", "NOW"] {
        assert_eq!(status(&program, id), "completed");
    }
    let queue = program.read("queue.yaml");
    let low = queue.split("- id: ").find(|task| task.starts_with("LOW\n")).unwrap();
    assert!(low.contains("attempt: 2") && low.contains("stopped for a more urgent task"), "{low}");
    let high = queue.split("- id: ").find(|task| task.starts_with("HIGH\n")).unwrap();
    assert!(high.contains("attempt: 1"), "{high}");
}

#[test]
fn a_claim_leaked_when_a_start_fails() {
    let program = with_slots("tasks:\n- {id: A, status: pending, run: [no-such-program-here]}\n");
    let ended = program.run("dispatch");
    assert_eq!(ended.code, 8, "{}", ended.err);
    let queue = program.read("queue.yaml");
    assert!(
        queue.contains("status: failed") && queue.contains("cannot start no-such-program-here"),
        "{queue}"
    );
    // A typo in the one command for all tasks is found before any of them is claimed.
    let program = with_slots("tasks:\n- {id: A, status: pending}\n");
    let ended = program.run("dispatch -- no-such-program-here");
    assert_eq!(ended.code, 7, "{}", ended.err);
    assert_eq!(program.read("queue.yaml"), "tasks:\n- {id: A, status: pending}\n");
}

#[test]
fn ctrl_c_on_a_monitor_that_kills_slots() {
    let program = with_slots(
        "tasks:\n- {id: A, status: pending, run: 'echo > began; while [ ! -e end ]; do sleep 0.05; done'}\n",
    );
    let dispatch = start(&program, &["dispatch"]);
    until("the task", || program.path("began").exists());
    let monitor = start(&program, &["dispatch", "--monitor", "--json"]);
    // Its handler is there before its first line.
    until("the monitor", || {
        let caught = fs::read_to_string(format!("/proc/{}/status", monitor.id())).unwrap_or_default();
        let mask =
            caught.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0").trim().to_owned();
        u64::from_str_radix(&mask, 16).unwrap_or(0) & 0b10 != 0
    });
    signal(&monitor, "INT");
    assert_eq!(Ended::of(monitor.wait_with_output().unwrap()).code, 0);
    assert_eq!(status(&program, "A"), "in_progress");
    fs::write(program.path("end"), "").unwrap();
    assert_eq!(Ended::of(dispatch.wait_with_output().unwrap()).code, 0);
    assert_eq!(status(&program, "A"), "completed");
}

/// It wrote its heartbeats into the file beside everybody else's writes, without a lock. Ours waits for the lock, and no longer than that.
#[test]
fn a_heartbeat_without_a_lock() {
    let program = with_slots("tasks:\n- {id: A, status: pending, run: 'true'}\n");
    let mut holder = Command::new("flock")
        .args(["execution-state.yaml.lock", "-c", "echo ready; read line"])
        .current_dir(program.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut [0; 6]).unwrap();
    let ended = program.run("dispatch --lock-timeout 0.1");
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.err.contains("the slots are not written down"), "{}", ended.err);
    assert_eq!(program.read("execution-state.yaml"), STATE);
    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(status(&program, "A"), "completed");
}

#[test]
fn slots_left_busy_for_ever() {
    let program = with_slots(
        "tasks:\n- {id: A, status: pending, run: 'echo > began; [ $QUEUE_ATTEMPT = 2 ] || exec sleep 600'}\n",
    );
    let mut dispatch = start(&program, &["dispatch"]);
    until("the task", || program.path("began").exists());
    until("the slot", || program.read("execution-state.yaml").contains("current_task: A"));
    // Everything at once: nobody is left to write anything down.
    dispatch.kill().unwrap();
    dispatch.wait().unwrap();
    let state = program.read("execution-state.yaml");
    let supervisor: u32 = state
        .split("pid: ")
        .nth(1)
        .unwrap()
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(Command::new("kill").args(["-KILL", &supervisor.to_string()]).status().unwrap().success());
    let ended = program.run("dispatch");
    assert_eq!(ended.code, 0, "{}", ended.err);
    let state = program.read("execution-state.yaml");
    assert!(!state.contains("active") && !state.contains("current_task: A"), "{state}");
    assert_eq!(status(&program, "A"), "completed");
}

#[test]
fn a_second_dispatcher_is_told_who_the_first_is() {
    let program = with_slots(
        "tasks:\n- {id: A, status: pending, run: 'echo > began; while [ ! -e end ]; do sleep 0.05; done'}\n",
    );
    let first = start(&program, &["dispatch"]);
    until("the task", || program.path("began").exists());
    let second = program.run("dispatch");
    assert_eq!(second.code, 4);
    assert!(second.err.contains(&format!("process {}", first.id())), "{}", second.err);
    assert_eq!(program.run("stop").code, 0);
    fs::write(program.path("end"), "").unwrap();
    assert_eq!(Ended::of(first.wait_with_output().unwrap()).code, 1);
    assert_eq!(program.run("stop").code, 3);
}

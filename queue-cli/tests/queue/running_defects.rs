//! Defects of running tasks that came to light on cases nobody had thought of, each a test named for it.

use crate::program::{Ended, Program};
use std::fs;

#[test]
fn a_dry_run_claims_from_a_paused_queue() {
    let program = Program::with_queue("tasks:\n- {id: A, status: pending, run: 'true'}\n");
    assert_eq!(program.run("pause --agent ann").code, 0);
    let ended = program.run("dispatch --dry-run");
    assert_eq!(ended.code, 3, "{}", ended.out);
    assert!(
        ended.out.contains("paused by ann") && ended.out.contains("0 would be claimed now"),
        "{}",
        ended.out
    );
    let ended = program.run("dispatch --dry-run --json");
    let told: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["would_run"], serde_json::json!([]));
    assert!(told["paused"].as_str().unwrap().contains("ann"), "{told}");
}

/// The second one waits for a file that the first takes away in its end.
#[test]
fn two_tasks_that_run_alone_run_side_by_side_when_it_is_written_in_capitals() {
    let run = "mkdir alone && sleep 0.2 && rmdir alone";
    let task = |id| format!("- {{id: {id}, status: pending, parallel_group: SEQUENTIAL, run: '{run}'}}\n");
    let program = Program::with_queue(&format!("tasks:\n{}{}", task("A"), task("B")));
    let ended = program.run("dispatch --slots 2");
    assert_eq!(ended.code, 0, "{}", ended.out);
}

#[test]
fn tasks_of_two_queues_in_one_folder_write_into_one_log() {
    let queue = |word: &str| format!("tasks:\n- {{id: T1, status: pending, run: echo from {word}}}\n");
    let program = Program::with_queue(&queue("a"));
    fs::write(program.path("other.yaml"), queue("b")).unwrap();
    assert_eq!(program.run("-q dispatch").code, 0);
    assert_eq!(program.run("-q -f other.yaml dispatch").code, 0);
    assert_eq!(program.run("logs T1").out, "from a\n");
    assert_eq!(program.run("-f other.yaml logs T1").out, "from b\n");
}

#[test]
fn a_task_that_gives_itself_back_is_run_for_ever() {
    let program = Program::with_queue("tasks:\n- {id: A, status: pending}\n- {id: B, status: pending}\n");
    // The fifth attempt ends it all, or this test would run for ever too.
    let script = format!(
        "[ $QUEUE_TASK_ID = B ] || {{ echo >> tries; [ $QUEUE_ATTEMPT = 5 ] || {} -q release; }}",
        env!("CARGO_BIN_EXE_queue")
    );
    let ended = Ended::of(program.command(&["dispatch", "--", "sh", "-c", &script]).output().unwrap());
    assert_eq!(ended.code, 1, "{}", ended.out);
    assert_eq!(program.read("tries").lines().count(), 3);
    assert!(
        ended.out.contains("released") && ended.out.contains("1 done, 0 failed, 1 waiting"),
        "{}",
        ended.out
    );
}

#[test]
fn a_monitor_takes_options_that_it_has_no_use_for() {
    let program = Program::with_queue("tasks: []\n");
    // Without a queue, so that one which is not refused ends too.
    for words in ["--watch", "--slots 2", "--preempt", "--retries 1", "--timeout 1s", "--cwd .", "-- true"] {
        let ended = program.run(&format!("-f none.yaml dispatch --monitor {words}"));
        assert_eq!(ended.code, 2, "{words}: {}", ended.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_monitor_lives_on_when_its_terminal_is_gone() {
    use std::os::unix::process::ExitStatusExt;
    let program = Program::with_queue("tasks: []\n");
    let mut monitor = program.command(&["dispatch", "--monitor", "-q"]).spawn().unwrap();
    let catches = |signal: u32| {
        let status = fs::read_to_string(format!("/proc/{}/status", monitor.id())).unwrap_or_default();
        let mask =
            status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0").trim().to_owned();
        u64::from_str_radix(&mask, 16).unwrap_or(0) >> (signal - 1) & 1 == 1
    };
    let began = std::time::Instant::now();
    while !catches(15) {
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "it never listened");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let pid = rustix::process::Pid::from_child(&monitor);
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    // Who ignores the first heeds the second, and ends well.
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(monitor.wait().unwrap().signal(), Some(1));
}

#[test]
fn a_title_that_no_environment_can_hold_fails_its_task() {
    let long = "é".repeat(100_000);
    let queue = format!(
        "tasks:\n- {{id: \"A\\0B\", status: pending}}\n- {{id: C, status: pending, title: {long}}}\n"
    );
    let program = Program::with_queue(&queue);
    let script =
        "echo \"$QUEUE_TASK_ID\" >> ids; cat > in.$QUEUE_ATTEMPT; [ ${#QUEUE_TASK_TITLE} -lt 100000 ]";
    let words = ["dispatch", "--slots", "1", "--", "sh", "-c", script];
    let ended = Ended::of(program.command(&words).output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.out.chars().take(2000).collect::<String>());
    assert_eq!(program.read("ids"), "A B\nC\n");
    assert!(program.read("in.1").contains(&long));
}

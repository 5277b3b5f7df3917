//! What a task that is stopped must not leave behind: anything of it that goes on with its work.

use crate::program::Program;
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

/// Programs that put what they start into a group of its own.
const GROUPS: [&str; 3] =
    ["setsid -w sh work.sh; echo", "timeout 600 sh work.sh; echo", "set -m; sh work.sh; echo"];

fn with_work(run: &str, work: &str) -> Program {
    let program = Program::with_queue(&format!(
        "tasks:\n- id: LOW\n  status: pending\n  priority: LOW\n  run: [bash, -c, '{run}']\n"
    ));
    fs::write(program.path("work.sh"), work).unwrap();
    program
}

fn until(program: &Program, name: &str) {
    let began = Instant::now();
    while fs::read_to_string(program.path(name)).unwrap_or_default().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "{name} never came");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_stopped_task_works_on_beside_its_next_attempt() {
    let work = "if [ $QUEUE_ATTEMPT = 1 ]; then echo $$ > first; exec sleep 600; fi\n\
        if readlink /proc/$(cat first)/exe; then touch overlap; fi\n";
    for run in GROUPS {
        let program = with_work(run, work);
        let words = ["-q", "dispatch", "--slots", "1", "--preempt"];
        let mut dispatch = program.command(&words).stdout(Stdio::null()).spawn().unwrap();
        until(&program, "first");
        assert_eq!(program.run("add now --id NOW --priority CRITICAL --run true").code, 0);
        assert!(dispatch.wait().unwrap().success());
        assert!(program.read("queue.yaml").contains("attempt: 2"));
        assert!(!program.path("overlap").exists(), "{run}");
        assert_eq!(program.processes(), [0; 0], "{run}");
    }
}

/// It closes what it inherited, and is in the group of one that does not.
#[test]
fn what_has_closed_the_run_lock_in_another_group_outlives_a_stop() {
    let work = "for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ $fd -gt 2 ] && eval \"exec $fd>&-\"; done\n\
        echo $$ > began; exec sleep 600\n";
    let program = with_work("setsid -w sh -c \"bash work.sh; echo\"", work);
    let words = ["-q", "dispatch", "--slots", "1"];
    let mut dispatch = program.command(&words).stdout(Stdio::null()).spawn().unwrap();
    until(&program, "began");
    assert_eq!(program.run("stop --now").code, 0);
    dispatch.wait().unwrap();
    assert_eq!(program.processes(), [0; 0]);
    assert!(program.read("queue.yaml").contains("status: pending"));
}

/// Its end is its end, and what it left is none of the time limit's business.
#[test]
fn what_a_task_that_has_ended_left_on_purpose_is_stopped() {
    let program = with_work(
        "setsid sh work.sh > out 2>&1 & until [ -s began ]; do sleep 0.01; done",
        "echo $$ > began; exec sleep 600\n",
    );
    assert_eq!(program.run("-q dispatch --timeout 60s").code, 0);
    let left = program.processes();
    assert_eq!(left.len(), 1);
    let left = rustix::process::Pid::from_raw(left[0]).unwrap();
    rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();
}

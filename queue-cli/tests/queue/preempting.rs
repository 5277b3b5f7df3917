//! Who makes room for whom, with `--preempt`.

use crate::program::Program;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn a_task_whose_notes_are_a_mapping_blocks_its_slot_when_it_makes_room() {
    let run = "[ $QUEUE_ATTEMPT = 2 ] || { echo > began; exec sleep 600; }";
    let program = Program::with_queue(&format!(
        "tasks:\n- id: LOW\n  status: pending\n  priority: LOW\n  notes: {{reason: x}}\n  run: '{run}'\n"
    ));
    let words = ["-q", "dispatch", "--slots", "1", "--preempt"];
    let mut dispatch = program.command(&words).stdout(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while !program.path("began").exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "the task never began");
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(program.run("add now --id NOW --priority CRITICAL --run true").code, 0);
    let ended = loop {
        if let Some(ended) = dispatch.try_wait().unwrap() {
            break ended;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{}", program.read("queue.yaml"));
        thread::sleep(Duration::from_millis(10));
    };
    assert!(ended.success());
    let queue = program.read("queue.yaml");
    assert!(
        queue.contains("notes: {reason: x}") && queue.matches("status: completed").count() == 2,
        "{queue}"
    );
    assert!(program.read("events.yaml").contains("type: preempted"));
}

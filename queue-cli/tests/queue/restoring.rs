//! `queue restore`, and what does not go back with it.

use crate::program::{Ended, Program};
use std::fs;

const QUEUE: &str = "tasks:\n- id: A\n  status: pending\n- id: B\n  status: pending\n";

/// A queue in which ann has claimed A, and the version from before.
fn claimed() -> Program {
    let program = Program::with_queue(QUEUE);
    assert_eq!(program.run("claim A --agent ann").out, "A 1\n");
    program
}

fn break_queue(program: &Program) {
    fs::write(program.path("queue.yaml"), program.read("queue.yaml") + "oops: [\n").unwrap();
}

/// Ann's claim from before is over, and bob's stands.
fn assert_only_the_later_claim_holds(program: &Program, restored: &Ended) {
    assert_eq!((restored.code, restored.err.contains("go back")), (0, false), "{}", restored.err);
    assert!(restored.out.contains("no claim from before fits one to come: 1\n"), "{}", restored.out);
    assert_eq!(program.run("claim A --agent bob").out, "A 2\n");
    assert_eq!(program.run("done A --attempt 1").code, 4);
    assert_eq!(program.run("done A --attempt 2").code, 0);
}

/// The next claim got the number of one that somebody had still in hand, and whose end ended it.
#[test]
fn attempts_went_back_with_a_queue_that_was_broken() {
    let program = claimed();
    break_queue(&program);
    let restored = program.run("restore");
    assert_only_the_later_claim_holds(&program, &restored);
}

#[test]
fn attempts_went_back_with_a_queue_that_was_no_queue() {
    let program = claimed();
    fs::write(program.path("queue.yaml"), "tasks: 1\n").unwrap();
    let restored = program.run("restore");
    assert_only_the_later_claim_holds(&program, &restored);
}

#[test]
fn attempts_went_back_with_a_queue_that_was_missing() {
    let program = claimed();
    fs::remove_file(program.path("queue.yaml")).unwrap();
    let restored = program.run("restore");
    assert_only_the_later_claim_holds(&program, &restored);
}

#[test]
fn nobody_was_told_that_attempts_go_back() {
    let nothing = |_: &Program| {};
    let remove = |program: &Program| fs::remove_file(program.path("events.yaml")).unwrap();
    let break_log = |program: &Program| fs::write(program.path("events.yaml"), "- {type: [\n- x\n").unwrap();
    let told = |line: &str, prepare: fn(&Program)| {
        let program = claimed();
        break_queue(&program);
        prepare(&program);
        let restored = program.run(line);
        assert_eq!(restored.code, 0, "{}", restored.err);
        let lines = restored.err.lines().filter(|line| line.contains("attempts may go back"));
        lines.map(str::to_owned).collect::<Vec<String>>()
    };
    for (line, prepare, why) in [
        ("restore --no-events", nothing as fn(&Program), "no events"),
        ("restore", remove, "events.yaml"),
        ("restore", break_log, "events.yaml"),
    ] {
        let told = told(line, prepare);
        assert!(matches!(&told[..], [told] if told.contains(why)), "{line}: {told:?}");
    }
}

//! Which slots a dispatch takes from the file, and what is said of those that it cannot take.

use crate::program::{Ended, Program};
use std::fs;

const QUEUE: &str = "tasks:\n- {id: A, status: pending, run: touch ran}\n";

fn with_state(state: &str) -> Program {
    let program = Program::with_queue(QUEUE);
    fs::write(program.path("execution-state.yaml"), state).unwrap();
    program
}

#[test]
fn slots_that_are_all_kept_free_are_replaced_by_four_others() {
    for state in [
        "slots:\n  a: {status: maintenance}\n  b: {status: disabled}\n",
        "execution_slots:\n  a: {status: maintenance}\n",
        "slots: [a, b]\n",
        "slots: 2\n",
    ] {
        let program = with_state(state);
        for words in ["dispatch", "dispatch --dry-run", "dispatch --state execution-state.yaml"] {
            let ended = program.run(words);
            assert_eq!(ended.code, 6, "{state}{}", ended.err);
            assert!(ended.err.contains("execution-state.yaml"), "{}", ended.err);
        }
        assert_eq!((program.read("queue.yaml").as_str(), program.path("ran").exists()), (QUEUE, false));
        assert_eq!(program.run("-q dispatch --slots 1").code, 0);
    }
    for state in ["slots: {}\n", "slots:\n", "metrics: {}\n"] {
        let program = with_state(state);
        assert_eq!(program.run("-q dispatch").code, 0, "{state}");
        assert!(program.path("ran").exists());
    }
}

#[test]
fn a_slot_that_is_not_there_or_not_readable_is_just_a_failure() {
    let program = with_state("slots:\n  one: {status: idle}\n");
    assert_eq!(program.run("slots set two status off").code, 7);
    let program = with_state("slots:\n  one: {max_duration: soon}\n");
    for words in ["slots --json", "dispatch --json", "slots set one status off --json"] {
        let ended = program.run(words);
        assert_eq!(ended.code, 6, "{}", ended.err);
        let told: serde_json::Value = serde_json::from_str(&ended.err).unwrap();
        assert_eq!((&told["error"]["kind"], &told["error"]["line"]), (&"invalid".into(), &2.into()));
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains("execution-state.yaml: line 2: the slot one has"), "{message}");
        assert_eq!(message.matches("soon").count(), 1, "{message}");
    }
}

#[test]
fn a_slot_of_which_no_field_is_set_was_replaced_whole() {
    let state = "slots:\n  one: {status: idle}\n";
    let program = with_state(state);
    for field in ["", ".", "[0]"] {
        let ended = Ended::of(program.command(&["slots", "set", "one", field, "{}"]).output().unwrap());
        assert_eq!((ended.code, ended.err.contains("name a field")), (2, true), "{field}: {}", ended.err);
        assert_eq!(program.read("execution-state.yaml"), state);
    }
}

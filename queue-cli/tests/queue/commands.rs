//! Exit codes, and what is said with them.

use crate::program::{Ended, Program};
use std::fs;

const QUEUE: &str = "\
tasks:
  - id: A
    status: pending
    title: First
  - id: B
    status: pending
    title: Second
    blockedBy: [A]
";

#[test]
fn these_files_stand_beside_a_queue_and_no_others() {
    let program = Program::with_queue(QUEUE);
    assert_eq!(program.run("claim --agent ann").out, "A 1\n");
    assert_eq!(program.run("done A --attempt 1").out, "A is completed\n");
    assert_eq!(
        program.names(),
        [".mooring", "events.yaml", "events.yaml.lock", "queue.yaml", "queue.yaml.backup", "queue.yaml.lock"]
    );
}

#[test]
fn inside_a_task_its_environment_is_the_token() {
    let program = Program::with_queue(QUEUE);
    program.run("claim");
    let run = |attempt: &str, arguments: &[&str]| {
        let mut command = program.command(arguments);
        Ended::of(command.env("QUEUE_TASK_ID", "A").env("QUEUE_ATTEMPT", attempt).output().unwrap()).code
    };
    assert_eq!(run("2", &["done"]), 4);
    assert_eq!(run("x", &["done"]), 2);
    // The attempt of A says nothing about B.
    assert_eq!(run("1", &["done", "B"]), 4);
    assert_eq!(run("1", &["done"]), 0);
    assert_eq!(program.run("done").code, 7);
}

/// Every command on a file it cannot use: the code, a message with the path, and the file as before.
#[test]
fn bad_input_is_named_and_left_alone() {
    for (content, code, message) in [
        ("tasks:\n  - id: \"A\\q\"\n", 6, "queue.yaml:2:"),
        ("tasks:\n  - id: A\n  - id: A\n", 6, "queue.yaml: line 3: the id A is taken already on line 2"),
        ("tasks:\n  - title: x\n", 6, "queue.yaml: line 2: task 1"),
        ("- a\n- b\n", 6, "queue.yaml: there is no list of tasks"),
        ("", 6, "queue.yaml: there is no list of tasks"),
        ("a: 1\na: 2\n", 6, "queue.yaml:2:1"),
    ] {
        let program = Program::with_queue(content);
        for line in [
            "list",
            "show A",
            "ready",
            "status",
            "claim",
            "claim A",
            "start A",
            "done A",
            "add x",
            "run -- true",
            "dispatch -- true",
        ] {
            let ended = program.run(line);
            assert_eq!(ended.code, code, "{line} on {content:?}: {}", ended.err);
            assert!(ended.err.contains(message), "{line} on {content:?}: {}", ended.err);
            assert_eq!(program.read("queue.yaml"), content);
        }
        assert!(!program.path("queue.yaml.backup").exists());
    }
}

#[test]
fn a_missing_file_is_not_found_and_nothing_is_made() {
    let program = Program::with_queue("");
    fs::remove_file(program.path("queue.yaml")).unwrap();
    for line in ["list", "claim", "done A", "add x", "dispatch -- true", "events"] {
        let ended = program.run(line);
        assert_eq!(ended.code, 7, "{line}: {}", ended.err);
    }
    assert!(program.names().is_empty());
}

#[test]
fn a_folder_in_its_place_is_named() {
    let program = Program::with_queue("");
    for line in ["-f . list", "-f . claim", "-f . dispatch -- true"] {
        let ended = program.run(line);
        assert_eq!((ended.code, ended.err.as_str()), (1, "queue: . is a folder, not a regular file\n"));
    }
}

/// Where nobody can hear it, it is not said; the exit code still tells.
#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_no_panic() {
    let program = Program::with_queue(QUEUE);
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let code = |arguments: &[&str], out: bool| {
        let mut command = program.command(arguments);
        if out {
            command.stdout(full())
        } else {
            command.stderr(full())
        };
        command.output().unwrap().status.code()
    };
    assert_eq!(code(&["show", "nobody"], false), Some(7));
    assert_eq!(code(&["list"], true), Some(1));
    assert_eq!(code(&["dispatch", "--", "true"], false), Some(0));
}

#[test]
fn what_a_file_says_does_not_reach_the_terminal_raw() {
    let program = Program::with_queue("tasks:\n- id: A\n  status: pending\n  title: \"x\\e[2J\\ny\"\n");
    let list = program.run("list").out;
    assert!(list.contains("x\\u{1b}[2J\\ny") && !list.contains('\u{1b}'), "{list}");
}

#[test]
fn a_queue_behind_a_link_has_one_history() {
    let program = Program::with_queue(QUEUE);
    fs::create_dir(program.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../queue.yaml", program.path("elsewhere/link.yaml")).unwrap();
    assert_eq!(program.run("-f elsewhere/link.yaml claim").out, "A 1\n");
    assert!(program.read("events.yaml").contains("task_id: A"));
    assert!(!program.path("elsewhere/events.yaml").exists());
    assert_eq!(program.run("done A --attempt 1").code, 0);
}

#[test]
fn what_the_outline_refuses_can_be_read_but_not_changed() {
    let queue = "x: &anchor 1\ntasks:\n- id: A\n  status: pending\n";
    let program = Program::with_queue(queue);
    assert_eq!(program.run("list").code, 0);
    let claim = program.run("claim");
    assert_eq!(claim.code, 6);
    assert!(claim.err.contains("line 1"), "{}", claim.err);
    assert_eq!(program.read("queue.yaml"), queue);
}

/// A folder in the backup's place: the new version is in place by then. Whoever claimed must learn of it.
#[test]
fn a_claim_that_may_not_be_durable_is_told_with_its_own_exit_code() {
    let program = Program::with_queue(QUEUE);
    fs::create_dir_all(program.path("queue.yaml.backup/in-the-way")).unwrap();
    let ended = program.run("claim --agent ann");
    assert_eq!((ended.code, ended.out.as_str()), (9, "A 1\n"), "{}", ended.err);
    assert!(ended.err.contains("is saved, but"), "{}", ended.err);
    assert!(program.read("queue.yaml").contains("status: claimed"));
    assert!(program.read("events.yaml").contains("type: claimed"));
}

#[test]
fn a_held_lock_times_out_by_name() {
    let program = Program::with_queue(QUEUE);
    let lock = lock_core::LockFile::guarding(program.path("queue.yaml"));
    let held = lock.exclusive(lock_core::Wait::Never).unwrap();
    let ended = program.run("claim --lock-timeout 50ms");
    assert_eq!(ended.code, 5);
    let holder = format!(" ms, by process {} (", std::process::id());
    assert!(ended.err.contains("queue.yaml.lock is still held after "), "{}", ended.err);
    assert!(ended.err.contains(&holder), "{}", ended.err);
    assert_eq!(program.run("list").code, 0);
    drop(held);
    assert_eq!(program.run("claim --lock-timeout 50ms").code, 0);
}

#[test]
fn an_edit_of_no_field_took_the_task_away() {
    let program = Program::with_queue(QUEUE);
    for words in [["--unset", ""], ["--", "={id: Z}"], ["--", "=x"], ["--", ".=x"]] {
        let arguments = [&["edit", "A"][..], &words].concat();
        let ended = Ended::of(program.command(&arguments).output().unwrap());
        assert_eq!((ended.code, ended.err.contains("name a field")), (2, true), "{words:?}: {}", ended.err);
        assert_eq!(program.read("queue.yaml"), QUEUE);
    }
}

/// An example of the help named a field below one that a task need not have.
#[test]
fn the_help_of_edit_had_an_example_that_fails() {
    let program = Program::with_queue("tasks:\n- id: PLAN\n  status: pending\n  goal: a plan\n");
    let help = program.run("edit --help").out;
    let examples: Vec<&str> =
        help.lines().filter(|line| line.starts_with("  queue edit ")).map(str::trim).collect();
    assert_eq!(examples.len(), 3, "{help}");
    for example in examples {
        let arguments = example.strip_prefix("queue ").unwrap();
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("\"$QUEUE\" {arguments}")]).current_dir(program.path(""));
        let ended = Ended::of(shell.env("QUEUE", env!("CARGO_BIN_EXE_queue")).output().unwrap());
        assert_eq!(ended.code, 0, "{example}: {}", ended.err);
    }
}

#[test]
fn a_field_below_one_that_is_not_there_was_named_by_its_place_in_the_list() {
    let program = Program::with_queue(QUEUE);
    let ended = program.run("edit B roi.effort=30");
    assert_eq!((ended.code, program.read("queue.yaml").as_str()), (7, QUEUE));
    assert!(ended.err.contains("B has nothing to put `roi.effort` into"), "{}", ended.err);
}

/// It was claimed, and failed.
#[test]
fn a_run_claimed_a_task_for_a_program_that_is_not_there() {
    let program = Program::with_queue(QUEUE);
    for words in ["run A -- no-such-program", "run A -- ./no-such-program", "run A --cwd nowhere -- true"] {
        let ended = program.run(words);
        assert_eq!((ended.code, program.read("queue.yaml").as_str()), (7, QUEUE), "{}", ended.err);
    }
}

#[test]
fn an_empty_id_is_a_matter_of_usage() {
    let program = Program::with_queue(QUEUE);
    let ended = Ended::of(program.command(&["add", "Third", "--id", ""]).output().unwrap());
    assert_eq!((ended.code, program.read("queue.yaml").as_str()), (2, QUEUE), "{}", ended.err);
}

//! `queue doctor`: what it finds, what it mends, and what it leaves alone.

use crate::program::{Ended, Program};
use atomic_io::EventLog;
use serde_json::Value;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

const QUEUE: &str = "tasks:\n- id: A\n  status: pending\n- id: B\n  status: pending\n";

/// `kind where level` of each finding, and how the program ended.
fn findings(program: &Program, line: &str) -> (Vec<String>, Ended) {
    let ended = program.run(&format!("{line} --json"));
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["healthy"], ended.code == 0, "{told}");
    let one = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let level = if finding["fixed"] == true { "mended".into() } else { text("level") };
        format!("{} {} {level}", text("kind"), text("where"))
    };
    (told["findings"].as_array().unwrap().iter().map(one).collect(), ended)
}

/// The queue as if nobody had saved it for an hour, so that nothing can be on its way into the log.
fn an_hour_later(program: &Program) {
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
    // The backup too: one that is younger than the file is somebody's save.
    for name in ["queue.yaml", "queue.yaml.backup"] {
        if let Ok(file) = File::options().append(true).open(program.path(name)) {
            file.set_modified(an_hour_ago).unwrap();
        }
    }
}

/// Takes the last `count` records out of the log, as if their writers had been killed after saving the queue.
fn forget(program: &Program, count: usize) {
    let log = program.read("events.yaml");
    let at = log.rmatch_indices("#@1 ").nth(count - 1).unwrap().0;
    fs::write(program.path("events.yaml"), &log[..at]).unwrap();
    an_hour_later(program);
}

fn records(program: &Program) -> Vec<String> {
    let records = EventLog::at(program.path("events.yaml")).read().unwrap().records;
    let one = |record: &serde_yaml::Value| {
        let text = |key: &str| record[key].as_str().unwrap().to_owned();
        let recovered = if record["recovered"] == true { " recovered" } else { "" };
        format!("{} {} {}{recovered}", text("task_id"), record["attempt"].as_u64().unwrap(), text("type"))
    };
    records.iter().map(one).collect()
}

fn names_in(program: &Program, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(program.path(folder)).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_healthy_queue_is_healthy_and_nothing_is_touched() {
    let program = Program::with_queue(QUEUE);
    let ended = program.run("doctor --fix");
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!(program.names(), ["queue.yaml"]);
    program.run("claim A --agent ann");
    program.run("done A --attempt 1");
    an_hour_later(&program);
    let before = (program.read("queue.yaml"), program.read("events.yaml"));
    let ended = program.run("doctor --fix");
    assert_eq!((ended.code, ended.out.as_str()), (0, "queue.yaml is healthy\n"));
    assert_eq!((program.read("queue.yaml"), program.read("events.yaml")), before);
}

#[test]
fn a_missing_event_is_told_and_added_once() {
    let program = Program::with_queue(QUEUE);
    program.run("claim A --agent ann");
    program.run("start A --attempt 1");
    program.run("done A --attempt 1");
    program.run("claim B --agent bob");
    program.run("release B --attempt 1");
    program.run("claim B --agent bob");
    forget(&program, 1);
    let queue = program.read("queue.yaml");
    let (found, ended) = findings(&program, "doctor");
    assert_eq!((found, ended.code), (vec!["missing-event B problem".to_owned()], 1));
    let before = ["A 1 claimed", "A 1 started", "A 1 completed", "B 1 claimed", "B 1 released"];
    assert_eq!(records(&program), before);
    let (found, ended) = findings(&program, "doctor --fix");
    assert_eq!((found, ended.code), (vec!["missing-event B mended".to_owned()], 0));
    for _ in 0..2 {
        assert_eq!(records(&program)[5..], ["B 2 claimed recovered"]);
        assert!(program.run("events").out.contains(" claimed (recovered) "));
        assert_eq!(findings(&program, "doctor --fix").0, Vec::<String>::new());
    }
    assert_eq!(program.read("queue.yaml"), queue);
    // What the task does next is written down as ever, and its end is not missing.
    assert_eq!(program.run("done B --attempt 2").code, 0);
    an_hour_later(&program);
    assert_eq!(findings(&program, "doctor").1.code, 0);
}

#[test]
fn several_doctors_at_once_add_an_event_once() {
    let program = Program::with_queue(QUEUE);
    program.run("claim A --agent ann");
    program.run("done A --attempt 1");
    program.run("claim B --agent ann");
    forget(&program, 2);
    let doctors: Vec<_> = (0..8)
        .map(|_| program.command(&["doctor", "--fix"]).stdout(Stdio::null()).spawn().unwrap())
        .collect();
    for mut doctor in doctors {
        assert_eq!(doctor.wait().unwrap().code(), Some(0));
    }
    assert_eq!(records(&program), ["A 1 claimed", "A 1 completed recovered", "B 1 claimed recovered"]);
}

/// Who has saved the queue just now is about to write its event down. It is there before the doctor looks again; where a busy machine
/// keeps it from that, it is tried again.
#[test]
fn an_event_that_is_on_its_way_is_not_missing() {
    let is_waited_for = (0..10).any(|_| {
        let program = Program::with_queue(QUEUE);
        program.run("claim A --agent ann");
        program.run("done A --attempt 1");
        let (queue, log) = (program.read("queue.yaml"), program.read("events.yaml"));
        forget(&program, 1);
        fs::write(program.path("queue.yaml"), queue).unwrap();
        let doctor = program.command(&["doctor", "--fix"]).stdout(Stdio::null()).spawn().unwrap();
        fs::write(program.path("events.yaml"), &log).unwrap();
        doctor.wait_with_output().unwrap().status.success() && program.read("events.yaml") == log
    });
    assert!(is_waited_for);
}

#[test]
fn dispatch_adds_what_is_missing_at_its_start() {
    let program = Program::with_queue(QUEUE);
    program.run("claim A --agent ann");
    program.run("done A --attempt 1");
    forget(&program, 1);
    assert_eq!(program.run("dispatch -- true").code, 0);
    let told = records(&program);
    assert_eq!(told[..2], ["A 1 claimed", "A 1 completed recovered"]);
    assert_eq!(told[2..], ["B 1 claimed", "B 1 started", "B 1 completed"]);
    // A log that cannot be read is a warning and keeps no task waiting.
    fs::write(program.path("events.yaml"), "- id: \"\\q\"\n").unwrap();
    let ended = program.run("dispatch -- true");
    assert_eq!(ended.code, 0);
    assert!(ended.err.contains("events that are missing were not added: ./events.yaml:1:"), "{}", ended.err);
}

#[test]
fn a_broken_file_is_named_with_its_line_and_the_way_back() {
    let program = Program::with_queue(QUEUE);
    program.run("claim A --agent ann");
    program.run("claim B --agent ann");
    fs::write(program.path("queue.yaml"), "tasks:\n- id: \"A\\q\"\n").unwrap();
    let ended = program.run("doctor --fix");
    assert_eq!(ended.code, 6, "{}", ended.out);
    for part in
        ["line 2, column", "or go back to the version of 20", "restore queue.yaml.backup", "[invalid]"]
    {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
    fs::write(program.path("queue.yaml"), "tasks:\n- id: A\n- id: A\n- title: x\n").unwrap();
    let (found, ended) = findings(&program, "doctor");
    assert_eq!(found, ["doubled-id queue.yaml problem", "invalid queue.yaml problem"]);
    assert_eq!(ended.code, 6);
    // A backup that is YAML but no queue is no way back.
    fs::remove_dir_all(program.path(".mooring/history")).unwrap();
    fs::write(program.path("queue.yaml.backup"), "- a\n").unwrap();
    fs::write(program.path("queue.yaml"), "tasks: [\n").unwrap();
    let told = program.run("doctor").out;
    assert!(told.contains("there is no version of it to go back to"), "{told}");
    fs::remove_file(program.path("queue.yaml")).unwrap();
    assert_eq!(program.run("doctor").code, 7);
    assert!(!program.path("queue.yaml").exists());
}

#[test]
fn what_stands_beside_the_queue_is_told() {
    let program = Program::with_queue(QUEUE);
    program.run("claim A --agent ann");
    an_hour_later(&program);
    for (name, text) in [
        (".queue.yaml.lock", ""),
        ("queue.lock", ""),
        ("other.lock", ""),
        (".queue.yaml.new", "tasks: [\n"),
        (".mooring/recovered/queue.yaml.20261123T041109Z", "tasks: []\n"),
        (".mooring/recovered/other.yaml.20261123T041109Z", "tasks: []\n"),
        (".mooring/history/queue.yaml.20261123T031109Z", "tasks: [\n"),
        (".mooring/run/queue.yaml.A.7.lock", "group: 2147480000.1.00000000\n"),
        (".mooring/run/other.yaml.A.7.lock", "group: 2147480000.1.00000000\n"),
    ] {
        fs::create_dir_all(program.path(name).parent().unwrap()).unwrap();
        fs::write(program.path(name), text).unwrap();
    }
    let before = program.names();
    let expected = [
        "lock-name .queue.yaml.lock problem",
        "lock-name queue.lock problem",
        "put-aside .mooring/recovered/queue.yaml.20261123T041109Z problem",
        "backup-broken .mooring/history/queue.yaml.20261123T031109Z problem",
        "temporary .queue.yaml.new note",
        "run-lock .mooring/run/queue.yaml.A.7.lock note",
    ];
    for line in ["doctor", "doctor --fix"] {
        let (found, ended) = findings(&program, line);
        assert_eq!(found, expected);
        assert_eq!(ended.code, 1);
        assert_eq!(program.names(), before);
    }
    assert_eq!(names_in(&program, ".mooring/recovered").len(), 2);
    // Locks that are taken together keep everybody out.
    let (found, _) = findings(&program, "doctor --also-lock .queue.yaml.lock,./queue.lock");
    assert_eq!(found, expected[2..]);
}

#[test]
fn claims_that_are_over_are_told() {
    let gone = "2147480000.1.00000000";
    let program = Program::with_queue(&format!(
        "tasks:
- {{id: A, status: claimed, attempt: 1, lease_until: '2026-01-01T00:00:00Z'}}
- {{id: B, status: in_progress, attempt: 2, supervisor: {gone}}}
- {{id: C, status: in_progress}}
- {{id: D, status: claimed, attempt: 1, lease_until: '2126-01-01T00:00:00Z'}}
"
    ));
    let (found, ended) = findings(&program, "doctor");
    assert_eq!(found, ["no-backup queue.yaml note", "claim-over A note", "claim-over B note"]);
    assert_eq!(ended.code, 0);
}

#[test]
fn a_log_that_cannot_be_used_is_told_and_left_alone() {
    let program = Program::with_queue(QUEUE);
    program.run("claim A --agent ann");
    program.run("done A --attempt 1");
    let whole = program.read("events.yaml");
    for (log, expected) in [
        ("- id: \"\\q\"\n", "invalid-log events.yaml problem"),
        ("a: 1\n", "invalid-log events.yaml problem"),
    ] {
        fs::write(program.path("events.yaml"), log).unwrap();
        an_hour_later(&program);
        let (found, ended) = findings(&program, "doctor --fix");
        assert_eq!((found, ended.code), (vec![expected.to_owned()], 1), "{log}");
        assert_eq!(program.read("events.yaml"), log);
    }
    fs::write(program.path("events.yaml"), format!("{whole}#@1 00000020 deadbeef\n- id: tor")).unwrap();
    let (found, ended) = findings(&program, "doctor");
    assert_eq!((found, ended.code), (vec!["unfinished-record events.yaml note".to_owned()], 0));
    // Without a log only what is in hand is missing: when the rest was written down, and where, nobody knows.
    program.run("claim B --agent ann");
    fs::remove_file(program.path("events.yaml")).unwrap();
    an_hour_later(&program);
    assert!(findings(&program, "doctor --fix").0.contains(&"missing-event B mended".to_owned()));
    assert_eq!(records(&program), ["B 1 claimed recovered"]);
    // The torn record was put aside meanwhile. Who wants no events does not hear of it.
    assert_eq!(findings(&program, "doctor").0.len(), 1);
    assert_eq!(findings(&program, "doctor --no-events").0, Vec::<String>::new());
}

/// Defect of the original: counters drifted, and nobody noticed.
#[test]
fn counters_that_have_drifted_are_told_and_mended() {
    let counters = "metadata: {total_tasks: 7, pending: 2, by_status: {pending: 1, failed: 1}}  # by us\n";
    let program = Program::with_queue(&format!("{counters}{QUEUE}"));
    let (found, ended) = findings(&program, "doctor");
    assert_eq!(found, ["drifted-counters queue.yaml problem", "no-backup queue.yaml note"]);
    let what = "total_tasks says 7 instead of 2, metadata.by_status.pending says 1 instead of 2";
    assert!(ended.out.contains(what), "{}", ended.out);
    assert_eq!(findings(&program, "doctor --fix").1.code, 0);
    let mended = "metadata: {total_tasks: 2, pending: 2, by_status: {pending: 2, failed: 0}}  # by us\n";
    assert_eq!(program.read("queue.yaml"), format!("{mended}{QUEUE}"));
    assert_eq!(program.run("doctor").out, "queue.yaml is healthy\n");
}

/// Root may write everywhere, so there is nothing to see for it.
#[test]
fn in_a_folder_that_cannot_be_written_all_is_looked_at_and_nothing_mended() {
    let program = Program::with_queue(QUEUE);
    program.run("claim A --agent ann");
    forget(&program, 1);
    for name in ["events.yaml", "events.yaml.lock", "queue.yaml.lock"] {
        fs::set_permissions(program.path(name), Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(program.path(""), Permissions::from_mode(0o555)).unwrap();
    let is_kept_out = File::options().append(true).open(program.path("events.yaml")).is_err();
    let (found, ended) = findings(&program, "doctor --fix");
    fs::set_permissions(program.path(""), Permissions::from_mode(0o755)).unwrap();
    if is_kept_out {
        assert!(found.contains(&"missing-event A problem".to_owned()), "{found:?}");
        assert!(found.contains(&"not-mended events.yaml problem".to_owned()), "{found:?}");
        assert_eq!(ended.code, 1);
    }
}

//! What the program once did wrong, each under its name.

use crate::sample::Sample;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Output};

fn run<S: AsRef<OsStr>>(sample: &Sample, args: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_registry"))
        .args(args)
        .current_dir(sample.path(""))
        .env("REGISTRY_FILE", "r.yaml")
        .env_remove("BB5_TASK_ID")
        .output()
        .unwrap()
}

/// Exit code, standard output, standard error.
fn ended(sample: &Sample, line: &str) -> (i32, String, String) {
    let output = run(sample, &line.split(' ').collect::<Vec<_>>());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// It saved first, read the whole skill afterwards, and said then that nothing was changed.
#[test]
fn a_metric_of_a_skill_that_cannot_be_told_changes_nothing() {
    let text = "skills:\n  a:\n    roi: {baseline_minutes: soon}\n";
    let sample = Sample::of(text);
    let (code, _, error) = ended(&sample, "metrics a --set success_rate=50");
    assert_eq!(code, 6, "{error}");
    assert!(error.contains("line 3: `roi` of the skill `a`"), "{error}");
    assert_eq!(sample.text(), text);
}

#[test]
fn a_path_that_is_no_unicode_is_told_as_json() {
    let sample = Sample::of("skills: {}\n");
    let name = OsStr::from_bytes(b"x\xff.yaml");
    fs::rename(sample.path("r.yaml"), sample.path("").join(name)).unwrap();
    let output = run(&sample, &[OsStr::new("-f"), name, OsStr::new("check"), OsStr::new("--json")]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["file"], "x\u{fffd}.yaml");
}

const DRIFTED: &str = "metadata: {total_skills: 9}\nskills:\n  a: {}\n";

#[test]
fn a_broken_log_is_one_finding_among_the_others() {
    let sample = Sample::of(DRIFTED);
    let log = "x: [\n";
    fs::write(sample.path("events.yaml"), log).unwrap();
    let (code, out, error) = ended(&sample, "check --json");
    assert_eq!((code, error.as_str()), (1, ""), "{out}");
    let told: Value = serde_json::from_str(&out).unwrap();
    let kinds: Vec<_> = told["findings"].as_array().unwrap().iter().map(|found| &found["kind"]).collect();
    assert_eq!(kinds, ["counter", "invalid-log"]);
    let of_log = &told["findings"][1];
    assert!(of_log["what"].as_str().unwrap().contains("events.yaml:1:4"), "{of_log}");
    assert_eq!((&of_log["level"], &of_log["line"]), (&"problem".into(), &Value::Null));

    let (code, out, _) = ended(&sample, "check --fix");
    assert_eq!(code, 1);
    assert!(out.contains("mended: r.yaml:1: `metadata.total_skills`"), "{out}");
    assert!(sample.text().contains("total_skills: 1"), "{}", sample.text());
    assert_eq!(sample.log(), log);
}

#[test]
fn a_log_that_cannot_be_read_is_one_finding_too() {
    let sample = Sample::of(DRIFTED);
    fs::create_dir(sample.path("events.yaml")).unwrap();
    let (code, out, _) = ended(&sample, "check");
    assert_eq!(code, 1);
    assert!(out.contains("total_skills") && out.contains("[not-looked-at]"), "{out}");
}

#[test]
fn events_that_cannot_be_added_are_not_mended_and_the_rest_is() {
    let outcome = "task_outcomes: [{task_id: T, timestamp: \"2026-01-01T00:00:00.000Z\"}]\n";
    let sample = Sample::of(&format!("{DRIFTED}{outcome}"));
    fs::write(sample.path("events.yaml"), "[{type: other}]\n").unwrap();
    let (code, out, error) = ended(&sample, "check --fix");
    assert_eq!((code, error.as_str()), (1, ""), "{out}");
    for said in [
        "mended: r.yaml:1: `metadata.total_skills`",
        "problem: r.yaml:4: the outcome of T is",
        "[invalid-log]",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
}

#[test]
fn whoever_is_quiet_hears_of_an_event_that_was_not_written() {
    let sample = Sample::of("skills: {}\n");
    fs::write(sample.path("events.yaml"), "x: [\n").unwrap();
    let (code, out, error) = ended(&sample, "-q record --task T --outcome success");
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(error.contains("the registry is saved, but its events are not"), "{error}");
    assert!(error.contains("events.yaml:1:4"), "{error}");
}

#[test]
fn a_duration_that_no_file_can_tell_is_refused() {
    let text = "skills:\n  a: {}\n";
    let sample = Sample::of(text);
    for verb in ["log --skill a", "record", "outcome"] {
        let (code, _, error) = ended(&sample, &format!("{verb} --task T --duration-minutes 1e300"));
        assert_eq!(code, 2, "{verb}: {error}");
        assert!(error.contains("number of minutes"), "{verb}: {error}");
    }
    assert_eq!(sample.text(), text);
}

#[test]
fn a_use_for_no_task_is_refused_as_an_outcome_is() {
    let text = "skills:\n  a: {}\n";
    let sample = Sample::of(text);
    for verb in ["log --skill a", "record", "outcome"] {
        let (code, _, error) = ended(&sample, &format!("{verb} --task "));
        assert_eq!(code, 2, "{verb}: {error}");
        assert!(error.contains("give a task"), "{verb}: {error}");
    }
    assert_eq!(sample.text(), text);
}

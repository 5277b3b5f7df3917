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

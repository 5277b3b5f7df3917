//! What the program once did wrong, each under its name.

use crate::sample::Sample;
use std::ffi::OsStr;
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

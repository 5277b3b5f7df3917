//! What a person does first with programs that were just installed.

use super::clean_root::CleanRoot;
use crate::engine::{Explain, Failure, Stage, fail};
use std::fs;

pub(super) const PROGRAMS: [&str; 4] = ["queue", "registry", "atomic-io", "lock-janitor"];

const FIRST_MINUTES: &str = include_str!("../../../clients/first_minutes.sh");
const COMPLETE: &str = include_str!("../../../clients/complete.sh");

/// A program, the beginning of a word, and what bash makes of it.
const WORDS: [(&str, &str, &str); 4] = [
    ("queue", "cl", "claim"),
    ("registry", "mat", "match"),
    ("atomic-io", "pu", "push"),
    ("lock-janitor", "check", "check-config"),
];

/// Uses all programs in `root`, where they are installed below `prefix`, and the completions of bash.
pub(super) fn try_out(
    stage: &Stage,
    root: &CleanRoot,
    prefix: &str,
    configuration: &str,
) -> Result<(), Failure> {
    let work = root.path().join("work");
    for (name, script) in [("first_minutes.sh", FIRST_MINUTES), ("complete.sh", COMPLETE)] {
        fs::write(work.join(name), script).explain(work.display())?;
    }
    let run = |words: &[&str], name: &str| {
        let mut command = root.command(stage, words);
        command.env("HOME", "/work").env_remove("CARGO_TARGET_DIR");
        stage.finish(&mut command, name)?.expect(0)
    };
    run(&["sh", "first_minutes.sh", prefix, configuration], "first-minutes")
        .explain(format_args!("installed in {prefix}"))?;
    for (program, beginning, wanted) in WORDS {
        let place = format!("{prefix}/share/bash-completion/completions/{program}");
        let name = format!("complete-{program}{}", prefix.replace('/', "-"));
        let offered = run(&["bash", "complete.sh", &place, program, beginning], &name)?.stdout;
        if offered.trim() != wanted {
            return Err(fail(format!("bash completes `{program} {beginning}` to {offered:?}, not {wanted}")));
        }
    }
    Ok(())
}

//! `--help`.

use crate::program::Program;

const VERBS: [&str; 14] = [
    "backups",
    "restore",
    "get",
    "set",
    "push",
    "remove",
    "append",
    "tail",
    "write",
    "lock",
    "pipe",
    "edit",
    "check",
    "normalize",
];

#[test]
fn every_verb_has_an_example() {
    let program = Program::with("none", "");
    let all = program.out(&["--help"]);
    for verb in VERBS {
        assert!(all.contains(&format!("\n  {verb} ")), "{verb}");
        assert!(program.out(&[verb, "--help"]).contains("Examples:"), "{verb}");
    }
}

/// The exit codes stand in the README and in `--help`; they must be the same ones.
#[test]
fn the_exit_codes_are_told_alike() {
    let told = |text: &str| {
        let at = text.find("0 done").unwrap();
        let end = text[at..].find("own code.").unwrap();
        text[at..at + end].split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let help = Program::with("none", "").out(&["--help"]);
    assert_eq!(told(&help), told(include_str!("../../README.md")));
}

//! `--help`.

use crate::program::Program;

const VERBS: [&str; 16] = [
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
    "completions",
    "man",
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

#[test]
fn every_verb_has_a_manual_page() {
    let program = Program::with("none", "");
    let said = program.out(&["man", "--dir", "pages"]);
    assert_eq!(said, format!("{} pages are in pages\n", VERBS.len() + 1));
    for verb in VERBS {
        assert!(program.path(&format!("pages/atomic-io-{verb}.1")).exists(), "{verb}");
    }
    assert!(program.out(&["man"]).contains(".SH SUBCOMMANDS"));
    assert!(program.out(&["completions", "bash"]).contains("-o default atomic-io\n"));
    let object: serde_json::Value =
        serde_json::from_str(&program.out(&["--json", "completions", "fish"])).unwrap();
    assert_eq!(object["shell"], "fish");
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

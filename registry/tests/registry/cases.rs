//! The cases in `tests/cmd`, and the README's: what is typed and what comes of it, also to be read as documentation.
//!
//! `TRYCMD=overwrite cargo test -p registry cases` writes down what comes of those in `tests/cmd` now.

use std::fs;

#[test]
fn what_is_told_is_what_happens() {
    let cases = trycmd::TestCases::new();
    // Lines are as on a terminal of 80 columns.
    cases
        .env("COLUMNS", "80")
        .env("BB5_TASK_ID", "")
        .env("REGISTRY_FILE", "skill-registry.yaml")
        .case("tests/cmd/*.md");
    // Each case runs in a copy of the folder beside it; the README has none in the repository.
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("readme.in/examples")).unwrap();
    fs::create_dir(folder.path().join("readme.out")).unwrap();
    let example = "examples/skill-registry.yaml";
    fs::copy(format!("../{example}"), folder.path().join("readme.in").join(example)).unwrap();
    fs::copy("README.md", folder.path().join("readme.md")).unwrap();
    cases.case(folder.path().join("readme.md"));
    // They are run when this is dropped, and need the folder until then.
    drop(cases);
}

/// The exit codes stand in the README and in `--help`; they must be the same ones.
#[test]
fn the_exit_codes_are_told_alike() {
    let numbers = |text: &str| -> Vec<String> {
        let at = text.find("0 done").unwrap();
        let told = text[at..].split("\n\n").next().unwrap().to_owned();
        let words = told.split_whitespace().map(str::to_owned);
        words.filter(|word| word.parse::<u8>().is_ok()).collect()
    };
    let help =
        std::process::Command::new(env!("CARGO_BIN_EXE_registry")).arg("--help").output().unwrap().stdout;
    assert_eq!(numbers(&String::from_utf8(help).unwrap()), numbers(include_str!("../../README.md")));
}

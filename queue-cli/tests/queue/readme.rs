//! What the project's README tells a newcomer to type, typed.

use crate::program::Program;
use std::fs;
use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../../README.md");

#[test]
fn the_minute_works() {
    let program = Program::with_queue("");
    fs::remove_file(program.path("queue.yaml")).unwrap();
    let section = README.split("## A queue in a minute").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_queue"));
    let mut path = binary.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let ran = Command::new("sh")
        .args(["-ec", block])
        .current_dir(program.path(""))
        .env("PATH", path)
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    assert!(out.contains("\nROOMS 1\n") && out.contains("1 done, 0 failed"), "{out}");
    assert_eq!(program.read("moving-house/.mooring/logs/queue.yaml.PLAN.1.log"), "working on PLAN\n");
}

/// The exit codes stand in the README, in the crate's and in `--help`; they must be the same ones.
#[test]
fn the_exit_codes_are_told_alike() {
    let words = |text: &str| {
        let at = text.find("0 done").unwrap();
        let told = text[at..]
            .split("\n\n")
            .next()
            .unwrap()
            .trim_end()
            .trim_end_matches('.')
            .replace([';', ','], " ");
        let told: Vec<String> = told.split_whitespace().map(str::to_owned).collect();
        let numbers: Vec<String> = told.iter().filter(|word| word.parse::<u8>().is_ok()).cloned().collect();
        (numbers, told.last().unwrap().clone())
    };
    let help = Program::with_queue("").run("--help").out;
    assert_eq!(words(&help), words(README));
    assert_eq!(words(&help), words(include_str!("../../README.md")));
}

use std::fs;
use std::process::{Command, Output};

fn registry(args: &[&str]) -> Output {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    Command::new(env!("CARGO_BIN_EXE_registry"))
        .args(args)
        .current_dir(root)
        .env("REGISTRY_FILE", "examples/skill-registry.yaml")
        .env("COLUMNS", "80")
        .output()
        .unwrap()
}

fn check(args: &[&str], code: i32, said: &str) {
    let output = registry(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}");
    let (text, empty) =
        if code == 0 { (output.stdout, output.stderr) } else { (output.stderr, output.stdout) };
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains(said), "{args:?}: {text}");
    assert!(!text.contains('\u{1b}'), "colours that nobody asked for: {text:?}");
    assert_eq!(String::from_utf8(empty).unwrap(), "");
}

#[test]
fn each_ending_has_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.yaml");
    fs::write(&broken, "a: 1\nskills: [\n").unwrap();
    let broken = broken.to_str().unwrap();
    let no_skills = folder.path().join("none.yaml");
    fs::write(&no_skills, "skills: 7\n").unwrap();

    check(&["list"], 0, "6 skills");
    check(&["get", "mover"], 0, "Plans which shelf");
    check(&["list", "--category", "Tool"], 0, "2 skills");
    check(&["list", "--category", "none"], 0, "no skills");
    check(&["get", "movers"], 7, "there is no skill movers");
    check(&["-f", "missing.yaml", "list"], 7, "missing.yaml does not exist");
    check(&["list", "-f", broken], 6, "broken.yaml:");
    check(&["-f", no_skills.to_str().unwrap(), "list"], 6, "none.yaml: line 1: `skills` is a single value");
    check(&["-f", "examples", "list"], 1, "examples is a folder");
    check(&["lst"], 2, "unrecognized subcommand");
    check(&["get"], 2, "<SKILL>");
}

#[test]
fn the_help_of_every_command_names_the_exit_codes_or_its_arguments() {
    check(&["--help"], 0, "6 file invalid");
    check(&["help", "list"], 0, "--category <CATEGORY>");
    check(&["help", "get"], 0, "REGISTRY_FILE");
}

#[test]
fn json_is_one_documented_object() {
    let list: serde_json::Value = serde_json::from_slice(&registry(&["list", "--json"]).stdout).unwrap();
    assert_eq!(list["skills"].as_array().unwrap().len(), 6);
    let skill: serde_json::Value =
        serde_json::from_slice(&registry(&["--json", "get", "mover"]).stdout).unwrap();
    assert_eq!(skill, list["skills"][1]);
    let keys: Vec<_> = skill.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = [
        "id",
        "name",
        "description",
        "category",
        "agent",
        "version",
        "created",
        "metrics",
        "usage",
        "roi",
        "selection",
    ];
    expected.sort_unstable();
    let mut keys = keys;
    keys.sort_unstable();
    assert_eq!(keys, expected);
    assert!(skill["metrics"]["effectiveness_score"].is_null());
}

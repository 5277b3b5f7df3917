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

/// What a hook finds in its environment; a flag beats a variable.
#[test]
fn record_takes_what_is_not_given_from_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.yaml"), "skills:\n  a: {}\n").unwrap();
    let record = |rating: &str| {
        Command::new(env!("CARGO_BIN_EXE_registry"))
            .args(["-f", "r.yaml", "record", "--outcome", "success", "--json"])
            .current_dir(folder.path())
            .envs([
                ("BB5_TASK_ID", "T-1"),
                ("BB5_SKILL_USED", "a"),
                ("BB5_OUTCOME", "failure"),
                ("BB5_DURATION_MINUTES", "1.5"),
                ("BB5_QUALITY_RATING", rating),
                ("BB5_TRIGGER_CORRECT", "True"),
                ("BB5_WOULD_USE_AGAIN", ""),
                ("BB5_NOTES", "no: 'trouble' # at all"),
            ])
            .output()
            .unwrap()
    };
    let told: serde_json::Value = serde_json::from_slice(&record("4").stdout).unwrap();
    let outcome = &told["outcome"];
    assert_eq!((&outcome["outcome"], &outcome["duration_minutes"]), (&"success".into(), &1.5.into()));
    assert_eq!((&outcome["trigger_was_correct"], &outcome["quality_rating"]), (&true.into(), &4.into()));
    assert_eq!(
        (&outcome["would_use_again"], &outcome["notes"]),
        (&().into(), &"no: 'trouble' # at all".into())
    );
    let before = fs::read_to_string(folder.path().join("r.yaml")).unwrap();
    let refused = record("good");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("BB5_QUALITY_RATING"));
    assert_eq!(fs::read_to_string(folder.path().join("r.yaml")).unwrap(), before);
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

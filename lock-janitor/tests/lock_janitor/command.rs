use crate::scanning::folder_with;
use lock_core::{LockFile, Wait};
use std::path::Path;
use std::process::{Command, Output};

fn janitor(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lock-janitor")).args(args).current_dir(folder).output().unwrap()
}

fn check(folder: &Path, args: &[&str], code: i32, said: &str, complained: &str) {
    let output = janitor(folder, args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
    assert!(out.contains(said), "{args:?}: {out}");
    assert!(err.contains(complained) && err.is_empty() == complained.is_empty(), "{args:?}: {err}");
    assert!(!out.contains('\u{1b}'));
}

#[test]
fn each_ending_has_its_exit_code() {
    let folder = folder_with(&["queue.yaml.lock", "sub/x.yml.lock", "empty/file"]);
    let folder = folder.path();
    check(folder, &["ls"], 0, "2 lock files, 0 held\n", "");
    check(folder, &["ls", "sub"], 0, "1 lock file, 0 held\n", "");
    check(folder, &["ls", "empty"], 0, "no lock files\n", "");
    check(folder, &["ls", "missing", "sub"], 7, "1 lock file", "missing does not exist");
    check(folder, &["ls", "empty/file"], 1, "no lock files", "cannot read the folder empty/file: ");
    check(folder, &["sweep"], 0, "2 lock files: 2 kept (2 young)\n", "");
    check(folder, &["sweep", "missing", "sub"], 7, "1 lock file", "missing does not exist");
    check(folder, &["wipe"], 2, "", "unrecognized subcommand");
    check(folder, &["--help"], 0, "7 a folder or file does not exist", "");
}

#[test]
fn shells_and_man_are_told_of_every_command() {
    let folder = folder_with(&[]);
    let folder = folder.path();
    check(folder, &["man", "--dir", "pages"], 0, "8 pages are in pages\n", "");
    for command in ["run", "sweep", "ls", "report", "check-config", "completions", "man"] {
        assert!(folder.join(format!("pages/lock-janitor-{command}.1")).exists(), "{command}");
    }
    check(folder, &["man"], 0, ".SH SUBCOMMANDS", "");
    check(folder, &["completions", "bash"], 0, "-o default lock-janitor\n", "");
    check(folder, &["completions", "fish", "--json"], 0, "\"shell\": \"fish\"", "");
    check(
        folder,
        &["man", "--dir", "pages/lock-janitor.1"],
        1,
        "",
        "there are no manual pages: cannot make the folder",
    );
}

#[test]
fn the_table_fits_80_columns_and_cuts_nothing_off() {
    let long = format!("{}/queue.yaml.lock", "a-long-folder-name/".repeat(6).trim_end_matches('/'));
    let folder = folder_with(&["queue.yaml.lock", &long]);
    let held = LockFile::at(folder.path().join("queue.yaml.lock")).exclusive(Wait::Never).unwrap();
    let table = String::from_utf8(janitor(folder.path(), &["ls"]).stdout).unwrap();
    drop(held);
    assert!(table.lines().filter(|line| !line.starts_with("  ")).all(|line| line.len() <= 80), "{table}");
    assert!(table.contains(&long));
    assert!(table.ends_with("2 lock files, 1 held\n"), "{table}");
}

#[test]
fn json_is_one_documented_object() {
    let folder = folder_with(&["queue.yaml.lock"]);
    let held = LockFile::at(folder.path().join("queue.yaml.lock")).exclusive(Wait::Never).unwrap();
    let output = janitor(folder.path(), &["ls", "--json", ".", "missing"]);
    drop(held);
    assert_eq!(output.status.code(), Some(7));
    assert!(output.stderr.is_empty());
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["errors"][0], "missing does not exist");
    let lock = object["locks"][0].as_object().unwrap();
    assert_eq!(lock["path"], "queue.yaml.lock");
    assert_eq!(lock["state"], "exclusive");
    assert!(lock["size"].is_u64());
    assert!(lock["idle_s"].is_u64() && lock["owner_uid"].is_u64() && lock["holders"].is_array());
    assert_eq!(lock["held_by"][0]["pid"], std::process::id());
    assert_eq!((&lock["verdict"], &lock["reason"]), (&"keep".into(), &"held".into()));
    assert_eq!(lock.len(), 14, "{lock:?}");
}

#[test]
fn a_dry_run_changes_nothing_and_a_sweep_does_what_it_said() {
    let folder = folder_with(&["a.yaml.lock", "b.yaml.lock"]);
    let held = LockFile::at(folder.path().join("b.yaml.lock")).exclusive(Wait::Never).unwrap();
    let at_once = ["sweep", "--min-idle", "0s", "--grace", "1ms"];
    check(folder.path(), &[&at_once[..], &["--dry-run"]].concat(), 0, "would retire a.yaml.lock\n", "");
    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names(), 2);
    let said = String::from_utf8(janitor(folder.path(), &at_once).stdout).unwrap();
    drop(held);
    assert!(
        said.starts_with("retired      a.yaml.lock\nkept         b.yaml.lock: held by process "),
        "{said}"
    );
    assert!(said.ends_with("2 lock files: 1 kept, 1 retired (1 held)\n"), "{said}");
    assert!(!folder.path().join("a.yaml.lock").exists());
    let output = janitor(folder.path(), &[&at_once[..], &["--json"]].concat());
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&object["locks"][0]["outcome"], &object["bridges_left"]), (&"retired".into(), &0.into()));
}

#[test]
fn a_root_that_is_written_with_a_dot_has_the_same_files_left_out() {
    let at_once = ["--min-idle", "0", "--grace", "1ms"];
    for (config, root) in [("lj.yaml", "./srv"), ("./lj.yaml", "srv"), ("././lj.yaml", "./././srv/.")] {
        let folder = folder_with(&["srv/private/x.yaml.lock", "srv/pub/q.yaml.lock"]);
        let text =
            format!("roots: [{{folder: {root}, exclude: [\"private/**\"], include: [\"*/*.lock\"]}}]\n");
        std::fs::write(folder.path().join("lj.yaml"), text).unwrap();
        let words = [&["sweep", "--config", config][..], &at_once].concat();
        check(folder.path(), &words, 0, "retired      srv/pub/q.yaml.lock\n1 lock file: 1 retired\n", "");
        assert!(folder.path().join("srv/private/x.yaml.lock").exists(), "{config} {root}");
    }
}

#[test]
fn totals_of_retired_locks_are_told_by_their_paths_however_the_root_is_written() {
    let folder = folder_with(&["srv/x"]);
    for root in ["srv", "./srv", "srv/./"] {
        drop(LockFile::at(folder.path().join("srv/pub/q.yaml.lock")).exclusive(Wait::Never).unwrap());
        check(folder.path(), &["sweep", root, "--min-idle", "0", "--grace", "1ms"], 0, "1 retired\n", "");
    }
    check(folder.path(), &["report", "./srv"], 0, "       3   0.0%", "");
    check(folder.path(), &["report", "./srv"], 0, " srv/pub/q.yaml.lock\n1 lock with totals", "");
}

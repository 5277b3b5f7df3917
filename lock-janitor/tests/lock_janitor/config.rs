use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn check_config(folder: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lock-janitor"));
    let output = command.arg("check-config").args(words).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn folder_with(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), config).unwrap();
    folder
}

fn check_refused(config: &str, complaints: &[&str]) {
    let folder = folder_with(config);
    let (code, out, err) = check_config(folder.path(), &["c.yaml"]);
    assert_eq!((code, out.as_str()), (Some(6), ""), "{config}: {err}");
    assert!(err.starts_with("lock-janitor: c.yaml: "), "{err}");
    for complaint in complaints {
        assert!(err.contains(complaint), "{config}: {err}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    check_refused("", &["roots"]);
    check_refused("roots: []", &["`roots` names no folder"]);
    check_refused("roots: .", &["expected a sequence", "line 1"]);
    check_refused("roots: [.\n", &["line 2"]);
    check_refused("roots: [.]\nmin_idel: 3s", &["unknown field `min_idel`", "`min_idle`", "line 2"]);
    check_refused("roots:\n  - folder: .\n    depht: 3", &["roots[0]", "unknown field `depht`", "line 3"]);
    check_refused("roots: [.]\nmin_idle: 10", &["min_idle", "with its unit", "line 2"]);
    check_refused("roots: [.]\nmin_idle: -3s", &["no length of time"]);
    check_refused("roots: [.]\ngrace: 0", &["from 1ms", "line 2"]);
    check_refused("roots: [.]\ngrace: 999us", &["from 1ms"]);
    check_refused("roots: [.]\ngrace: 31s", &["to 30s"]);
    check_refused("roots: [.]\nsweep_interval: 1ms", &["busy loop"]);
    check_refused("roots: [.]\ndelete: perhaps", &["expected a boolean"]);
    check_refused("roots: [.]\nnames: ['*']", &["also fits `queue.yaml`"]);
    for pattern in ["*.json", "c*", "s?ate", "*[!x]", "{*.lock,*.json}", "*lock*", "*.db"] {
        check_refused(&format!("roots: [.]\nnames: ['{pattern}']"), &["no lock", "line 2"]);
    }
    check_refused("roots: [.]\nnames: [a/b.lock]", &["no file name"]);
    check_refused("roots: [.]\nnames: ['[a']", &["no pattern"]);
    check_refused("roots: [{folder: ., exclude: ['[a']}]", &["no pattern"]);
    for address in ["0.0.0.0:9188", "192.0.2.7:80", "[::]:9188", "[2001:db8::1]:9188"] {
        let config = format!("roots: [.]\nmetrics: {{listen: '{address}'}}");
        check_refused(&config, &[address, "loopback only", "line 2"]);
    }
    check_refused("roots: [.]\nmetrics: {listen: localhost}", &["no address with a port"]);
}

#[test]
fn a_pattern_for_names_says_that_locks_are_meant_and_a_whole_name_need_not() {
    for name in [".queue.lock", "*.lck", "lock-*", "*.LOCK", "backup.mutex", "queue-[0-9].lock"] {
        let folder = folder_with(&format!("roots: [.]\nnames: ['{name}']"));
        let (code, _, err) = check_config(folder.path(), &["c.yaml"]);
        assert_eq!(code, Some(0), "{name}: {err}");
    }
}

#[test]
fn a_missing_file_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = check_config(folder.path(), &["c.yaml"]);
    assert_eq!(code, Some(7), "{err}");
    let (code, out, err) = check_config(folder.path(), &["--json", "c.yaml"]);
    assert_eq!((code, out.as_str()), (Some(7), ""));
    let error: serde_json::Value = serde_json::from_str(&err).unwrap();
    assert_eq!(error["error"]["kind"], "not_found");
}

#[test]
fn what_is_in_force_is_said_defaults_too() {
    let folder = folder_with("roots: [sub, {folder: ., depth: 2}]\nmin_idle: 0\ngrace: 2ms\n");
    fs::create_dir(folder.path().join("sub")).unwrap();
    let (code, out, _) = check_config(folder.path(), &["c.yaml"]);
    assert_eq!(code, Some(0));
    for part in ["c.yaml is valid", "idle for 0s, with a grace of 2ms", "every 1m", "warning: min_idle is 0"]
    {
        assert!(out.contains(part), "{out}");
    }
    assert!(out.contains("lie in each other"), "{out}");
    let (_, out, _) = check_config(folder.path(), &["c.yaml", "--json"]);
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["valid"], true);
    assert_eq!(object["grace_s"], 0.002);
    assert_eq!(object["delete"], true);
    assert_eq!(object["metrics"], serde_json::Value::Null);
    assert_eq!(object["warnings"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_line_of_the_error_object_is_that_of_the_mistake() {
    let folder = folder_with("roots: [.]\n\ngrace: never\n");
    let (_, _, err) = check_config(folder.path(), &["c.yaml", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&err).unwrap();
    assert_eq!((&error["error"]["exit"], &error["error"]["line"]), (&6.into(), &3.into()), "{err}");
}

#[test]
fn the_packaged_configuration_is_valid() {
    let packaged = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/lock-janitor.yaml");
    let (code, out, err) = check_config(Path::new("."), &[packaged.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{out}{err}");
    // What it shows as the defaults is what is in force without it.
    let text = fs::read_to_string(packaged).unwrap();
    for default in ["# min_idle: 10m\n", "# grace: 2s\n", "# sweep_interval: 1m\n", "# long_hold: 10m\n"] {
        assert!(text.contains(default), "{default}");
    }
    assert!(
        out.contains("idle for 10m, with a grace of 2s\n  sweeps every 1m, reports holds longer than 10m"),
        "{out}"
    );
}

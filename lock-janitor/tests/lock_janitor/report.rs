use lock_core::{LockFile, Wait};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn janitor(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lock-janitor"));
    let output = command.args(words).current_dir(folder).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn report(folder: &Path) -> Value {
    let (code, out) = janitor(folder, &["report", "--json"]);
    assert_eq!(code, Some(0), "{out}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn what_was_measured_is_told_for_each_lock_and_survives_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let empty = report(folder.path());
    assert_eq!((&empty["locks"], &empty["without_totals"]), (&Value::Array(Vec::new()), &0.into()));

    let lock = LockFile::guarding(folder.path().join("queue.yaml"));
    for _ in 0..20 {
        drop(lock.exclusive(Wait::Never).unwrap());
    }
    std::thread::scope(|scope| {
        let held = lock.exclusive(Wait::Never).unwrap();
        let waiter = scope.spawn(|| drop(lock.exclusive(Wait::Forever).unwrap()));
        scope.spawn(|| assert!(lock.exclusive(Wait::AtMost(Duration::from_millis(20))).is_err()));
        std::thread::sleep(Duration::from_millis(300));
        drop(held);
        waiter.join().unwrap();
    });
    std::fs::write(folder.path().join("plain.yaml.lock"), "").unwrap();

    let before = report(folder.path());
    let told = &before["locks"][0];
    assert_eq!(told["path"], "queue.yaml.lock");
    assert_eq!(
        (&told["acquisitions"], &told["contended"], &told["timed_out"]),
        (&22.into(), &1.into(), &1.into())
    );
    assert_eq!(told["wait_p50_s"], 0.0);
    assert!(told["longest_wait_s"].as_f64().unwrap() >= 0.2, "{told}");
    // One of 23 gave up: nobody knows how long 99.9 % would have waited.
    assert_eq!(told["timeouts_too_short"], true);
    assert!(told["suggested_timeout_s"].as_u64().unwrap() >= 1);
    assert_eq!(before["without_totals"], 1);

    let (code, out) = janitor(folder.path(), &["sweep", "--min-idle", "0", "--grace", "1ms"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(!folder.path().join("queue.yaml.lock").exists(), "{out}");
    assert_eq!(report(folder.path())["locks"], before["locks"]);

    // And what comes after is added.
    drop(lock.exclusive(Wait::Never).unwrap());
    assert_eq!(report(folder.path())["locks"][0]["acquisitions"], 23);
}

#[test]
fn the_table_says_what_its_columns_are_and_fits_80_of_them() {
    let folder = tempfile::tempdir().unwrap();
    drop(LockFile::guarding(folder.path().join("queue.yaml")).exclusive(Wait::Never).unwrap());
    let deep = folder.path().join("a-folder-with-a-long-name/and-another-one/queue.yaml");
    drop(LockFile::guarding(&deep).exclusive(Wait::Never).unwrap());
    let (code, out) = janitor(folder.path(), &["report"]);
    assert_eq!(code, Some(0));
    let table: Vec<_> = out.lines().take_while(|line| !line.starts_with('P')).collect();
    assert!(table.iter().all(|line| line.chars().count() <= 80), "{out}");
    assert!(out.contains("2 locks with totals, 0 without\n"), "{out}");
    assert!(out.contains("\n  a-folder-with-a-long-name/and-another-one/queue.yaml.lock\n"), "{out}");
}

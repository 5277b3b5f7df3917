//! What stands beside a file: backup, snapshots, what was put aside, and going back to it.

use crate::folder::Folder;
use atomic_io::{BackupKind, Displaced, FileError, Notice, SharedFile};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Longer than a tick of any kernel: what is written after it has another time.
const TICK: Duration = Duration::from_millis(30);

fn set(file: &SharedFile, n: u32) {
    file.update(|document| document.set("n", &n)).unwrap();
}

fn told(file: SharedFile) -> (SharedFile, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let file = file.notices(move |notice| listener.lock().unwrap().push(notice.to_string()));
    (file, told)
}

#[test]
fn the_backup_before_the_last_becomes_a_snapshot_once_in_ten_minutes() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    let file = SharedFile::at(folder.path("a.yaml"));
    set(&file, 1);
    assert!(folder.in_history().is_empty());
    set(&file, 2);
    set(&file, 3);
    let history = folder.in_history();
    assert_eq!(history.len(), 1, "{history:?}");
    assert_eq!(folder.read(&format!(".mooring/history/{}", history[0])), "n: 0\n");
    assert!(history[0].starts_with("a.yaml.2") && history[0].ends_with('Z') && history[0].len() == 23);
    fs::rename(
        folder.path(&format!(".mooring/history/{}", history[0])),
        folder.path(".mooring/history/a.yaml.20200101T000000Z"),
    )
    .unwrap();
    set(&file, 4);
    assert_eq!(folder.in_history().len(), 2);
    assert_eq!(folder.read("a.yaml.backup"), "n: 3\n");
}

#[test]
fn snapshots_beyond_the_newest_twelve_and_the_days_go_and_other_files_stay() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    fs::create_dir_all(folder.path(".mooring/history")).unwrap();
    let others = ["b.yaml.20200101T000000Z", "a.yaml.mine", "a.yaml.20200101T000000Z.1"];
    for name in others {
        fs::write(folder.path(&format!(".mooring/history/{name}")), "").unwrap();
    }
    for day in 10..25 {
        fs::write(folder.path(&format!(".mooring/history/a.yaml.202001{day}T000000Z")), "").unwrap();
    }
    let file = SharedFile::at(folder.path("a.yaml"));
    set(&file, 1);
    set(&file, 2);
    let history = folder.in_history();
    assert!(others.iter().all(|other| history.contains(&(*other).to_owned())));
    assert_eq!(history.len(), 12 + others.len());
    assert!(history.contains(&"a.yaml.20200124T000000Z".to_owned()));
    assert!(!history.contains(&"a.yaml.20200110T000000Z".to_owned()));
}

#[test]
fn trouble_with_snapshots_is_told_and_fails_no_save() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    fs::create_dir(folder.path(".mooring")).unwrap();
    fs::write(folder.path(".mooring/history"), "in the way").unwrap();
    let (file, told) = told(SharedFile::at(folder.path("a.yaml")));
    set(&file, 1);
    set(&file, 2);
    assert_eq!((folder.read("a.yaml"), folder.read("a.yaml.backup")), ("n: 2\n".into(), "n: 1\n".into()));
    let told = told.lock().unwrap();
    assert!(
        told.len() == 1 && told[0].starts_with("no snapshot of ") && told[0].contains("(os error"),
        "{told:?}"
    );
}

#[test]
fn without_backup_nothing_is_kept_and_a_backup_that_is_there_stays() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    let file = SharedFile::at(folder.path("a.yaml")).without_backup();
    set(&file, 1);
    assert_eq!(folder.names(), ["a.yaml", "a.yaml.lock"]);
    fs::write(folder.path("a.yaml.backup"), "n: 9\n").unwrap();
    set(&file, 2);
    assert_eq!((folder.read("a.yaml"), folder.read("a.yaml.backup")), ("n: 2\n".into(), "n: 9\n".into()));
    assert_eq!(folder.names(), ["a.yaml", "a.yaml.backup", "a.yaml.lock"]);
}

/// An editor that had the old version open writes to it when it is the backup already.
#[test]
fn a_backup_younger_than_the_file_is_somebodys_save_and_is_kept() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    let (file, told) = told(SharedFile::at(folder.path("a.yaml")));
    let editor = File::options().write(true).open(folder.path("a.yaml")).unwrap();
    set(&file, 1);
    thread::sleep(TICK);
    std::os::unix::fs::FileExt::write_all_at(&editor, b"n: 7 # by hand\n", 0).unwrap();
    set(&file, 2);
    let aside = folder.recovered();
    assert_eq!(aside.len(), 1);
    assert_eq!(folder.read(&format!(".mooring/recovered/{}", aside[0])), "n: 7 # by hand\n");
    assert_eq!((folder.read("a.yaml"), folder.read("a.yaml.backup")), ("n: 2\n".into(), "n: 1\n".into()));
    let told = told.lock().unwrap();
    assert!(told.len() == 1 && told[0].contains(&aside[0]), "{told:?}");
    // It is the same file: what the editor writes even later is kept as well.
    std::os::unix::fs::FileExt::write_all_at(&editor, b"n: 8", 0).unwrap();
    assert_eq!(folder.read(&format!(".mooring/recovered/{}", aside[0])), "n: 8 # by hand\n");
}

/// Scripts copy the file to its backup before they change it.
#[test]
fn a_backup_that_a_script_just_copied_from_the_file_is_no_ones_save() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    let file = SharedFile::at(folder.path("a.yaml"));
    set(&file, 1);
    thread::sleep(TICK);
    fs::copy(folder.path("a.yaml"), folder.path("a.yaml.backup")).unwrap();
    set(&file, 2);
    assert!(folder.recovered().is_empty());
}

#[test]
fn backups_are_listed_with_what_they_are() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    let file = SharedFile::at(folder.path("a.yaml"));
    assert!(file.backups().unwrap().is_empty());
    set(&file, 1);
    set(&file, 2);
    fs::create_dir(folder.path(".mooring/recovered")).unwrap();
    for name in ["a.yaml.20200101T000000Z.1", "a.yaml.other", "a.yaml.2.20200101T000000Z"] {
        fs::write(folder.path(&format!(".mooring/recovered/{name}")), "n: [half").unwrap();
    }
    let mut backups = file.backups().unwrap();
    assert!(backups.is_sorted_by_key(|backup| std::cmp::Reverse(backup.time)));
    backups.sort_by_key(|backup| backup.path.clone());
    let found: Vec<_> = backups.iter().map(|backup| (backup.kind, backup.size, backup.parses)).collect();
    let expected =
        [(BackupKind::Snapshot, 5, true), (BackupKind::Recovered, 8, false), (BackupKind::Backup, 5, true)];
    assert_eq!(found, expected);
    fs::remove_file(folder.path("a.yaml")).unwrap();
    assert_eq!(file.backups().unwrap().len(), 3);
}

#[test]
fn restore_brings_a_version_back_and_loses_none() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    let (file, told) = told(SharedFile::at(folder.path("a.yaml")));
    set(&file, 1);
    set(&file, 2);
    let snapshot =
        file.backups().unwrap().into_iter().find(|backup| backup.kind == BackupKind::Snapshot).unwrap();
    let aside = file.restore(&snapshot.path).unwrap().unwrap();
    assert_eq!(folder.read("a.yaml"), "n: 0\n");
    assert_eq!(fs::read_to_string(&aside).unwrap(), "n: 2\n");
    assert_eq!(folder.read("a.yaml.backup"), "n: 1\n");
    assert_eq!(fs::read_to_string(&snapshot.path).unwrap(), "n: 0\n");
    assert!(told.lock().unwrap()[0].contains("replaced by a backup"));
    assert_eq!(file.restore(&snapshot.path).unwrap(), None);
    assert_eq!(folder.recovered().len(), 1);
    assert_eq!(folder.names(), [".mooring", "a.yaml", "a.yaml.backup", "a.yaml.lock"]);
}

#[test]
fn restore_after_a_corrupting_write_brings_the_last_good_version_back_and_keeps_the_corrupt_one() {
    let folder = Folder::with("a.yaml", "# by hand\nn: 0\n");
    let file = SharedFile::at(folder.path("a.yaml"));
    set(&file, 1);
    fs::write(folder.path("a.yaml"), b"n: [1\n\xff\0").unwrap();
    let aside = file.restore(folder.path("a.yaml.backup")).unwrap().unwrap();
    assert_eq!(folder.read("a.yaml"), "# by hand\nn: 0\n");
    assert_eq!(fs::read(aside).unwrap(), b"n: [1\n\xff\0");
    set(&file, 5);
}

#[test]
fn restore_refuses_what_does_not_parse_and_what_is_no_file() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    fs::write(folder.path("a.yaml.backup"), "n: [1\n").unwrap();
    let file = SharedFile::at(folder.path("a.yaml"));
    let error = file.restore(folder.path("a.yaml.backup")).unwrap_err();
    assert!(matches!(error, FileError::Invalid { .. }));
    assert!(error.to_string().contains("a.yaml.backup:"), "{error}");
    assert!(matches!(file.restore(folder.path("gone")), Err(FileError::NotFound { .. })));
    assert!(matches!(file.restore(folder.path("")), Err(FileError::NotAFile { .. })));
    assert_eq!(folder.read("a.yaml"), "n: 0\n");
    assert!(!folder.path(".mooring").exists());
}

#[test]
fn restore_makes_a_file_that_was_removed_with_the_mode_of_its_backup() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    fs::set_permissions(folder.path("a.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    let file = SharedFile::at(folder.path("a.yaml"));
    set(&file, 1);
    fs::remove_file(folder.path("a.yaml")).unwrap();
    assert_eq!(file.restore(folder.path("a.yaml.backup")).unwrap(), None);
    assert_eq!(folder.read("a.yaml"), "n: 0\n");
    assert_eq!(fs::metadata(folder.path("a.yaml")).unwrap().permissions().mode() & 0o7777, 0o640);
}

#[test]
fn a_lock_under_another_name_is_taken_too() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    let other = lock_core::LockFile::at(folder.path("other.lock"));
    let wait = atomic_io::Wait::AtMost(TICK);
    let file = SharedFile::at(folder.path("a.yaml")).also_lock(folder.path("other.lock")).wait(wait);
    let log = atomic_io::EventLog::at(folder.path("e.yaml")).also_lock(folder.path("other.lock")).wait(wait);
    let held = other.exclusive(atomic_io::Wait::Never).unwrap();
    // Another thread: this one would only wait for itself.
    thread::scope(|scope| {
        let (file, log) = (&file, &log);
        scope.spawn(move || {
            assert!(file.update(|document| document.set("n", &1)).is_err());
            assert!(file.read_locked().is_err());
            assert!(log.append(&crate::append::event("one")).is_err());
        });
    });
    drop(held);
    // The waiters that were given up on above each have it for an instant.
    let patient = atomic_io::Wait::AtMost(Duration::from_secs(60));
    let (file, log) = (file.wait(patient), log.wait(patient));
    file.update(|document| {
        // Not "it alone": a program that another test is just starting has our descriptors until it is a program of its own.
        let own = Some(std::process::id().cast_signed());
        assert!(other.holders().iter().any(|holder| holder.pid == own));
        document.set("n", &1)
    })
    .unwrap();
    log.append(&crate::append::event("one")).unwrap();
}

#[test]
fn a_notice_says_how_a_version_was_displaced() {
    let folder = Folder::with("a.yaml", "n: 0\n");
    fs::write(folder.path(".a.yaml.new"), "half of someth").unwrap();
    let why = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&why);
    let file = SharedFile::at(folder.path("a.yaml")).notices(move |notice| {
        if let Notice::PutAside { why, .. } = notice {
            listener.lock().unwrap().push(*why);
        }
    });
    file.update(|document| document.set("n", &1)).map_err(|error| error.to_string()).unwrap();
    assert_eq!(*why.lock().unwrap(), [Displaced::KilledWriter]);
}

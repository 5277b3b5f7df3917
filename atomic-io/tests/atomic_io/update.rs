use crate::folder::Folder;
use atomic_io::{Document, DocumentError, FileError, SharedFile, UpdateError};
use lock_core::{LockFile, Wait};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn increment(document: &mut Document) -> Result<u32, DocumentError> {
    let next = document.get::<u32>("n")? + 1;
    document.set("n", &next)?;
    Ok(next)
}

#[test]
fn an_update_changes_its_value_and_keeps_the_version_before() {
    let folder = Folder::with("a.yaml", "# kept\nn: 1   # kept too\n");
    assert_eq!(SharedFile::at(folder.path("a.yaml")).update(increment).unwrap(), 2);
    assert_eq!(folder.read("a.yaml"), "# kept\nn: 2   # kept too\n");
    assert_eq!(folder.read("a.yaml.backup"), "# kept\nn: 1   # kept too\n");
    assert_eq!(folder.names(), ["a.yaml", "a.yaml.backup", "a.yaml.lock"]);
}

#[test]
fn an_update_that_changes_nothing_writes_nothing() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let inode = fs::metadata(folder.path("a.yaml")).unwrap().ino();
    let read: u32 = SharedFile::at(folder.path("a.yaml")).update(|document| document.get("n")).unwrap();
    assert_eq!(read, 1);
    assert_eq!(fs::metadata(folder.path("a.yaml")).unwrap().ino(), inode);
    assert_eq!(folder.names(), ["a.yaml", "a.yaml.lock"]);
}

#[test]
fn a_refusing_operation_leaves_everything_as_it_was() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let refused = SharedFile::at(folder.path("a.yaml")).update(|document| {
        increment(document)?;
        document.get::<u32>("missing")
    });
    assert!(matches!(refused, Err(UpdateError::Operation(DocumentError::NotFound { .. }))));
    assert_eq!(folder.read("a.yaml"), "n: 1\n");
    assert_eq!(folder.names(), ["a.yaml", "a.yaml.lock"]);
}

#[test]
fn the_mode_is_kept() {
    for mode in [0o600, 0o644, 0o664, 0o640] {
        let folder = Folder::with("a.yaml", "n: 1\n");
        fs::set_permissions(folder.path("a.yaml"), fs::Permissions::from_mode(mode)).unwrap();
        SharedFile::at(folder.path("a.yaml")).update(increment).unwrap();
        assert_eq!(fs::metadata(folder.path("a.yaml")).unwrap().mode() & 0o7777, mode);
    }
}

#[test]
fn a_file_that_does_not_parse_stays_and_its_place_is_named() {
    let broken = "n: 1\nm: \"open\\q\"\n";
    let folder = Folder::with("a.yaml", broken);
    let error = SharedFile::at(folder.path("a.yaml")).update(increment).unwrap_err();
    assert!(matches!(&error, UpdateError::File(FileError::Invalid { .. })));
    assert!(error.to_string().contains("a.yaml:2:"), "{error}");
    assert_eq!(folder.read("a.yaml"), broken);
}

#[test]
fn bytes_that_are_not_utf8_have_a_place_too() {
    let folder = Folder::with("a.yaml", "");
    fs::write(folder.path("a.yaml"), b"n: 1\nm: ab\xff\n").unwrap();
    let error = SharedFile::at(folder.path("a.yaml")).read().unwrap_err();
    assert!(error.to_string().contains("a.yaml:2:6"), "{error}");
}

/// An editor that saves by rename between our read and our save: its save stands, and the update is run on it.
#[test]
fn a_save_without_a_lock_in_between_is_not_overwritten() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let mut runs = 0;
    let seen = SharedFile::at(folder.path("a.yaml")).update(|document| {
        runs += 1;
        if runs == 1 {
            fs::write(folder.path("editor.tmp"), "n: 10\n# by hand\n").unwrap();
            fs::rename(folder.path("editor.tmp"), folder.path("a.yaml")).unwrap();
        }
        increment(document)
    });
    assert_eq!((seen.unwrap(), runs), (11, 2));
    assert_eq!(folder.read("a.yaml"), "n: 11\n# by hand\n");
    assert_eq!(folder.read("a.yaml.backup"), "n: 10\n# by hand\n");
    assert_eq!(folder.names(), ["a.yaml", "a.yaml.backup", "a.yaml.lock"]);
}

/// The same for one that writes into the file itself.
#[test]
fn a_save_in_place_in_between_is_not_overwritten() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let mut runs = 0;
    SharedFile::at(folder.path("a.yaml"))
        .update(|document| {
            runs += 1;
            if runs == 1 {
                fs::write(folder.path("a.yaml"), "n: 5\n").unwrap();
            }
            increment(document)
        })
        .unwrap();
    assert_eq!(folder.read("a.yaml"), "n: 6\n");
}

#[test]
fn who_never_stops_saving_without_a_lock_gets_an_error_and_keeps_the_last_word() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let mut saves = 100;
    let error = SharedFile::at(folder.path("a.yaml"))
        .update(|document| {
            saves += 1;
            fs::write(folder.path("a.yaml"), format!("n: {saves}\n")).unwrap();
            increment(document)
        })
        .unwrap_err();
    assert!(matches!(error, UpdateError::File(FileError::Unsettled { .. })));
    assert_eq!(folder.read("a.yaml"), format!("n: {saves}\n"));
}

/// Whoever locks after that does not see our lock, so the work done under it must not be saved. The other one here is a
/// program that does not compare: it writes back what it made of its own read.
#[test]
fn a_lock_file_removed_under_an_update_makes_it_wait_for_who_locked_since() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let (locked, other_has_locked) = mpsc::channel();
    let mut other = None;
    SharedFile::at(folder.path("a.yaml"))
        .update(|document| {
            if other.is_none() {
                fs::remove_file(folder.path("a.yaml.lock")).unwrap();
                let (file, locked) = (folder.path("a.yaml"), locked.clone());
                other = Some(thread::spawn(move || {
                    let _held = LockFile::guarding(&file).exclusive(Wait::Never).unwrap();
                    let read = fs::read_to_string(&file).unwrap();
                    locked.send(()).unwrap();
                    thread::sleep(Duration::from_millis(100));
                    fs::write(&file, read.replace('1', "2")).unwrap();
                }));
                other_has_locked.recv().unwrap();
            }
            increment(document)
        })
        .unwrap();
    other.unwrap().join().unwrap();
    assert_eq!(folder.read("a.yaml"), "n: 3\n");
}

#[test]
fn what_a_killed_writer_left_is_kept_unless_it_is_kept_elsewhere() {
    let folder = Folder::with("a.yaml", "n: 1\n");
    let file = SharedFile::at(folder.path("a.yaml"));
    fs::write(folder.path(".a.yaml.new"), "n: 1\n").unwrap();
    file.update(increment).unwrap();
    assert!(folder.recovered().is_empty());

    fs::write(folder.path(".a.yaml.new"), "half of someth").unwrap();
    file.update(increment).unwrap();
    assert_eq!(folder.read("a.yaml"), "n: 3\n");
    let recovered = folder.recovered();
    assert_eq!(recovered.len(), 1);
    assert_eq!(folder.read(&format!(".mooring/recovered/{}", recovered[0])), "half of someth");
    assert!(!folder.path(".a.yaml.new").exists());
}

use lock_core::{LockError, LockFile, Wait};
use std::error::Error;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

#[test]
fn what_is_not_a_regular_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, what: &str| {
        let error = LockFile::at(folder.path().join(name)).exclusive(Wait::Never).unwrap_err();
        assert!(matches!(error, LockError::NotALockFile { .. }), "{error:?}");
        assert!(error.to_string().contains(name) && error.to_string().contains(what), "{error}");
    };
    fs::create_dir(folder.path().join("folder.lock")).unwrap();
    check("folder.lock", "a folder");
    symlink("/etc/passwd", folder.path().join("link.lock")).unwrap();
    check("link.lock", "a symbolic link");
    assert!(Command::new("mkfifo").arg(folder.path().join("fifo.lock")).status().unwrap().success());
    check("fifo.lock", "a FIFO");
}

#[test]
fn a_writer_makes_missing_folders_and_a_reader_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("deep/er/a.lock"));
    let error = lock.shared(Wait::Never).unwrap_err();
    assert!(matches!(error, LockError::Open { .. }) && error.source().is_some());
    assert!(!folder.path().join("deep").exists());
    assert!(lock.exclusive(Wait::Never).is_ok());
}

#[test]
fn what_stands_in_a_lock_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    fs::write(&path, "somebody's record\n").unwrap();
    drop(LockFile::at(&path).exclusive(Wait::Never).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "somebody's record\n");
}

#[test]
fn a_link_is_locked_at_both_ends() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real.yaml");
    let link = folder.path().join("link.yaml");
    fs::write(&real, "").unwrap();
    symlink("real.yaml", &link).unwrap();
    let held = LockFile::guarding(&link).exclusive(Wait::Never).unwrap();
    for path in [&real, &link] {
        let mut beside = path.clone().into_os_string();
        beside.push(".lock");
        assert!(LockFile::at(beside).exclusive(Wait::Never).is_err_and(|error| error.is_contended()));
    }
    drop(held);
    assert!(LockFile::guarding(&real).exclusive(Wait::Never).is_ok());
}

#[test]
fn a_name_that_is_not_utf8_is_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"a\xff.lock"));
    assert!(LockFile::at(&path).exclusive(Wait::Never).is_ok());
    assert!(path.exists());
}

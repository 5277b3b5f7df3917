use crate::holder::until_somebody_waits_for;
use lock_core::{LockError, LockFile, Wait};
use std::fs;
use std::thread;

#[test]
fn verify_notices_a_removed_and_a_recreated_lock_file() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let held = lock.exclusive(Wait::Never).unwrap();
    held.verify().unwrap();
    fs::remove_file(lock.path()).unwrap();
    assert!(matches!(held.verify(), Err(LockError::Replaced { .. })));
    fs::write(lock.path(), "").unwrap();
    assert!(matches!(held.verify(), Err(LockError::Replaced { .. })));
}

/// Two waiters on a file that is removed under them must not end up with locks on two different files.
#[test]
fn a_waiter_whose_file_was_removed_takes_the_file_that_stands_there_now() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    for _ in 0..20 {
        let held = lock.exclusive(Wait::Forever).unwrap();
        let waiter = thread::spawn({
            let lock = lock.clone();
            move || lock.exclusive(Wait::Forever).unwrap()
        });
        until_somebody_waits_for(&lock);
        fs::remove_file(lock.path()).unwrap();
        drop(held);
        let theirs = waiter.join().unwrap();
        theirs.verify().unwrap();
        assert!(lock.exclusive(Wait::Never).is_err_and(|error| error.is_contended()));
    }
}

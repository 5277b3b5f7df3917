//! Several names of one lock.

use crate::holder::Holder;
use lock_core::{LockError, LockFile, Wait};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Wait = Wait::AtMost(Duration::from_millis(30));
/// For a lock that is to be had, but for an instant in which a waiter that was given up on takes it and gives it back.
const PATIENT: Wait = Wait::AtMost(Duration::from_secs(60));

#[test]
fn all_names_are_taken_and_given_back_together() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, old) = (folder.path().join("queue.yaml"), folder.path().join(".queue.lock"));
    let both = LockFile::guarding(&queue).also(&old);
    let held = both.exclusive(Wait::Never).unwrap();
    for name in [&LockFile::at(&old), &LockFile::guarding(&queue)] {
        assert!(name.exclusive(Wait::Never).is_err_and(|error| error.is_contended()));
    }
    drop(held);
    for name in [LockFile::at(&old), LockFile::guarding(&queue)] {
        assert!(name.exclusive(Wait::Never).is_ok());
    }
}

/// A name that cannot be locked is no lock that may be left out.
#[test]
fn a_further_name_that_names_no_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    for other in ["..", "x/..", "/"] {
        let all = lock.clone().also(folder.path().join(other));
        match all.exclusive(Wait::Never) {
            Err(error @ LockError::NotALockFile { .. }) => {
                assert!(error.to_string().contains("a folder"), "{error}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(lock.exclusive(Wait::Never).is_ok());
}

#[test]
fn if_one_cannot_be_had_none_is_kept_and_the_deadline_is_one_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a.lock", "b.lock", "c.lock"].map(|name| folder.path().join(name));
    let all = LockFile::at(&names[0]).also(&names[1]).also(&names[2]);
    let _holders = [Holder::of(&names[1]), Holder::of(&names[2])];
    let started = Instant::now();
    match all.exclusive(Wait::AtMost(Duration::from_millis(100))) {
        Err(LockError::TimedOut { path, .. }) => assert!(path.ends_with("b.lock")),
        other => panic!("{other:?}"),
    }
    assert!(started.elapsed() >= Duration::from_millis(100));
    assert!(LockFile::at(&names[0]).exclusive(Wait::Never).is_ok());
}

/// Two processes that name the same locks in another order would wait for each other for ever.
#[test]
fn the_order_in_which_names_are_given_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a.lock"), folder.path().join("b.lock"));
    thread::scope(|scope| {
        for lock in [LockFile::at(&a).also(&b), LockFile::at(&b).also(&a)] {
            scope.spawn(move || {
                for _ in 0..200 {
                    drop(lock.exclusive(PATIENT).unwrap());
                }
            });
        }
    });
}

#[test]
fn a_name_given_twice_or_by_another_way_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    let direct = folder.path().join("a.lock");
    let around = folder.path().join("sub/../a.lock");
    drop(LockFile::at(&direct).also(&around).also(&direct).exclusive(SHORT).unwrap());
}

#[test]
fn two_names_of_one_file_are_an_error_and_not_a_hang() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a.lock"), folder.path().join("b.lock"));
    fs::write(&a, "").unwrap();
    fs::hard_link(&a, &b).unwrap();
    let twice = LockFile::at(&a).also(&b).exclusive(Wait::Forever);
    assert!(matches!(twice, Err(LockError::WouldDeadlock { .. })), "{twice:?}");
}

#[test]
fn a_thread_that_waits_for_itself_is_told_and_other_threads_wait() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let held = lock.exclusive(Wait::Never).unwrap();
    for again in [lock.exclusive(Wait::Forever).map(drop), lock.shared(SHORT).map(drop)] {
        assert!(matches!(again, Err(LockError::WouldDeadlock { .. })), "{again:?}");
    }
    thread::scope(|scope| {
        let other = scope.spawn(|| lock.exclusive(SHORT).map(drop)).join().unwrap();
        assert!(other.is_err_and(|error| error.is_contended()));
    });
    drop(held);
    let shared = lock.shared(PATIENT).unwrap();
    assert!(lock.shared(SHORT).is_ok(), "shared twice is no wait");
    assert!(matches!(lock.exclusive(SHORT), Err(LockError::WouldDeadlock { .. })));
    drop(shared);
    assert!(lock.exclusive(PATIENT).is_ok());
}

/// A lock that was handed to another thread is given back there, and its taker may ask again.
#[test]
fn a_guard_may_end_in_another_thread() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let held = lock.exclusive(Wait::Never).unwrap();
    thread::spawn(move || drop(held)).join().unwrap();
    assert!(lock.exclusive(SHORT).is_ok());
}

use crate::holder::Holder;
use lock_core::{LockError, LockFile, Wait};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn shared_locks_share_and_an_exclusive_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let first = lock.shared(Wait::Never).unwrap();
    let second = lock.shared(Wait::Never).unwrap();
    assert!(lock.exclusive(Wait::Never).is_err());
    drop(first);
    assert!(lock.exclusive(Wait::Never).is_err());
    drop(second);
    let alone = lock.exclusive(Wait::Never).unwrap();
    assert!(lock.shared(Wait::Never).is_err());
    drop(alone);
}

#[test]
fn a_wait_is_not_over_early_and_names_the_lock_file() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let _holder = Holder::of(lock.path());
    let asked = Duration::from_millis(80);
    let started = Instant::now();
    let error = lock.exclusive(Wait::AtMost(asked)).unwrap_err();
    assert!(started.elapsed() >= asked);
    assert!(error.to_string().contains("a.lock"), "{error}");
    assert!(matches!(error, LockError::TimedOut { waited, .. } if waited >= asked));
}

#[test]
fn many_timeouts_on_a_stuck_lock_leave_one_thread_and_no_lock_behind() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("stuck.lock"));
    let holder = Holder::of(lock.path());
    for _ in 0..200 {
        lock.exclusive(Wait::AtMost(Duration::from_millis(1))).unwrap_err();
    }
    // Other tests of this binary may be waiting for locks of their own at the same time, each in a thread of its own.
    if let Ok(threads) = std::fs::read_dir("/proc/self/task") {
        let name = |thread: PathBuf| std::fs::read_to_string(thread.join("comm")).unwrap_or_default();
        let waiting =
            threads.filter(|thread| name(thread.as_ref().unwrap().path()) == "lock-waiter\n").count();
        assert!(waiting < 50, "{waiting} threads wait after 200 timeouts");
    }
    holder.kill();
    // The thread that is left gets the lock now, finds nobody, and must give it back.
    assert!(lock.exclusive(Wait::AtMost(Duration::from_secs(60))).is_ok());
}

#[test]
fn threads_of_one_process_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let file = folder.path().join("count");
    std::fs::write(&file, "0").unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let held = lock.exclusive(Wait::Forever).unwrap();
                    let count: u32 = std::fs::read_to_string(&file).unwrap().parse().unwrap();
                    std::fs::write(&file, (count + 1).to_string()).unwrap();
                    drop(held);
                }
            });
        }
    });
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "400");
}

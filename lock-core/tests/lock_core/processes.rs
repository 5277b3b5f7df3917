use crate::holder::{Holder, until_somebody_waits_for};
use lock_core::{LockError, LockFile, Wait};
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn another_process_is_kept_out_until_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let holder = Holder::of(lock.path());
    assert!(matches!(lock.exclusive(Wait::Never), Err(LockError::Held { .. })));
    assert!(matches!(lock.shared(Wait::Never), Err(LockError::Held { .. })));
    holder.kill();
    assert!(lock.exclusive(Wait::Never).is_ok());
}

#[test]
fn a_killed_holder_lets_a_waiter_in() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let holder = Holder::of(lock.path());
    let waiter = std::thread::spawn({
        let lock = lock.clone();
        move || lock.exclusive(Wait::AtMost(Duration::from_secs(60))).map(|held| held.waited())
    });
    until_somebody_waits_for(&lock);
    let seen = Instant::now();
    std::thread::sleep(Duration::from_millis(50));
    assert!(!waiter.is_finished());
    let at_least = seen.elapsed();
    holder.kill();
    assert!(waiter.join().unwrap().unwrap() >= at_least);
}

/// `flock` is part of util-linux; there is none elsewhere.
#[cfg(target_os = "linux")]
#[test]
fn flock_the_command_is_excluded_too() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let theirs = || Command::new("flock").arg("-n").arg(lock.path()).arg("true").status().unwrap().success();
    let held = lock.exclusive(Wait::Never).unwrap();
    assert!(!theirs());
    drop(held);
    assert!(theirs());
}

/// In a process of its own: what other tests start at that moment would inherit the lock as well.
#[test]
fn a_started_program_does_not_keep_the_lock_unless_asked_to() {
    if std::env::var_os("ALONE").is_some() {
        return a_lock_is_inherited_when_asked();
    }
    let name = "processes::a_started_program_does_not_keep_the_lock_unless_asked_to";
    let alone = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env("ALONE", "yes")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&alone.stdout);
    assert!(alone.status.success() && said.contains("1 passed"), "{said}");
}

fn a_lock_is_inherited_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let lock = LockFile::at(folder.path().join("a.lock"));
    let sleeper = || Command::new("sleep").arg("60").spawn().unwrap();

    let held = lock.exclusive(Wait::Never).unwrap();
    let mut child = sleeper();
    drop(held);
    assert!(lock.exclusive(Wait::Never).is_ok());
    child.kill().unwrap();
    child.wait().unwrap();

    let mut held = lock.exclusive(Wait::Never).unwrap();
    held.inherit_on_exec().unwrap();
    let mut child = sleeper();
    drop(held);
    assert!(lock.exclusive(Wait::Never).is_err_and(|error| error.is_contended()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lock.exclusive(Wait::Never).is_ok());
}

//! Who has the lock and who waits, also when they are other people's programs.

use crate::holder::{Holder, until};
use lock_core::{LockError, LockFile, LockMode, Wait};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn lock_in(folder: &tempfile::TempDir) -> LockFile {
    LockFile::at(folder.path().join("a.lock"))
}

/// A shell that has locked descriptor 200 by the command `flock`, which has ended by then.
fn bash(lock: &Path, options: &str) -> Child {
    let script = format!("exec 200>>\"$0\"; flock {options} 200; exec sleep 60");
    Command::new("bash").args(["-c", &script]).arg(lock).stdin(Stdio::null()).spawn().unwrap()
}

/// Until the scripts have the lock and are sleeping; before that, `flock` has it too.
fn until_only_these_hold(lock: &LockFile, scripts: &[Child]) {
    let mut pids: Vec<_> = scripts.iter().map(|script| Some(script.id().cast_signed())).collect();
    pids.sort_unstable();
    until("only they have the lock", || {
        let mut holders = lock.holders();
        holders.sort_unstable_by_key(|holder| holder.pid);
        let found: Vec<_> = holders.iter().map(|holder| holder.pid).collect();
        found == pids && holders.iter().all(|holder| holder.command.contains("sleep 60"))
    });
}

#[test]
fn a_bash_script_is_a_holder_although_the_kernel_names_a_dead_process() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    let mut script = bash(lock.path(), "-x");
    until_only_these_hold(&lock, std::slice::from_ref(&script));
    let holders = lock.holders();
    assert_eq!(holders.len(), 1);
    assert_eq!(holders[0].pid, Some(script.id().cast_signed()));
    assert_eq!(holders[0].mode, LockMode::Exclusive);
    let error = lock.exclusive(Wait::AtMost(Duration::from_millis(20))).unwrap_err();
    assert!(error.to_string().contains("sleep 60"), "{error}");
    script.kill().unwrap();
    script.wait().unwrap();
    // The waiter that was given up on above has it for an instant.
    until("nobody has it", || lock.holders().is_empty());
}

#[test]
fn everybody_who_shares_the_lock_is_a_holder_and_who_waits_is_a_waiter() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    let mut scripts = [bash(lock.path(), "-s"), bash(lock.path(), "-s")];
    until_only_these_hold(&lock, &scripts);
    assert!(lock.holders().iter().all(|holder| holder.mode == LockMode::Shared));
    let mut waiter = Command::new("flock").args(["-x"]).arg(lock.path()).arg("true").spawn().unwrap();
    until("flock waits", || !lock.waiters().is_empty());
    let waiters = lock.waiters();
    assert_eq!((waiters[0].pid, waiters[0].mode), (Some(waiter.id().cast_signed()), LockMode::Exclusive));
    for script in &mut scripts {
        script.kill().unwrap();
        script.wait().unwrap();
    }
    waiter.wait().unwrap();
    assert_eq!((lock.holders(), lock.waiters()), (Vec::new(), Vec::new()));
}

#[test]
fn a_timeout_names_the_holder_and_not_the_one_in_an_old_record() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    drop(lock.exclusive(Wait::Never).unwrap());
    let recorded = lock.record().unwrap().unwrap().process.unwrap().pid;
    assert_eq!(recorded, std::process::id().cast_signed());
    let _holder = Holder::of_without_record(lock.path());
    match lock.exclusive(Wait::AtMost(Duration::from_millis(20))) {
        Err(LockError::TimedOut { holder: Some(holder), .. }) => assert_ne!(holder.pid, Some(recorded)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lock_without_a_file_has_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    assert_eq!((lock.holders(), lock.waiters()), (Vec::new(), Vec::new()));
    assert_eq!(lock.record().unwrap(), None);
}

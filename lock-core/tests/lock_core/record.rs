//! The record in the lock file: for people, robust against everybody, and never in the way of the lock.

use crate::holder::Holder;
use lock_core::{LockFile, LockRecord, ProcessIdentity, Wait};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

fn lock_in(folder: &tempfile::TempDir) -> LockFile {
    LockFile::at(folder.path().join("a.lock"))
}

fn totals(lock: &LockFile) -> lock_core::LockTotals {
    lock.record().unwrap().unwrap().totals
}

#[test]
fn the_holder_is_named_while_it_holds_and_the_release_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    let held = lock.exclusive(Wait::Never).unwrap();
    let record = lock.record().unwrap().unwrap();
    assert_eq!(record.process, Some(ProcessIdentity::own()));
    assert!(record.since.is_some() && record.released.is_none());
    assert!(record.command.contains("lock_core"), "{}", record.command);
    drop(held);
    let record = lock.record().unwrap().unwrap();
    assert!(record.released >= record.since);
    assert_eq!(record.totals.acquisitions, 1);
}

#[test]
fn every_line_is_text_and_the_size_is_always_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let held = lock.exclusive(Wait::Never).unwrap();
        let content = fs::read(lock.path()).unwrap();
        assert!(content.iter().all(|byte| *byte == b'\n' || (0x20..0x7f).contains(byte)));
        sizes.push(content.len());
        drop(held);
        sizes.push(fs::read(lock.path()).unwrap().len());
    }
    sizes.dedup();
    assert_eq!(sizes.len(), 1);
}

/// Whoever may write into the folder may write any number into the record; the lock of others must not depend on it.
#[test]
fn numbers_at_their_end_stay_there() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    drop(lock.exclusive(Wait::Never).unwrap());
    let record = fs::read_to_string(lock.path()).unwrap();
    let most = u64::MAX.to_string();
    let enormous: Vec<String> = (record.trim_end().lines())
        .map(|line| match line.split_once(": ") {
            Some(("waits", _)) => format!("waits: {:?}", [u64::MAX; 8]),
            Some((key, value)) if key != "pid" && value.parse::<u64>().is_ok() => format!("{key}: {most}"),
            _ => line.to_owned(),
        })
        .collect();
    let enormous = format!("{:<1023}\n", enormous.join("\n") + "\n");
    fs::write(lock.path(), format!("{enormous}# mooring lock: gave up after 1.0 s: pid 1\n")).unwrap();
    let holder = Holder::of(lock.path());
    let waiter = Holder::in_line_for(&lock);
    holder.give_back();
    waiter.holding().give_back();
    drop(lock.exclusive(Wait::Never).unwrap());
    let totals = totals(&lock);
    assert_eq!((totals.acquisitions, totals.contended, totals.timed_out), (u64::MAX, u64::MAX, u64::MAX));
    assert_eq!(totals.waits, [u64::MAX; 8]);
    let times = [totals.waited, totals.longest_wait, totals.held, totals.longest_hold];
    assert_eq!(times, [Duration::from_micros(u64::MAX); 4]);
}

#[test]
fn waits_holds_and_those_who_gave_up_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    let holder = Holder::of(lock.path());
    for _ in 0..3 {
        lock.exclusive(Wait::AtMost(Duration::from_millis(5))).unwrap_err();
    }
    let text = fs::read_to_string(lock.path()).unwrap();
    assert_eq!(text.matches("gave up after").count(), 3, "{text}");
    assert!(LockRecord::is_all_of(text.as_bytes()));
    let waiter = Holder::in_line_for(&lock);
    holder.kill();
    waiter.holding().give_back();
    let found = totals(&lock);
    assert_eq!((found.acquisitions, found.contended, found.timed_out), (2, 1, 3));
    assert_eq!(found.waits.iter().sum::<u64>(), 1);
    assert!(found.longest_wait > Duration::ZERO && found.waited == found.longest_wait);
}

/// `open(…, 'w')`, as Python programs do, at the three moments that there are.
#[test]
fn a_foreign_truncation_costs_the_totals_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    drop(lock.exclusive(Wait::Never).unwrap());
    let held = lock.exclusive(Wait::Never).unwrap();
    drop(File::create(lock.path()).unwrap());
    drop(held);
    assert_eq!(totals(&lock).acquisitions, 2, "what the holder knew is written again");
    drop(File::create(lock.path()).unwrap());
    drop(lock.exclusive(Wait::Never).unwrap());
    assert_eq!(totals(&lock).acquisitions, 1, "counted anew");
}

/// A holder shortens the file after those who gave up wrote in it. If another program empties it right before, that makes zeros; and
/// the holder may be killed right after.
#[test]
fn zeros_in_place_of_a_record_are_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    let zeros = vec![0; 1024];
    for rest in ["", "# mooring lock: gave up after 0.1 s: pid 1 at 2026-11-23T12:00:00Z\n"] {
        let content = [&zeros, rest.as_bytes()].concat();
        assert!(LockRecord::is_all_of(&content));
        fs::write(lock.path(), content).unwrap();
        drop(lock.exclusive(Wait::Never).unwrap());
        assert_eq!((totals(&lock).acquisitions, totals(&lock).timed_out), (1, u64::from(!rest.is_empty())));
    }
}

#[test]
fn foreign_content_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    for content in ["4711\n", "[[package]]\nname = \"a\"\n", "\0\0\0"] {
        fs::write(lock.path(), content).unwrap();
        drop(lock.exclusive(Wait::Never).unwrap());
        assert_eq!(fs::read_to_string(lock.path()).unwrap(), content);
        assert!(!LockRecord::is_all_of(content.as_bytes()), "{content}");
    }
}

#[test]
fn a_record_with_garbage_behind_it_is_read_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    drop(lock.exclusive(Wait::Never).unwrap());
    let mut content = fs::read(lock.path()).unwrap();
    content.extend_from_slice(b"4711\n");
    fs::write(lock.path(), &content).unwrap();
    assert_eq!(totals(&lock).acquisitions, 1);
    drop(lock.exclusive(Wait::Never).unwrap());
    assert_eq!(fs::read(lock.path()).unwrap(), content);
}

/// Whatever stands where a number belongs, the lock is taken and the rest of the record is read.
#[test]
fn any_cut_or_changed_byte_fails_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    drop(lock.exclusive(Wait::Never).unwrap());
    let whole = fs::read(lock.path()).unwrap();
    for at in 0..whole.len() {
        fs::write(lock.path(), &whole[..at]).unwrap();
        drop(lock.exclusive(Wait::Never).unwrap());
        let mut changed = whole.clone();
        changed[at] = 0xff;
        fs::write(lock.path(), &changed).unwrap();
        drop(lock.exclusive(Wait::Never).unwrap());
        let _ = lock.record().unwrap();
    }
}

#[test]
fn a_lock_file_that_may_only_be_read_is_locked_without_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    fs::write(lock.path(), "").unwrap();
    fs::set_permissions(lock.path(), fs::Permissions::from_mode(0o444)).unwrap();
    drop(lock.exclusive(Wait::Never).unwrap());
    // Root is not held back by the mode, and writes its record.
    if !rustix::process::geteuid().is_root() {
        assert_eq!(fs::read(lock.path()).unwrap(), b"");
    }
}

#[test]
fn without_a_record_and_for_shared_locks_the_file_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let lock = lock_in(&folder);
    drop(lock.clone().without_record().exclusive(Wait::Never).unwrap());
    drop(lock.shared(Wait::Never).unwrap());
    assert_eq!(fs::read(lock.path()).unwrap(), b"");
    fs::write(lock.path(), "").unwrap();
    drop(lock.exclusive_on_existing(Wait::Never).unwrap());
    drop(lock.shared_on_existing(Wait::Never).unwrap());
    assert_eq!(fs::read(lock.path()).unwrap(), b"", "a file with data is not written to");
}

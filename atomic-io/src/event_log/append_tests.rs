//! What happens between the look and the write of one append, one event at a time.

use super::EventLog;
use super::append::{Append, End, Outcome};
use super::record::Record;
use crate::target::Target;
use lock_core::{ExclusiveLock, LockFile, Wait};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// A log with one record, and an append to it that has looked at its end.
struct Halfway {
    _folder: tempfile::TempDir,
    path: PathBuf,
    target: Target,
    lock: ExclusiveLock,
    file: File,
    len: u64,
}

impl Halfway {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("e.yaml");
        EventLog::at(&path).append(&BTreeMap::from([("id", "one")])).unwrap();
        let lock = LockFile::guarding(&path).exclusive(Wait::Never).unwrap();
        let target = Target::resolve(&path).unwrap();
        let End::Sound(file, len) = (Append { target: &target, lock: &lock }).look(Instant::now()).unwrap()
        else {
            panic!("not sound")
        };
        Self { _folder: folder, path, target, lock, file, len }
    }

    fn write(&self) -> Outcome {
        let append = Append { target: &self.target, lock: &self.lock };
        append.write(self.file.try_clone().unwrap(), self.len, two().stamped.as_bytes()).unwrap()
    }

    fn still_to_write(&self) -> usize {
        let mut records = vec![two()];
        Append { target: &self.target, lock: &self.lock }.drop_present(&mut records).unwrap();
        records.len()
    }
}

fn two() -> Record {
    Record::of(&BTreeMap::from([("id", "two")])).unwrap()
}

fn append_foreign(path: &Path, text: &str) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn ids(path: &Path) -> Vec<String> {
    let read = EventLog::at(path).read().unwrap();
    read.records.iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_log_that_stayed_the_log_has_the_record() {
    let half = Halfway::new();
    assert_eq!(half.still_to_write(), 1);
    assert_eq!(half.write(), Outcome::Recorded);
    assert_eq!(half.still_to_write(), 0);
    assert_eq!(ids(&half.path), ["one", "two"]);
}

/// Some editors begin every file with one.
#[test]
fn a_log_may_begin_with_a_byte_order_mark() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.yaml");
    fs::write(&path, "\u{feff}- {id: theirs}\n").unwrap();
    let log = EventLog::at(&path);
    assert_eq!(log.read().unwrap().records.len(), 1);
    for id in ["one", "two"] {
        log.append(&BTreeMap::from([("id", id)])).unwrap();
    }
    assert_eq!(ids(&path), ["theirs", "one", "two"]);
    assert!(fs::read(&path).unwrap().starts_with("\u{feff}".as_bytes()));
}

#[test]
fn half_a_foreign_record_that_came_before_ours_does_not_swallow_it() {
    for torn in ["- id: \"torn", "- id: 'torn\n", "x"] {
        let half = Halfway::new();
        append_foreign(&half.path, "- id: theirs\n");
        append_foreign(&half.path, torn);
        assert_eq!(half.write(), Outcome::Recorded);
        assert_eq!(ids(&half.path), ["one", "theirs", "two"], "{torn:?}");
        // For readers that know nothing of stamps too.
        let text = fs::read_to_string(&half.path).unwrap();
        assert_eq!(serde_yaml::from_str::<Vec<Value>>(&text).unwrap().len(), 3, "{text}");
    }
}

#[test]
fn a_log_that_was_replaced_gets_the_record_again_unless_it_has_it() {
    let half = Halfway::new();
    fs::write(half.path.with_extension("new"), "- {id: one}\n").unwrap();
    fs::rename(half.path.with_extension("new"), &half.path).unwrap();
    assert_eq!(half.write(), Outcome::Displaced);
    assert_eq!(half.still_to_write(), 1);
    // Somebody who had read it after our write dumped it again, in a style of his own.
    fs::write(&half.path, "- {id: one}\n- {'id': \"two\"}\n").unwrap();
    assert_eq!(half.still_to_write(), 0);
    fs::remove_file(&half.path).unwrap();
    assert_eq!(half.write(), Outcome::Displaced);
    assert_eq!(half.still_to_write(), 1);
}

#[test]
fn a_log_whose_lock_file_was_removed_is_looked_at_again() {
    let half = Halfway::new();
    fs::remove_file(half.lock.path()).unwrap();
    assert_eq!(half.write(), Outcome::Displaced);
    assert_eq!(half.still_to_write(), 0);
}

#[test]
fn a_log_that_became_shorter_is_looked_at_again() {
    let half = Halfway::new();
    OpenOptions::new().write(true).truncate(true).open(&half.path).unwrap();
    assert_eq!(half.write(), Outcome::Displaced);
}

/// A busy machine may keep the other program from going on in time; then it is tried again.
#[test]
fn a_record_that_another_program_is_writing_right_now_is_waited_for() {
    let waited_for = (0..10).any(|_| {
        let half = Halfway::new();
        drop(half.lock);
        append_foreign(&half.path, "- id: the");
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(10));
                append_foreign(&half.path, "irs\n");
            });
            EventLog::at(&half.path).append(&BTreeMap::from([("id", "two")])).unwrap();
        });
        ids(&half.path) == ["one", "theirs", "two"]
    });
    assert!(waited_for);
}

//! Appending to real files, with other programs at work beside us.

use crate::folder::Folder;
use atomic_io::{EventError, EventLog, FileError, LockError, Wait};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) fn event(id: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("id", id.to_owned()), ("timestamp", "2026-11-23T04:11:09Z".to_owned())])
}

fn ids(path: &Path) -> Vec<String> {
    let read = EventLog::at(path).read().unwrap();
    assert!(!read.unfinished);
    read.records.iter().map(|record| record["id"].as_str().unwrap_or("?").to_owned()).collect()
}

fn append_foreign(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Appends to a file with this content, twice: what was read before must be read after, then both events.
fn check(content: &str, before: &[&str]) -> Folder {
    let folder = Folder::with("e.yaml", content);
    let log = EventLog::at(folder.path("e.yaml"));
    log.append(&event("one")).unwrap_or_else(|error| panic!("{content:?}: {error}"));
    log.append(&event("two")).unwrap();
    assert_eq!(ids(log.path()), [before, &["one", "two"]].concat(), "{}", folder.read("e.yaml"));
    folder
}

#[test]
fn a_missing_file_is_created_like_any_program_would_and_appended_to() {
    let folder = Folder::with("other", "");
    let log = EventLog::at(folder.path("logs/e.yaml"));
    log.append(&event("one")).unwrap();
    let created = fs::metadata(log.path()).unwrap();
    log.append_all(&[event("two"), event("three")]).unwrap();
    assert_eq!(ids(log.path()), ["one", "two", "three"]);
    assert_eq!(fs::metadata(log.path()).unwrap().ino(), created.ino(), "appending replaced the file");
    File::create(folder.path("plain")).unwrap();
    let plain = fs::metadata(folder.path("plain")).unwrap();
    assert_eq!(created.permissions().mode(), plain.permissions().mode());
    assert_eq!(
        folder.read("logs/e.yaml").lines().take(4).collect::<Vec<_>>(),
        [
            "#@1 0000002e 3f784055",
            "- id: one",
            "  timestamp: \"2026-11-23T04:11:09Z\"",
            "#@1 0000002e f9e2f475"
        ]
    );
}

#[test]
fn no_events_change_nothing_and_take_no_lock() {
    let folder = Folder::with("other", "");
    EventLog::at(folder.path("e.yaml")).append_all(&Vec::<BTreeMap<&str, &str>>::new()).unwrap();
    assert_eq!(folder.names(), ["other"]);
}

#[test]
fn lists_that_others_wrote_are_brought_into_shape_and_keep_their_comments() {
    check("", &[]);
    check("[]\n", &[]);
    let folder = check("# Events of the queue\n[]  # none yet\n", &[]);
    assert!(folder.read("e.yaml").starts_with("# Events of the queue\n# none yet\n#@1 "));
    assert_eq!(folder.read("e.yaml.backup"), "# Events of the queue\n[]  # none yet\n");
    check("# Events", &[]);
    check("- id: a\n  when: 2026-02-03T21:40:32+0000\n- id: b", &["a", "b"]);
    let folder = check("  - id: a\n    note: |\n      text\n  # why\n  - id: b\n", &["a", "b"]);
    assert!(folder.read("e.yaml").starts_with("- id: a\n  note: |\n    text\n# why\n- id: b\n#@1 "));
}

#[test]
fn what_is_no_list_or_does_not_parse_is_an_error_with_its_place_and_stays() {
    let refused = |content: &[u8]| {
        let folder = Folder::with("e.yaml", "");
        fs::write(folder.path("e.yaml"), content).unwrap();
        let error = EventLog::at(folder.path("e.yaml")).append(&event("one")).unwrap_err();
        assert_eq!(fs::read(folder.path("e.yaml")).unwrap(), content);
        assert_eq!(folder.names(), ["e.yaml", "e.yaml.lock"]);
        assert!(!error.is_recorded());
        let text = error.to_string();
        text[text.find("e.yaml:").unwrap_or_else(|| panic!("{text}"))..].to_owned()
    };
    assert!(refused(b"# log\nevents:\n- id: a\n").starts_with("e.yaml:2: the file holds a mapping"));
    assert!(refused(b"[{id: a}]\n").starts_with("e.yaml:1: the list is written in brackets"));
    let error = refused(b"- id: a\n- id: \"open\n");
    assert!(error.contains("e.yaml:3:1: ") || error.contains("e.yaml:2:"), "{error}");
    assert!(refused(b"- id: a\n- id: \xff\n").starts_with("e.yaml:2:7: "));
    let error = refused(b"- id: a\n\0\0\0\n");
    assert!(error.starts_with("e.yaml:2:1: "), "{error}");
}

#[test]
fn a_torn_record_is_put_aside_byte_for_byte_and_the_file_never_shrinks() {
    let folder = check("", &[]);
    let whole = folder.read("e.yaml");
    let torn = &whole[whole.rfind("#@1").unwrap()..whole.len() - 5];
    append_foreign(&folder.path("e.yaml"), torn);
    let log = EventLog::at(folder.path("e.yaml"));
    let read = log.read().unwrap();
    assert!(read.unfinished && read.records.len() == 2);
    let length = fs::metadata(log.path()).unwrap().len();
    log.append(&event("three")).unwrap();
    assert_eq!(ids(log.path()), ["one", "two", "three"]);
    let content = folder.read("e.yaml");
    assert!(content.starts_with(&whole));
    assert_eq!(content.as_bytes()[usize::try_from(length).unwrap()..][..4], *b"#@1 ");
    let aside = folder.recovered();
    assert_eq!(aside.len(), 1);
    assert_eq!(folder.read(&format!(".mooring/recovered/{}", aside[0])), torn);
}

/// Killed in the one replacement that a log without stamps goes through.
#[test]
fn what_a_killed_writer_left_beside_a_log_is_cleared_or_put_aside_by_the_next_append() {
    let folder = check("- id: a\n", &["a"]);
    let log = EventLog::at(folder.path("e.yaml"));
    fs::copy(log.path(), folder.path(".e.yaml.new")).unwrap();
    log.append(&event("three")).unwrap();
    assert!(folder.recovered().is_empty() && !folder.path(".e.yaml.new").exists());
    fs::write(folder.path(".e.yaml.new"), "- id: other\n").unwrap();
    log.append(&event("four")).unwrap();
    assert_eq!(folder.recovered().len(), 1);
    assert!(!folder.path(".e.yaml.new").exists());
    // One that is at work has its temporary locked.
    fs::write(folder.path(".e.yaml.new"), "- id: other\n").unwrap();
    let writer = lock_core::LockFile::at(folder.path(".e.yaml.new")).without_record();
    let held = writer.exclusive_on_existing(Wait::Never).unwrap();
    log.append(&event("five")).unwrap();
    assert!(folder.path(".e.yaml.new").exists());
    drop(held);
    fs::remove_file(log.path()).unwrap();
    log.append(&event("six")).unwrap();
    assert_eq!(ids(log.path()), ["six"]);
    assert_eq!(folder.recovered().len(), 2);
}

#[test]
fn records_and_comments_that_others_append_stay_and_their_torn_ones_go_aside() {
    let folder = check("", &[]);
    let path = folder.path("e.yaml");
    append_foreign(&path, "- id: theirs\r\n# a note\n");
    EventLog::at(&path).append(&event("three")).unwrap();
    assert_eq!(folder.recovered(), [""; 0]);
    append_foreign(&path, "- id: cut off, without a line br");
    EventLog::at(&path).append(&event("four")).unwrap();
    append_foreign(&path, "eak\n- id: whole\n");
    EventLog::at(&path).append(&event("five")).unwrap();
    assert_eq!(ids(&path), ["one", "two", "theirs", "three", "four", "whole", "five"]);
    assert_eq!(folder.recovered().len(), 2);
    assert!(folder.read("e.yaml").contains("# a note\n"));
}

#[test]
fn a_foreign_record_that_quotes_lines_of_the_log_stays_whole() {
    for is_verbatim in [true, false] {
        let folder = check("", &[]);
        let path = folder.path("e.yaml");
        let quoted = folder.read("e.yaml");
        let quoted = if is_verbatim { quoted } else { quoted.replace('"', "") };
        let theirs = format!("- id: theirs\n  note: 'seen:\n{quoted}'\n");
        append_foreign(&path, &theirs);
        for id in ["three", "four", "five"] {
            assert!(!EventLog::at(&path).read().unwrap().unfinished);
            EventLog::at(&path).append(&event(id)).unwrap();
        }
        assert_eq!(ids(&path), ["one", "two", "theirs", "three", "four", "five"]);
        assert!(folder.read("e.yaml").contains(&theirs));
        assert_eq!(folder.recovered(), [""; 0]);
    }
}

#[test]
fn a_log_that_would_not_parse_when_healed_stays_as_it_is() {
    let folder = check("", &[]);
    let path = folder.path("e.yaml");
    let before = format!("- id: \"open\n{}torn", folder.read("e.yaml"));
    fs::write(&path, &before).unwrap();
    let error = EventLog::at(&path).append(&event("three")).unwrap_err();
    assert!(matches!(error, EventError::File(FileError::Invalid { .. })), "{error}");
    assert_eq!(folder.read("e.yaml"), before);
    assert_eq!(folder.recovered(), [""; 0]);
}

#[test]
fn a_log_that_another_program_dumped_again_is_appended_to() {
    let folder = check("", &[]);
    let path = folder.path("e.yaml");
    fs::write(&path, "- {id: one}\n- id: two\n  timestamp: '2026'\n").unwrap();
    EventLog::at(&path).append(&event("three")).unwrap();
    assert_eq!(ids(&path), ["one", "two", "three"]);
}

#[test]
fn an_event_must_be_a_mapping() {
    let folder = Folder::with("other", "");
    let log = EventLog::at(folder.path("e.yaml"));
    assert!(matches!(log.append("text"), Err(EventError::Emit { .. })));
    assert!(matches!(
        log.append_all(&[BTreeMap::from([("a", 1)]), BTreeMap::new()]),
        Err(EventError::Emit { .. })
    ));
    assert_eq!(folder.names(), ["other"]);
}

#[test]
fn what_cannot_be_a_log_is_named() {
    let folder = Folder::with("other", "");
    fs::create_dir(folder.path("e.yaml")).unwrap();
    let error = EventLog::at(folder.path("e.yaml")).append(&event("one")).unwrap_err();
    assert!(error.to_string().ends_with("e.yaml is a folder, not a regular file"));
    symlink("gone", folder.path("link.yaml")).unwrap();
    let error = EventLog::at(folder.path("link.yaml")).append(&event("one")).unwrap_err();
    assert!(matches!(error, EventError::File(FileError::DanglingLink { .. })));
    let error = EventLog::at(folder.path("missing.yaml")).read().unwrap_err();
    assert!(matches!(error, EventError::File(FileError::NotFound { .. })));
}

#[test]
fn a_held_lock_is_waited_for_no_longer_than_asked() {
    let folder = check("", &[]);
    let log = EventLog::at(folder.path("e.yaml")).wait(Wait::AtMost(Duration::from_millis(30)));
    let held = lock_core::LockFile::guarding(log.path()).exclusive(Wait::Never).unwrap();
    // Another thread: this one would only wait for itself.
    let appended = thread::scope(|scope| scope.spawn(|| log.append(&event("three"))).join().unwrap());
    let error = appended.unwrap_err();
    assert!(matches!(error, EventError::File(FileError::Lock(LockError::TimedOut { .. }))), "{error}");
    // Reading takes no lock.
    assert_eq!(ids(log.path()), ["one", "two"]);
    drop(held);
}

#[test]
fn a_link_is_followed_and_what_is_torn_goes_beside_the_real_file() {
    let folder = Folder::with("other", "");
    fs::create_dir(folder.path("real")).unwrap();
    fs::write(folder.path("real/e.yaml"), "- id: a\n").unwrap();
    symlink("real/e.yaml", folder.path("link.yaml")).unwrap();
    let log = EventLog::at(folder.path("link.yaml"));
    log.append(&event("one")).unwrap();
    append_foreign(log.path(), "torn");
    log.append(&event("two")).unwrap();
    assert_eq!(ids(&folder.path("real/e.yaml")), ["a", "one", "two"]);
    assert!(folder.path("real/.mooring/recovered").is_dir());
    assert!(fs::symlink_metadata(log.path()).unwrap().is_symlink());
}

/// Threads lock as processes do: a lock belongs to the open file. The antagonist removes the lock file all the time, so several
/// append at once, and heal what another one is just writing.
#[test]
fn nothing_acknowledged_is_lost_while_the_lock_file_is_removed_and_others_append() {
    let folder = check("", &[]);
    let path = &folder.path("e.yaml");
    let (stop, appended) = (&AtomicBool::new(false), &AtomicUsize::new(0));
    let mut expected: Vec<String> = thread::scope(|scope| {
        scope.spawn(|| {
            let (mut number, mut seen) = (0, 0);
            while !stop.load(Ordering::Relaxed) && number < 5000 {
                // Somebody must have come through since the last time: where a sync takes longer than our pause nobody would.
                let now = appended.load(Ordering::Relaxed);
                if std::mem::replace(&mut seen, now) == now && number > 0 {
                    thread::sleep(Duration::from_millis(1));
                    continue;
                }
                let _ = fs::remove_file(folder.path("e.yaml.lock"));
                number += 1;
                // Whole, and torn with and without a line break.
                append_foreign(path, &format!("- id: foreign-{number}\n"));
                append_foreign(path, ["- id: \"torn", "torn\n", "\0", "- id: \"torn\n"][number % 4]);
                thread::sleep(Duration::from_millis(20));
            }
        });
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                scope.spawn(move || {
                    let ids: Vec<_> = (0..15).map(|number| format!("{writer}-{number}")).collect();
                    let log = EventLog::at(path).wait(Wait::Forever);
                    for id in &ids {
                        log.append(&event(id)).unwrap();
                        appended.fetch_add(1, Ordering::Relaxed);
                    }
                    ids
                })
            })
            .collect();
        let acknowledged: Vec<_> = writers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        stop.store(true, Ordering::Relaxed);
        acknowledged.into_iter().flat_map(|ids| ids.expect("every append succeeds")).collect()
    });
    EventLog::at(path).append(&event("last")).unwrap();
    let mut found = ids(path);
    found.retain(|id| id.starts_with(|c: char| c.is_ascii_digit()));
    // Who finds its lock file removed appends again, but not what is there already.
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

/// Counted in bytes, which are the same on every machine.
#[cfg(target_os = "linux")]
#[test]
fn the_cost_of_an_append_does_not_grow_with_the_log() {
    let folder = Folder::with("e.yaml", "");
    let record = "- timestamp: \"2026-11-23T04:11:09Z\"\n  type: claimed\n  task_id: TASK-1\n  agent: a\n";
    fs::write(folder.path("e.yaml"), record.repeat(20_000)).unwrap();
    let log = EventLog::at(folder.path("e.yaml"));
    log.append(&event("first")).unwrap();
    let before = read_and_written();
    for number in 0..20 {
        log.append(&event(&number.to_string())).unwrap();
    }
    let each = (read_and_written() - before) / 20;
    assert!((1..200_000).contains(&each), "{each} bytes for an append to {} of them", 20_000 * record.len());
}

/// How many bytes this thread has read and written until now.
#[cfg(target_os = "linux")]
fn read_and_written() -> usize {
    let counts = fs::read_to_string("/proc/thread-self/io").unwrap();
    let count = |name: &str| counts.lines().find_map(|line| line.strip_prefix(name)?.parse::<usize>().ok());
    count("rchar: ").unwrap() + count("wchar: ").unwrap()
}

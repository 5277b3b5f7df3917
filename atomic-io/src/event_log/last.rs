//! Reading the last records of a log, without the rest of it.

use super::error::EventError;
use super::read::{self, Events};
use super::stamp::{LEN, START, Stamp};
use super::tail::read_range;
use crate::FileError;
use crate::target::Target;
use memchr::memmem;
use std::fs::File;
use std::io::{self, ErrorKind};

/// How much is read at first. Each further look is eight times as long, so all looks together are little more than the last one.
const FIRST_LOOK: u64 = 64 * 1024;
/// How often is begun anew because somebody made the file shorter while it was read.
const ATTEMPTS: u32 = 100;

/// The last `count` records of the log at `target`.
pub(super) fn last(target: &Target, count: usize) -> Result<Events, EventError> {
    for _ in 0..ATTEMPTS {
        match look_back(target, &target.open()?, count) {
            Ok(outcome) => return outcome,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
            Err(source) => return Err(FileError::Read { path: target.given.clone(), source }.into()),
        }
    }
    Err(FileError::Unsettled { path: target.given.clone(), times: ATTEMPTS }.into())
}

fn look_back(target: &Target, file: &File, count: usize) -> io::Result<Result<Events, EventError>> {
    let size = file.metadata()?.len();
    let mut look = FIRST_LOOK;
    loop {
        let from = size.saturating_sub(look);
        let bytes = read_range(file, from, size)?;
        if from == 0 {
            return Ok(read::events(target, bytes).map(|events| shortened(events, count)));
        }
        // What does not parse from the stamp on, or seems torn, may be sound as a whole, if the stamp stands in a text. The whole log
        // decides.
        let part = first_record(&bytes).and_then(|at| read::events(target, bytes[at..].to_vec()).ok());
        if let Some(events) = part.filter(|events| !events.unfinished && events.records.len() >= count) {
            return Ok(Ok(shortened(events, count)));
        }
        look = look.saturating_mul(8);
    }
}

/// Where the first whole record of ours begins: a line that is a stamp, with the body that it promises.
fn first_record(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, START).find(|&at| {
        let begins_line = at > 0 && bytes[at - 1] == b'\n';
        // An anchor without a body vouches for nothing behind it.
        let len = Stamp::parse(&bytes[at..]).and_then(|stamp| stamp.whole_len(&bytes[at..]));
        begins_line && len.is_some_and(|len| len > LEN)
    })
}

fn shortened(mut events: Events, count: usize) -> Events {
    events.records.drain(..events.records.len().saturating_sub(count));
    events
}

#[cfg(test)]
mod tests {
    use super::super::EventLog;
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::path::PathBuf;

    /// A log of `count` records with a number and a text of `size` characters each.
    fn log(count: usize, size: usize) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.yaml");
        let events: Vec<_> = (0..count)
            .map(|n| std::collections::BTreeMap::from([("n", n.to_string()), ("text", "x".repeat(size))]))
            .collect();
        EventLog::at(&path).append_all(&events).unwrap();
        (folder, path)
    }

    fn numbers(path: &PathBuf, count: usize) -> Vec<String> {
        let events = EventLog::at(path).last(count).unwrap();
        events.records.iter().map(|record| record["n"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_last_records_are_those_of_a_whole_read() {
        let (_folder, path) = log(3000, 100);
        let all = EventLog::at(&path).read().unwrap().records;
        for count in [0, 1, 2, 399, 400, 2999, 3000, 5000] {
            let last = EventLog::at(&path).last(count).unwrap();
            assert_eq!(last.records, all[all.len().saturating_sub(count)..], "{count}");
            assert!(!last.unfinished);
        }
    }

    /// The beginning is no YAML any more, which a reader of the whole log would stumble over.
    #[test]
    fn the_beginning_is_not_read() {
        let (_folder, path) = log(3000, 100);
        let mut bytes = fs::read(&path).unwrap();
        bytes[..40].fill(0);
        fs::write(&path, bytes).unwrap();
        assert!(EventLog::at(&path).read().is_err());
        assert_eq!(numbers(&path, 2), ["2998", "2999"]);
    }

    #[test]
    fn what_others_appended_counts_and_what_is_torn_does_not() {
        let (_folder, path) = log(3000, 100);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"- n: 'foreign'\n").unwrap();
        assert_eq!(numbers(&path, 2), ["2999", "foreign"]);
        file.write_all(b"- n: 'half").unwrap();
        assert_eq!(numbers(&path, 2), ["2999", "foreign"]);
        assert!(EventLog::at(&path).last(2).unwrap().unfinished);
    }

    #[test]
    fn a_log_without_stamps_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.yaml");
        let text: String = (0..9000).map(|n| format!("- n: '{n}'\n")).collect();
        fs::write(&path, text).unwrap();
        assert_eq!(numbers(&path, 2), ["8998", "8999"]);
    }

    /// A text of another program that quotes a whole record, at column 0.
    #[test]
    fn a_stamp_in_a_text_is_not_taken_for_a_record() {
        let (_folder, path) = log(1, 10);
        let quoted = fs::read_to_string(&path).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        let filling = "x ".repeat(20_000);
        write!(file, "- n: a\n- n: b\n  text: '{filling}\n{quoted}{filling}'\n").unwrap();
        for count in [1, 2] {
            assert_eq!(numbers(&path, count), ["a", "b"][2 - count..]);
        }
    }
}

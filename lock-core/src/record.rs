//! What a lock file says about its holder and its past: text for people (`cat queue.yaml.lock`), and totals.
//!
//! The record is advice. Programs that open the lock file with truncation empty it at any time, a dead holder's record
//! stays, and a record that cannot be written fails no lock. Nothing is ever decided from it. It always has the same size and is
//! written by one call at the start of the file, so there is never a piece of an older one behind it. Content that is not
//! ours is somebody's data and stays: then there is no record.

use crate::open::{open_to_append, read_content};
use crate::process::ProcessIdentity;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Every line that we write into a lock file on its own begins like this.
const MARK: &str = "# mooring lock";
/// And the lines of those who did not get the lock like this.
const GAVE_UP: &str = "# mooring lock: gave up after ";
const HEADER: &str =
    "# mooring lock 1: who has it, or had it last; advice only, nothing is decided from it\n";
/// The size of a record: all numbers at their longest leave room for 200 bytes of command.
const SIZE: usize = 1024;
const MAX_COMMAND: usize = 200;
/// Where those who gave up stop to say so: a lock that is stuck for days must not fill a disk.
const MAX_FILE: usize = 16 * 1024;
/// The upper bounds of the counts of waits, in microseconds. The last count has none.
const BOUNDS_US: [u64; 7] = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// What stands in a lock file: who has the lock, or had it last, and the lock's past.
///
/// Advisory: another program may have emptied the file, and a holder that was killed leaves its record. Who really holds a
/// lock tells [`LockFile::holders`](crate::LockFile::holders).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockRecord {
    /// The process; `None` where the text is not whole.
    pub process: Option<ProcessIdentity>,
    /// The machine that the process runs on.
    pub host: String,
    /// Its command line, cut where it is long.
    pub command: String,
    /// When it took the lock.
    pub since: Option<Timestamp>,
    /// When it gave the lock back; `None` while it has it, and if it was killed with it.
    pub released: Option<Timestamp>,
    /// The lock's past.
    pub totals: LockTotals,
}

/// Counts over the life of a lock file, or since somebody last emptied it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockTotals {
    /// How often the lock was taken exclusively.
    pub acquisitions: u64,
    /// How many of these had to wait.
    pub contended: u64,
    /// How often somebody gave up.
    pub timed_out: u64,
    /// All waits that ended with the lock, together.
    pub waited: Duration,
    /// The longest of them.
    pub longest_wait: Duration,
    /// How many waits took less than 100 µs, 1 ms, 10 ms, 100 ms, 1 s, 10 s, 100 s, and longer.
    pub waits: [u64; 8],
    /// How long the lock was held, all holds together.
    pub held: Duration,
    /// The longest of them.
    pub longest_hold: Duration,
}

impl LockRecord {
    /// Reads the record at the start of `content`; `None` where there is none.
    pub fn parse(content: &[u8]) -> Option<Self> {
        let content = &content[..content.len().min(SIZE)];
        let text = String::from_utf8_lossy(content);
        if !text.starts_with(HEADER) {
            return None;
        }
        let mut values = BTreeMap::new();
        for (key, value) in text.lines().filter_map(|line| line.split_once(": ")) {
            values.entry(key).or_insert(value.trim());
        }
        let value = |key: &str| values.get(key).copied();
        // Whatever is garbled counts as nothing: a number that somebody cut is no reason to fail.
        let number = |key: &str| value(key).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let time = |key: &str| Duration::from_micros(number(key));
        let moment = |key: &str| value(key).and_then(|text| text.parse::<Timestamp>().ok());
        let mut waits = [0; 8];
        let listed = value("waits").unwrap_or_default();
        let listed = listed.trim_start_matches('[').split(']').next().unwrap_or_default();
        for (count, text) in waits.iter_mut().zip(listed.split(',')) {
            *count = text.trim().parse().unwrap_or(0);
        }
        let process = (value("pid"), value("start_ticks"), value("boot"));
        let process = match process {
            (Some(pid), Some(ticks), Some(boot)) => format!("{pid}.{ticks}.{boot}").parse().ok(),
            _ => None,
        };
        Some(Self {
            process,
            host: value("host").unwrap_or_default().to_owned(),
            command: value("command").unwrap_or_default().to_owned(),
            since: moment("since"),
            released: moment("released"),
            totals: LockTotals {
                acquisitions: number("acquisitions"),
                contended: number("contended"),
                timed_out: number("timed_out"),
                waited: time("waited_us"),
                longest_wait: time("longest_wait_us"),
                waits,
                held: time("held_us"),
                longest_hold: time("longest_hold_us"),
            },
        })
    }

    /// The totals in `content`, with those who gave up since its record was written; `None` if anything in it is not ours, or there is
    /// nothing.
    pub fn totals_in(content: &[u8]) -> Option<LockTotals> {
        let (record, gave_up) = read_all(content)?;
        let mut totals = record.map_or_else(LockTotals::default, |record| record.totals);
        totals.timed_out = totals.timed_out.saturating_add(gave_up);
        (totals != LockTotals::default()).then_some(totals)
    }

    /// Whether `content` is what we write into lock files and nothing else: whoever cleans up may then remove it.
    pub fn is_all_of(content: &[u8]) -> bool {
        read_all(content).is_some()
    }
}

/// The record in `content`, if there is one, and how many gave up since; `None` if anything in it is not ours.
fn read_all(content: &[u8]) -> Option<(Option<LockRecord>, u64)> {
    let record = LockRecord::parse(content);
    let tail = match record {
        Some(_) => content.get(SIZE..).unwrap_or_default(),
        // Zeros in place of a record are what shortening the file leaves if another program empties it in the same moment.
        None => content.strip_prefix(&[0; SIZE]).unwrap_or(content),
    };
    gave_up(tail).map(|count| (record, count))
}

/// How many lines of those who gave up `tail` holds; `None` if it holds anything that is not ours.
fn gave_up(tail: &[u8]) -> Option<u64> {
    let mut count = 0;
    for line in tail.split_inclusive(|byte| *byte == b'\n') {
        if !line.starts_with(MARK.as_bytes()) {
            return None;
        }
        count += u64::from(line.starts_with(GAVE_UP.as_bytes()));
    }
    Some(count)
}

/// The record of the lock that this process holds: written when it is taken, and once more when it is given back.
#[derive(Debug)]
pub(crate) struct OwnRecord {
    own: Arc<Own>,
    since: Timestamp,
    totals: LockTotals,
}

/// What is the same in all records of one process.
#[derive(Debug)]
pub(crate) struct Own(String);

impl Own {
    pub(crate) fn find() -> Self {
        let process = ProcessIdentity::own();
        let host = rustix::system::uname();
        let command: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        Self(format!(
            "pid: {}\nstart_ticks: {}\nboot: {}\nhost: {}\ncommand: {}\n",
            process.pid,
            process.start_ticks,
            process.boot(),
            one_line(&host.nodename().to_string_lossy(), 64),
            one_line(&command.join(" "), MAX_COMMAND),
        ))
    }
}

/// `text` without anything that could be taken for another line, at most `max` bytes of it.
fn one_line(text: &str, max: usize) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut end = line.len().min(max);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.truncate(end);
    line
}

impl OwnRecord {
    /// Notes in the lock file that this process has the lock, after having waited for `waited` (`None`: it was free).
    ///
    /// `None` if the file has other content, or cannot be read and written.
    pub(crate) fn write(file: &File, own: Arc<Own>, waited: Option<Duration>) -> Option<Self> {
        let content = read(file)?;
        let (record, gave_up) = read_all(&content)?;
        let mut totals = record.map_or_else(LockTotals::default, |record| record.totals);
        totals.timed_out = totals.timed_out.saturating_add(gave_up);
        totals.count_acquisition(waited);
        let record = Self { own, since: Timestamp::now(), totals };
        record.put(file, None)?;
        if content.len() > SIZE {
            // Who gives up in this very moment is not counted. After the record, because a program that empties the file in between
            // makes this a file of zeros: the release mends that, unless we are killed before.
            file.set_len(SIZE as u64).ok()?;
        }
        Some(record)
    }

    /// Notes that the lock, held for `held`, is given back.
    pub(crate) fn release(mut self, file: &File, held: Duration) {
        self.totals.held = self.totals.held.saturating_add(held);
        self.totals.longest_hold = self.totals.longest_hold.max(held);
        // The lock itself does not depend on it.
        let _ = self.put(file, Some(Timestamp::now()));
    }

    fn put(&self, file: &File, released: Option<Timestamp>) -> Option<()> {
        let mut text = String::with_capacity(SIZE);
        let totals = &self.totals;
        text.push_str(HEADER);
        text.push_str(&self.own.0);
        let _ = writeln!(text, "since: {}", self.since);
        let _ = match released {
            Some(released) => writeln!(text, "released: {released}"),
            None => writeln!(text, "released:"),
        };
        let _ = write!(
            text,
            "acquisitions: {}\ncontended: {}\ntimed_out: {}\nwaited_us: {}\nlongest_wait_us: {}\n\
             waits: {:?}  # below 0.1, 1, 10, 100 ms, 1, 10, 100 s, longer\nheld_us: {}\nlongest_hold_us: {}\n",
            totals.acquisitions,
            totals.contended,
            totals.timed_out,
            micros(totals.waited),
            micros(totals.longest_wait),
            totals.waits,
            micros(totals.held),
            micros(totals.longest_hold),
        );
        let mut bytes = text.into_bytes();
        if bytes.len() >= SIZE {
            return None;
        }
        bytes.resize(SIZE - 1, b' ');
        bytes.push(b'\n');
        (file.write_at(&bytes, 0).ok()? == SIZE).then_some(())
    }
}

/// The totals of two lives of a lock file. Anybody may have written any number into a file: none of them overflows.
impl std::ops::AddAssign for LockTotals {
    fn add_assign(&mut self, other: Self) {
        self.acquisitions = self.acquisitions.saturating_add(other.acquisitions);
        self.contended = self.contended.saturating_add(other.contended);
        self.timed_out = self.timed_out.saturating_add(other.timed_out);
        self.waited = self.waited.saturating_add(other.waited);
        self.longest_wait = self.longest_wait.max(other.longest_wait);
        for (count, more) in self.waits.iter_mut().zip(other.waits) {
            *count = count.saturating_add(more);
        }
        self.held = self.held.saturating_add(other.held);
        self.longest_hold = self.longest_hold.max(other.longest_hold);
    }
}

impl LockTotals {
    fn count_acquisition(&mut self, waited: Option<Duration>) {
        let mut more = Self { acquisitions: 1, ..Self::default() };
        if let Some(waited) = waited {
            (more.contended, more.waited, more.longest_wait) = (1, waited, waited);
            let us = micros(waited);
            let place = BOUNDS_US.iter().position(|bound| us < *bound).unwrap_or(BOUNDS_US.len());
            if let Some(count) = more.waits.get_mut(place) {
                *count = 1;
            }
        }
        *self += more;
    }
}

/// At most as many as can be read back.
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The content of the lock file, if it is short enough to be ours.
fn read(file: &File) -> Option<Vec<u8>> {
    let mut content = vec![0; 2 * SIZE];
    let mut length = file.read_at(&mut content, 0).ok()?;
    if length == content.len() {
        content.resize(2 * MAX_FILE, 0);
        length += file.read_at(content.get_mut(length..)?, length as u64).ok()?;
    }
    content.truncate(length);
    (length < 2 * MAX_FILE).then_some(content)
}

/// Notes at the end of the lock file that this process gave up after `waited`; the next holder counts it.
///
/// Without the lock only an append is safe: it is whole, and in nobody's way.
pub(crate) fn note_timeout(path: &Path, waited: Duration) {
    let Ok(content) = read_content(path) else { return };
    if !LockRecord::is_all_of(&content) || content.len() > MAX_FILE {
        return;
    }
    let Ok(file) = open_to_append(path) else { return };
    let line = format!(
        "{GAVE_UP}{:.1} s: pid {} at {}\n",
        waited.as_secs_f64(),
        std::process::id(),
        Timestamp::now()
    );
    // Best effort, like all of the record.
    let _ = std::io::Write::write_all(&mut &file, line.as_bytes());
}

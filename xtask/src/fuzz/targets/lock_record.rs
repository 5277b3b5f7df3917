//! Target `lock-record`: whatever stands in a lock file, the lock can be had; a record of ours is taken over, and what is somebody's stays.

use super::{Case, Choices, Tally, simpler};
use lock_core::{LockFile, LockRecord, LockTotals, ProcessIdentity, Wait};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::PathBuf;
use tempfile::TempDir;

/// The size of a whole record, as docs/file-formats.md has it.
const SIZE: usize = 1024;
const HEADER: &str =
    "# mooring lock 1: who has it, or had it last; advice only, nothing is decided from it\n";
/// What every line of ours begins with.
const MARK: &[u8] = b"# mooring lock";

/// What a lock file holds: parts one behind the other, and where they are cut off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LockContent {
    parts: Vec<Part>,
    cut_at: Option<usize>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    /// A record of full size, with these lines behind its first one.
    Record(Vec<String>),
    /// The line of somebody who gave up.
    GaveUp(String),
    /// What a file that was emptied under its holder begins with.
    Zeros,
    /// Anything else.
    Foreign(String),
}

/// The folder of the lock file. Memory is faster than a disk.
pub(crate) struct LockBench(TempDir);

impl Case for LockContent {
    type Bench = LockBench;

    fn bench() -> io::Result<LockBench> {
        let in_memory = tempfile::Builder::new().prefix("mooring-fuzz-").tempdir_in("/dev/shm");
        Ok(LockBench(in_memory.or_else(|_| tempfile::tempdir())?))
    }

    fn generate(choices: &mut Choices<'_>) -> Self {
        let first = match choices.below(6) {
            0..=3 => Part::record(choices),
            4 => Part::Zeros,
            _ => Part::generate(choices),
        };
        let more = (0..choices.below(4)).map(|_| Part::generate(choices));
        let parts: Vec<Part> = std::iter::once(first).chain(more).collect();
        let cut_at = choices.one_in(3).then(|| choices.below(2 * SIZE));
        LockContent { parts, cut_at }
    }

    fn check(&self, bench: &mut LockBench, tally: &mut Tally) -> Result<(), String> {
        let before = self.content();
        let path = bench.path();
        fs::write(&path, &before).map_err(|error| error.to_string())?;
        let lock = LockFile::at(&path);
        let held = lock.exclusive(Wait::Never).map_err(|error| format!("it cannot be locked: {error}"))?;
        let taken = fs::read(&path).map_err(|error| error.to_string())?;
        drop(held);
        let given_back = fs::read(&path).map_err(|error| error.to_string())?;
        let told = |what: &str| {
            let shown = [&before, &taken, &given_back].map(|bytes| String::from_utf8_lossy(bytes));
            format!("{what}; the lock file was {shown:?}")
        };
        let is_ours = is_ours(&before);
        if LockRecord::is_all_of(&before) != is_ours {
            return Err(told("who cleans up would take it for something else than it is"));
        }
        if !is_ours {
            tally.count("with somebody's data");
            let stays = taken == before && given_back == before;
            return if stays { Ok(()) } else { Err(told("somebody's data was written to")) };
        }
        tally.count("taken over");
        self.taken_over(&before, &taken, &given_back).map_err(|what| told(&what))
    }

    fn simpler(&self) -> Vec<Self> {
        let mut found: Vec<Self> =
            simpler::lists(&self.parts).into_iter().map(|parts| Self { parts, ..self.clone() }).collect();
        if self.cut_at.is_some() {
            found.push(Self { cut_at: None, ..self.clone() });
        }
        for (i, part) in self.parts.iter().enumerate() {
            let Part::Record(lines) = part else { continue };
            found.extend(simpler::lists(lines).into_iter().map(|lines| {
                let mut simpler = self.clone();
                simpler.parts[i] = Part::Record(lines);
                simpler
            }));
        }
        found
    }
}

impl LockContent {
    fn content(&self) -> Vec<u8> {
        let mut content: Vec<u8> = self.parts.iter().flat_map(Part::bytes).collect();
        content.truncate(self.cut_at.unwrap_or(content.len()));
        content
    }

    /// That a whole record of this process stands there, with the past of the lock in it, counted on by one.
    fn taken_over(&self, before: &[u8], taken: &[u8], given_back: &[u8]) -> Result<(), String> {
        let past = LockRecord::totals_in(before).unwrap_or_default();
        // A record that is not whole may count or not; of those who gave up none is forgotten.
        let gave_up = self.whole_lines_of_those_who_gave_up();
        if past.timed_out < gave_up {
            return Err(format!("{gave_up} gave up, of whom {} count", past.timed_out));
        }
        for (content, is_released) in [(taken, false), (given_back, true)] {
            let record = LockRecord::parse(content).ok_or("there is no record")?;
            if content.len() != SIZE || !content.ends_with(b"\n") {
                return Err(format!("the record has {} bytes", content.len()));
            }
            if record.process.as_ref() != Some(&ProcessIdentity::own()) || record.since.is_none() {
                return Err("it does not name the holder".to_owned());
            }
            if record.released.is_some() != is_released {
                return Err("it does not say whether the lock was given back".to_owned());
            }
            let found = record.totals;
            let counted_on = |found: u64, past: u64| found == past.saturating_add(1);
            let is_kept = |found: &LockTotals| {
                (found.contended, found.timed_out, found.waits)
                    == (past.contended, past.timed_out, past.waits)
                    && (found.waited, found.longest_wait) == (past.waited, past.longest_wait)
                    && found.held >= past.held
                    && found.longest_hold >= past.longest_hold
            };
            if !counted_on(found.acquisitions, past.acquisitions) || !is_kept(&found) {
                return Err(format!("{past:?} became {found:?}"));
            }
        }
        Ok(())
    }

    fn whole_lines_of_those_who_gave_up(&self) -> u64 {
        let count = self.parts.iter().filter(|part| matches!(part, Part::GaveUp(_))).count();
        if self.cut_at.is_some() { 0 } else { count as u64 }
    }
}

/// By the words of docs/file-formats.md: a record or zeros of its size, and lines that begin as all of ours do.
fn is_ours(content: &[u8]) -> bool {
    let rest = if content.starts_with(HEADER.as_bytes()) || content.starts_with(&[0; SIZE]) {
        content.get(SIZE..).unwrap_or_default()
    } else {
        content
    };
    rest.is_empty()
        || rest.strip_suffix(b"\n").unwrap_or(rest).split(|byte| *byte == b'\n').all(|l| l.starts_with(MARK))
}

const NUMBERS: &[&str] =
    &["0", "1", "4711", "18446744073709551615", "18446744073709551616", "-1", "1e3", "x", "", "  7 ", "0x1f"];
const KEYS: &[&str] = &[
    "acquisitions",
    "contended",
    "timed_out",
    "waited_us",
    "longest_wait_us",
    "held_us",
    "longest_hold_us",
    "pid",
    "start_ticks",
    "acquisitions ",
    "",
];
const LINES: &[&str] = &[
    "waits: [1, 2, 3, 4, 5, 6, 7, 8]  # below 0.1, 1, 10, 100 ms, 1, 10, 100 s, longer",
    "waits: [18446744073709551615, 1",
    "waits: [[[,]",
    "waits:",
    "boot: 7a52afe9",
    "boot: ../../é",
    "host: box",
    "command: sh -c 'a: b'",
    "since: 2026-11-23T09:10:14.673858413Z",
    "since: +999999-12-31T23:59:60Z",
    "released:",
    "released: yesterday",
    ": ",
    "# mooring lock",
    "",
];
const FOREIGN: &[&str] = &[
    "4711\n",
    "",
    "\n",
    "#",
    "# mooring loc",
    "# Mooring lock\n",
    "a: 1\n",
    "\0",
    "{\"pid\": 1}",
    "# mooring lock 2: of a later version\n",
    "é\u{2028}\n",
];
const TAILS: &[&str] = &["5.0 s: pid 4712 at 2026-11-23T09:10:14Z", "", "x", "18446744073709551615 s"];

impl Part {
    fn record(choices: &mut Choices<'_>) -> Self {
        let line = |choices: &mut Choices<'_>| match choices.below(3) {
            0 | 1 => format!("{}: {}", choices.of(KEYS), choices.of(NUMBERS)),
            _ => choices.of(LINES).to_owned(),
        };
        Part::Record((0..choices.below(12)).map(|_| line(choices)).collect())
    }

    fn generate(choices: &mut Choices<'_>) -> Self {
        match choices.below(8) {
            0..=4 => Part::GaveUp(choices.of(TAILS).to_owned()),
            5 => Part::Zeros,
            6 => Part::Foreign(choices.of(FOREIGN).to_owned()),
            _ => Part::record(choices),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Part::Record(lines) => {
                let mut bytes = format!("{HEADER}{}\n", lines.join("\n")).into_bytes();
                bytes.resize(SIZE - 1, b' ');
                bytes.push(b'\n');
                bytes
            }
            Part::GaveUp(tail) => format!("# mooring lock: gave up after {tail}\n").into_bytes(),
            Part::Zeros => vec![0; SIZE],
            Part::Foreign(text) => text.clone().into_bytes(),
        }
    }
}

impl LockBench {
    fn path(&self) -> PathBuf {
        self.0.path().join("fuzzed.lock")
    }
}

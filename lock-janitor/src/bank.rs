//! The totals of lock files that are gone: they were banked before their file was removed.
//!
//! One small file for each root, a line for each lock. It is replaced whole; nothing in it is worth waiting for a disk, so a power cut may
//! cost the last additions.

use crate::own_folder::OwnFolder;
use lock_core::LockTotals;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HEADER: &str = "# mooring janitor 1: totals of retired lock files; path, seconds of the last time, acquisitions, contended, timed out, \
                      microseconds waited, longest, waits below 0.1, 1, 10, 100 ms, 1, 10, 100 s, longer, microseconds held, longest\n";
const NAME: &str = "totals";
/// So that names which are never used again do not pile up: those that were retired longest ago go first.
const MOST: usize = 10_000;

/// The totals of retired lock files below the root folder `root`, by path below it. They stand in `.mooring/janitor/totals` there.
///
/// # Errors
///
/// The file is there and cannot be read. A missing one holds none, and lines that make no sense are left out.
pub fn banked(root: &Path) -> io::Result<BTreeMap<PathBuf, LockTotals>> {
    let entries = Bank::of(root).read()?;
    Ok(entries.into_iter().map(|(path, entry)| (path, entry.totals)).collect())
}

/// The file of one root.
pub(crate) struct Bank<'a> {
    root: &'a Path,
}

struct Entry {
    last_s: u64,
    totals: LockTotals,
}

impl<'a> Bank<'a> {
    pub(crate) fn of(root: &'a Path) -> Self {
        Self { root }
    }

    pub(crate) fn path(&self) -> PathBuf {
        OwnFolder::path(self.root).join(NAME)
    }

    /// Adds the totals of these lock files. Without any nothing is written.
    pub(crate) fn add<'b>(&self, totals: impl Iterator<Item = (&'b Path, LockTotals)>) -> io::Result<()> {
        let mut totals = totals.peekable();
        if totals.peek().is_none() {
            return Ok(());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let mut entries = self.read()?;
        for (path, totals) in totals {
            let below = path.strip_prefix(self.root).unwrap_or(path);
            let entry = entries
                .entry(below.into())
                .or_insert_with(|| Entry { last_s: now, totals: LockTotals::default() });
            entry.last_s = now;
            entry.totals += totals;
        }
        self.write(&entries)
    }

    fn read(&self) -> io::Result<BTreeMap<PathBuf, Entry>> {
        match OwnFolder::open(self.root).and_then(|folder| folder.read(NAME)) {
            Ok(text) => Ok(text.lines().filter_map(parse).collect()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }

    fn write(&self, entries: &BTreeMap<PathBuf, Entry>) -> io::Result<()> {
        let mut times: Vec<u64> = entries.values().map(|entry| entry.last_s).collect();
        times.sort_unstable();
        let oldest = times.len().checked_sub(MOST).and_then(|place| times.get(place).copied()).unwrap_or(0);
        let mut text = String::from(HEADER);
        for (path, entry) in entries.iter().filter(|(_, entry)| entry.last_s >= oldest).take(2 * MOST) {
            line(&mut text, path, entry);
        }
        OwnFolder::make(self.root)?.replace(NAME, &text)
    }
}

fn line(text: &mut String, path: &Path, entry: &Entry) {
    let totals = &entry.totals;
    // At most as many as can be read back.
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let _ = write!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}",
        escaped(path),
        entry.last_s,
        totals.acquisitions,
        totals.contended,
        totals.timed_out,
        micros(totals.waited),
        micros(totals.longest_wait),
    );
    for count in totals.waits {
        let _ = write!(text, "\t{count}");
    }
    let _ = writeln!(text, "\t{}\t{}", micros(totals.held), micros(totals.longest_hold));
}

fn parse(line: &str) -> Option<(PathBuf, Entry)> {
    let (path, numbers) = line.split_once('\t')?;
    let mut numbers = numbers.split('\t').map(str::parse::<u64>);
    let mut next = || numbers.next()?.ok();
    let mut entry = Entry { last_s: next()?, totals: LockTotals::default() };
    let totals = &mut entry.totals;
    (totals.acquisitions, totals.contended, totals.timed_out) = (next()?, next()?, next()?);
    totals.waited = Duration::from_micros(next()?);
    totals.longest_wait = Duration::from_micros(next()?);
    for count in &mut totals.waits {
        *count = next()?;
    }
    totals.held = Duration::from_micros(next()?);
    totals.longest_hold = Duration::from_micros(next()?);
    Some((unescaped(path)?, entry))
}

/// A path as one word of text: what is not plain is written as `%` and its code.
fn escaped(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'%' | b'#') {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn unescaped(text: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first == b'%' {
            let code = std::str::from_utf8(behind.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(code, 16).ok()?);
            rest = behind.get(2..)?;
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    Some(OsString::from_vec(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::{Bank, banked};
    use lock_core::LockTotals;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::time::Duration;

    #[test]
    fn totals_that_somebody_made_enormous_stay_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut totals = LockTotals::default();
        (totals.acquisitions, totals.waits[0]) = (u64::MAX, u64::MAX);
        (totals.waited, totals.held) = (Duration::from_micros(u64::MAX), Duration::MAX);
        let path = folder.path().join("a.lock");
        for _ in 0..2 {
            Bank::of(folder.path()).add([(path.as_path(), totals)].into_iter()).unwrap();
        }
        let found = &banked(folder.path()).unwrap()[Path::new("a.lock")];
        assert_eq!((found.acquisitions, found.waits[0]), (u64::MAX, u64::MAX));
        assert_eq!(found.waited, Duration::from_micros(u64::MAX));
    }

    #[test]
    fn totals_are_added_up_and_read_back_whatever_the_name() {
        let folder = tempfile::tempdir().unwrap();
        assert!(banked(folder.path()).unwrap().is_empty());
        let mut totals = LockTotals::default();
        (totals.acquisitions, totals.waits[7], totals.longest_wait) = (3, 2, Duration::from_micros(5));
        let names = [Path::new("a b/%41#.yaml.lock"), Path::new(OsStr::from_bytes(b"\xff\t\n.yaml.lock"))];
        for _ in 0..2 {
            let all = names.map(|name| (folder.path().join(name), totals));
            Bank::of(folder.path()).add(all.iter().map(|(path, totals)| (path.as_path(), *totals))).unwrap();
        }
        let found = banked(folder.path()).unwrap();
        assert_eq!(found.len(), 2);
        for name in names {
            assert_eq!((found[name].acquisitions, found[name].waits[7]), (6, 4), "{name:?}");
            assert_eq!(found[name].longest_wait, totals.longest_wait);
        }
    }

    #[test]
    fn nothing_is_written_through_a_link_that_a_user_has_put_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut totals = LockTotals::default();
        totals.acquisitions = 1;
        let name = at("q.yaml.lock");
        let add = || Bank::of(folder.path()).add([(name.as_path(), totals)].into_iter());
        std::fs::write(at("precious"), "precious").unwrap();
        std::fs::create_dir_all(at(".mooring/janitor")).unwrap();
        for link in [format!("totals.{}.tmp", std::process::id()), "totals".into()] {
            symlink("../../precious", at(".mooring/janitor").join(link)).unwrap();
        }
        assert!(add().is_err(), "the totals are a link");
        std::fs::remove_file(at(".mooring/janitor/totals")).unwrap();
        add().unwrap();
        assert_eq!(std::fs::read_to_string(at("precious")).unwrap(), "precious");
        assert_eq!(banked(folder.path()).unwrap()[Path::new("q.yaml.lock")].acquisitions, 1);
        for place in [".mooring/janitor", ".mooring"] {
            std::fs::remove_dir_all(at(place)).unwrap();
            std::fs::create_dir_all(at("elsewhere/janitor")).unwrap();
            symlink(at("elsewhere"), at(place)).unwrap();
            assert!(add().is_err(), "{place}");
            assert_eq!(std::fs::read_dir(at("elsewhere/janitor")).unwrap().count(), 0);
            assert_eq!(std::fs::read_dir(at("elsewhere")).unwrap().count(), 1);
            std::fs::remove_file(at(place)).unwrap();
            std::fs::create_dir_all(at(".mooring")).unwrap();
        }
    }

    #[test]
    fn lines_that_make_no_sense_are_left_out_and_nothing_is_written_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let bank = Bank::of(folder.path());
        bank.add(std::iter::empty()).unwrap();
        assert!(!bank.path().exists());
        std::fs::create_dir_all(bank.path().parent().unwrap()).unwrap();
        std::fs::write(
            bank.path(),
            "# header\na\t1\t2\n%4\t1\nb\t1\t2\t3\t4\t5\t6\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\n",
        )
        .unwrap();
        let found = banked(folder.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[Path::new("b")].acquisitions, 2);
    }
}

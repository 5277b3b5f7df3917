//! Snapshots: versions that were the backup once, kept longer than until the next save.

use crate::beside::{move_to_new, stamp};
use crate::notice::{Notice, Observer};
use crate::target::{Target, joined};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A snapshot is due when there is none this near: a queue in use is saved many times a minute.
const APART: SignedDuration = SignedDuration::from_mins(10);
/// How many of the newest are kept, however old they are.
const NEWEST: usize = 12;
/// For how many days, today included, the last one of the day is kept too.
const DAYS: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Target {
    pub(crate) fn history(&self) -> PathBuf {
        self.folder.join(".mooring").join("history")
    }

    /// Renames the old backup to a snapshot, if one is due. No trouble with it fails a save: the new version is in place already.
    pub(crate) fn snapshot(&self, backup: &Path, observer: &Observer) {
        let now = Timestamp::now();
        let taken = snapshots(&self.history(), &self.name).and_then(|mut snapshots| {
            if !is_due(&snapshots, now) {
                return Ok(());
            }
            let folder = self.hidden_folder("history")?;
            let snapshot = folder.join(joined(OsStr::new(""), &self.name, &format!(".{}", stamp(now))));
            // Taken means: somebody whose clock says the same was faster.
            if move_to_new(backup, &snapshot)? {
                snapshots.push((now, snapshot));
                self.prune(&mut snapshots, now, observer);
            }
            Ok(())
        });
        if let Err(source) = taken {
            observer.tell(&Notice::NoSnapshot { file: self.given.clone(), source });
        }
    }

    fn prune(&self, snapshots: &mut [(Timestamp, PathBuf)], now: Timestamp, observer: &Observer) {
        for path in superfluous(snapshots, now) {
            match fs::remove_file(&path) {
                Err(source) if source.kind() != ErrorKind::NotFound => {
                    observer.tell(&Notice::NotPruned { path, source });
                }
                _ => {}
            }
        }
    }
}

/// The snapshots of the file `name`, in no order. Whatever has another name is none of ours.
pub(crate) fn snapshots(folder: &Path, name: &OsStr) -> io::Result<Vec<(Timestamp, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(taken) = taken_at(&entry.file_name(), name) {
            found.push((taken, entry.path()));
        }
    }
    Ok(found)
}

fn taken_at(entry: &OsStr, name: &OsStr) -> Option<Timestamp> {
    time_of(after_name(entry, name)?)
}

/// What stands in `entry` behind the name of the file and a dot.
pub(crate) fn after_name<'a>(entry: &'a OsStr, name: &OsStr) -> Option<&'a str> {
    let suffix = entry.as_encoded_bytes().strip_prefix(name.as_encoded_bytes())?.strip_prefix(b".")?;
    std::str::from_utf8(suffix).ok()
}

/// The time that [`stamp`] wrote.
pub(crate) fn time_of(text: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// One in the future of a clock that was set back must not stop snapshots for as long as that.
fn is_due(snapshots: &[(Timestamp, PathBuf)], now: Timestamp) -> bool {
    snapshots.iter().all(|(taken, _)| now.duration_since(*taken).abs() >= APART)
}

/// Which ones are not kept: neither among the newest, nor the last of one of the last days.
fn superfluous(snapshots: &mut [(Timestamp, PathBuf)], now: Timestamp) -> Vec<PathBuf> {
    let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
    let (today, mut seen) = (day(now), BTreeSet::new());
    snapshots.sort_by_key(|(taken, _)| Reverse(*taken));
    let mut dropped = Vec::new();
    for (place, (taken, path)) in snapshots.iter().enumerate() {
        let is_last_of_its_day = seen.insert(day(*taken));
        let is_recent = today.duration_since(day(*taken)) < DAYS;
        if place >= NEWEST && !(is_last_of_its_day && is_recent) {
            dropped.push(path.clone());
        }
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, is_due, stamp, superfluous, taken_at};
    use jiff::SignedDuration;
    use std::ffi::OsStr;
    use std::path::PathBuf;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn taken(times: &[&str]) -> Vec<(Timestamp, PathBuf)> {
        times.iter().map(|time| (at(time), PathBuf::from(time))).collect()
    }

    #[test]
    fn a_name_bears_its_time_and_other_names_are_left_alone() {
        let time = |entry: &str| taken_at(OsStr::new(entry), OsStr::new("a.yaml"));
        assert_eq!(time("a.yaml.20261123T041109Z"), Some(at("2026-11-23T04:11:09Z")));
        assert_eq!(
            time(&format!("a.yaml.{}", stamp(at("2026-01-02T03:04:05Z")))),
            Some(at("2026-01-02T03:04:05Z"))
        );
        for other in [
            "a.yaml",
            "a.yaml.bak",
            "a.yaml.20261323T041109Z",
            "a.yaml.20261123T041109Z.1",
            "b.yaml.20261123T041109Z",
        ] {
            assert_eq!(time(other), None, "{other}");
        }
    }

    #[test]
    fn one_is_due_ten_minutes_after_the_last_and_after_a_clock_was_set_back() {
        let now = at("2026-11-23T04:10:00Z");
        assert!(is_due(&[], now));
        assert!(is_due(&taken(&["2026-11-23T04:00:00Z"]), now));
        assert!(!is_due(&taken(&["2026-11-23T04:00:01Z"]), now));
        assert!(is_due(&taken(&["2026-11-24T04:00:00Z"]), now));
        assert!(!is_due(&taken(&["2026-11-24T04:00:00Z", "2026-11-23T04:10:05Z"]), now));
    }

    #[test]
    fn the_newest_twelve_stay_however_old() {
        let mut old: Vec<_> =
            (10..22).map(|day| (at(&format!("2025-03-{day}T00:00:00Z")), format!("{day}").into())).collect();
        let now = at("2026-11-23T04:10:00Z");
        assert!(superfluous(&mut old, now).is_empty());
        old.push((now, "now".into()));
        assert_eq!(superfluous(&mut old, now), [PathBuf::from("10")]);
    }

    /// As it happens: a snapshot every ten minutes for ten days, pruned after each.
    #[test]
    fn of_each_of_seven_days_the_last_one_stays() {
        let mut kept = Vec::new();
        let mut now = at("2026-11-14T00:00:00Z");
        for _ in 0..10 * 144 {
            kept.push((now, PathBuf::from(stamp(now))));
            let dropped = superfluous(&mut kept, now);
            kept.retain(|(_, path)| !dropped.contains(path));
            now += SignedDuration::from_mins(10);
        }
        let names: Vec<_> = kept.iter().map(|(_, path)| path.to_str().unwrap()).collect();
        assert_eq!(names[..2], ["20261123T235000Z", "20261123T234000Z"]);
        assert_eq!(
            names[12..],
            [
                "20261122T235000Z",
                "20261121T235000Z",
                "20261120T235000Z",
                "20261119T235000Z",
                "20261118T235000Z",
                "20261117T235000Z"
            ]
        );
    }
}

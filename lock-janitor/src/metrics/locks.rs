//! What is counted for each lock: from the totals in its file, and from looking who waits.
//!
//! Memory and page stay small: at most so many locks have series of their own, the others are counted together. A lock keeps its series
//! while it is there; those of one that is gone are given away when they are needed. What was counted never becomes less: a lock
//! file whose totals began anew adds what it has now.

use crate::metrics::page::{Kind, Page};
use lock_core::LockTotals;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The label of all that have none of their own.
const OTHERS: &str = "(others)";
/// The upper bounds of the counts in a record.
const WAIT_BOUNDS_S: [f64; 7] = [0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0];
/// Looks are a second apart: shorter waits are seen by chance, if at all.
const SEEN_BOUNDS_S: [f64; 6] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0];

/// How a number is taken from the totals of a lock.
type Value = fn(&LockTotals) -> f64;

/// The series of all locks.
#[derive(Debug)]
pub(crate) struct LockSeries {
    most: usize,
    own: BTreeMap<String, Series>,
    others: Series,
    /// What stood in each file last.
    last: HashMap<PathBuf, LockTotals>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Series {
    totals: LockTotals,
    seen: [u64; SEEN_BOUNDS_S.len() + 1],
    seen_for: Duration,
}

impl LockSeries {
    /// At most `most` locks will have series of their own.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, own: BTreeMap::new(), others: Series::default(), last: HashMap::new() }
    }

    /// From now on at most `most`; those that are there stay.
    pub(crate) fn limit(&mut self, most: usize) {
        self.most = most;
    }

    /// Takes in the totals of all locks that are there.
    pub(crate) fn note_totals<'a>(&mut self, locks: impl Iterator<Item = (&'a Path, Option<LockTotals>)>) {
        let locks: Vec<_> = locks.collect();
        let present: BTreeSet<_> = locks.iter().map(|(path, _)| label(path)).collect();
        let mut last = HashMap::new();
        let mut counted: Vec<_> =
            locks.into_iter().filter_map(|(path, totals)| Some((path, totals?))).collect();
        // Where not all can have series of their own, those do that are waited for most.
        counted.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.contended));
        for (path, totals) in counted {
            let more = self.last.get(path).map_or(totals, |before| since(before, &totals));
            if more.acquisitions > 0 || more.timed_out > 0 {
                self.of(path, &present).totals += more;
            } else {
                // The longest hold becomes known when it ends, and belongs to an acquisition that was counted before.
                let known = self.own.get_mut(&label(path)).unwrap_or(&mut self.others);
                known.totals += more;
            }
            last.insert(path.to_path_buf(), totals);
        }
        self.last = last;
    }

    /// Takes in that somebody was seen waiting for the lock at `path`, for so long.
    pub(crate) fn note_seen(&mut self, path: &Path, waited: Duration) {
        let series = self.of(path, &BTreeSet::new());
        let bound = SEEN_BOUNDS_S.iter().position(|bound| waited.as_secs_f64() <= *bound);
        if let Some(count) = series.seen.get_mut(bound.unwrap_or(SEEN_BOUNDS_S.len())) {
            *count += 1;
        }
        series.seen_for += waited;
    }

    /// The series of the lock at `path`, in place of one that is not `present` any more if need be.
    fn of(&mut self, path: &Path, present: &BTreeSet<String>) -> &mut Series {
        let label = label(path);
        if !self.own.contains_key(&label) && self.own.len() >= self.most {
            let gone = self.own.keys().find(|own| !present.is_empty() && !present.contains(*own)).cloned();
            match gone {
                Some(gone) => drop(self.own.remove(&gone)),
                None => return &mut self.others,
            }
        }
        self.own.entry(label).or_default()
    }

    fn all(&self) -> impl Iterator<Item = (&str, &Series)> {
        let has_others = self.others.totals != LockTotals::default() || self.others.seen_for > Duration::ZERO;
        let own = self.own.iter().map(|(label, series)| (label.as_str(), series));
        own.chain(has_others.then_some((OTHERS, &self.others)))
    }

    pub(crate) fn write(&self, page: &mut Page) {
        let help = "How long acquisitions that had to wait did so, as the programs that keep records in their lock files say.";
        let mut family = page.family("lock_janitor_lock_wait_seconds", Kind::Histogram, help);
        for (lock, Series { totals, .. }) in self.all() {
            family.histogram(lock, &WAIT_BOUNDS_S, &totals.waits, totals.waited.as_secs_f64());
        }
        let help = "How long processes were seen waiting, in whatever language they are written: looked at once a second.";
        let mut family = page.family("lock_janitor_lock_seen_wait_seconds", Kind::Histogram, help);
        for (lock, series) in self.all().filter(|(_, series)| series.seen_for > Duration::ZERO) {
            family.histogram(lock, &SEEN_BOUNDS_S, &series.seen, series.seen_for.as_secs_f64());
        }
        let counts: [(_, _, Value); 5] = [
            ("lock_janitor_lock_acquisitions_total", "Exclusive acquisitions, from the records.", |totals| {
                number(totals.acquisitions)
            }),
            ("lock_janitor_lock_contended_total", "How many of these had to wait.", |totals| {
                number(totals.contended)
            }),
            ("lock_janitor_lock_timeouts_total", "How often somebody gave up.", |totals| {
                number(totals.timed_out)
            }),
            ("lock_janitor_lock_held_seconds_total", "How long it was held, all holds together.", |totals| {
                totals.held.as_secs_f64()
            }),
            ("lock_janitor_lock_longest_hold_seconds", "The longest of them.", |totals| {
                totals.longest_hold.as_secs_f64()
            }),
        ];
        for (name, help, value) in counts {
            let kind = if name.ends_with("_total") { Kind::Counter } else { Kind::Gauge };
            let mut family = page.family(name, kind, help);
            for (lock, series) in self.all() {
                family.sample("", &[("lock", lock)], value(&series.totals));
            }
        }
    }
}

/// Labels are text: a path that is not is shown as far as it is, and those that then look alike are counted together.
fn label(path: &Path) -> String {
    path.display().to_string()
}

/// Prometheus has floating-point numbers only.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, which no lock is taken that often")]
fn number(count: u64) -> f64 {
    count as f64
}

/// What came since `before`; all of it if somebody has emptied the file in between.
fn since(before: &LockTotals, now: &LockTotals) -> LockTotals {
    let has_begun_anew =
        now.acquisitions < before.acquisitions || now.waited < before.waited || now.held < before.held;
    if has_begun_anew {
        return *now;
    }
    let mut more = *now;
    more.acquisitions -= before.acquisitions;
    more.contended = more.contended.saturating_sub(before.contended);
    more.timed_out = more.timed_out.saturating_sub(before.timed_out);
    more.waited -= before.waited;
    more.held -= before.held;
    for (count, before) in more.waits.iter_mut().zip(before.waits) {
        *count = count.saturating_sub(before);
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(acquisitions: u64) -> LockTotals {
        let mut totals = LockTotals::default();
        (totals.acquisitions, totals.contended) = (acquisitions, acquisitions);
        totals.waits[0] = acquisitions;
        totals.waited = Duration::from_micros(acquisitions);
        totals
    }

    fn counted(series: &LockSeries) -> Vec<(String, u64)> {
        series.all().map(|(label, series)| (label.into(), series.totals.acquisitions)).collect()
    }

    fn note(series: &mut LockSeries, locks: &[(&str, u64)]) {
        series.note_totals(locks.iter().map(|(path, count)| (Path::new(*path), Some(totals(*count)))));
    }

    #[test]
    fn what_was_counted_never_becomes_less() {
        let mut series = LockSeries::new(9);
        note(&mut series, &[("a", 5)]);
        note(&mut series, &[("a", 7)]);
        assert_eq!(counted(&series), [("a".into(), 7)]);
        // Emptied, taken twice since; then retired, and there again.
        note(&mut series, &[("a", 2)]);
        note(&mut series, &[]);
        note(&mut series, &[("a", 1)]);
        assert_eq!(counted(&series), [("a".into(), 10)]);
    }

    #[test]
    fn series_are_given_to_the_most_contended_and_those_of_the_gone_are_given_away() {
        let mut series = LockSeries::new(2);
        note(&mut series, &[("a", 1), ("b", 9), ("c", 5)]);
        assert_eq!(counted(&series), [("b".into(), 9), ("c".into(), 5), (OTHERS.into(), 1)]);
        note(&mut series, &[("a", 2), ("c", 5), ("d", 4)]);
        assert_eq!(counted(&series), [("c".into(), 5), ("d".into(), 4), (OTHERS.into(), 2)]);
        series.note_seen(Path::new("z"), Duration::from_secs(4));
        assert_eq!(series.others.seen, [0, 0, 1, 0, 0, 0, 0]);
        for n in 0..10_000 {
            note(&mut series, &[(&format!("{n}"), 1)]);
        }
        assert_eq!((series.own.len(), series.last.len()), (2, 1));
    }
}

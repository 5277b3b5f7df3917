//! What the service counts, and the page that tells of it.

mod endpoint;
mod locks;
mod page;

pub(crate) use endpoint::Endpoint;
pub(crate) use locks::LockSeries;

use lock_janitor::{Found, Leftover, Outcome, State, Sweep, Verdict};
use page::{Kind, Page};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// All that is counted, since the service began.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) now: Now,
    pub(crate) locks: LockSeries,
    retired: u64,
    put_back: u64,
    bridged: u64,
    skipped: BTreeMap<&'static str, u64>,
    temporaries_removed: u64,
    temporaries_put_aside: u64,
    pub(crate) errors: u64,
    pub(crate) overflows: u64,
    pub(crate) reloads: u64,
    pub(crate) failed_reloads: u64,
    walks: u64,
    sweeps: u64,
    swept_for: Duration,
}

/// How things stood at the last sweep.
#[derive(Debug, Default)]
pub(crate) struct Now {
    locks: usize,
    held: usize,
    waiting: usize,
    bridges_open: usize,
    kept: BTreeMap<&'static str, u64>,
    findings: BTreeMap<&'static str, u64>,
    swept_at_s: u64,
    pub(crate) watched_folders: usize,
    pub(crate) is_fully_watched: bool,
}

impl Metrics {
    /// Nothing counted yet; at most `locks` locks will have series of their own.
    pub(crate) fn new(locks: usize) -> Self {
        Self {
            now: Now::default(),
            locks: LockSeries::new(locks),
            retired: 0,
            put_back: 0,
            bridged: 0,
            skipped: BTreeMap::new(),
            temporaries_removed: 0,
            temporaries_put_aside: 0,
            errors: 0,
            overflows: 0,
            reloads: 0,
            failed_reloads: 0,
            walks: 0,
            sweeps: 0,
            swept_for: Duration::ZERO,
        }
    }

    /// Takes in that the folders were walked through.
    pub(crate) fn note_walk(&mut self, found: &Found) {
        self.walks += 1;
        self.errors += found.troubles.len() as u64;
    }

    /// Takes in what one sweep did.
    pub(crate) fn note_sweep(&mut self, sweep: &Sweep) {
        self.sweeps += 1;
        self.swept_for += sweep.took;
        self.errors += sweep.troubles.len() as u64;
        let mut now = Now {
            locks: sweep.judged.len(),
            bridges_open: sweep.bridges_open,
            swept_at_s: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
            watched_folders: self.now.watched_folders,
            is_fully_watched: self.now.is_fully_watched,
            ..Now::default()
        };
        for judged in &sweep.judged {
            now.held += usize::from(matches!(judged.facts.state, State::Exclusive | State::Shared));
            now.waiting += judged.facts.waiters.len();
            if let Verdict::Report(finding) = &judged.verdict {
                *now.findings.entry(finding.word()).or_default() += 1;
            }
            match &judged.outcome {
                Outcome::Retired => self.retired += 1,
                Outcome::PutBack => self.put_back += 1,
                Outcome::Bridged => self.bridged += 1,
                Outcome::Kept(reason) => {
                    *now.kept.entry(reason.word()).or_default() += 1;
                    *self.skipped.entry(reason.word()).or_default() += 1;
                }
                _ => {}
            }
        }
        self.note_leftovers(&sweep.leftovers);
        self.now = now;
        self.locks.note_totals(sweep.judged.iter().map(|judged| (&*judged.lock.path, judged.facts.totals)));
    }

    /// Takes in what became of things that killed processes had left.
    pub(crate) fn note_leftovers(&mut self, leftovers: &[Leftover]) {
        for leftover in leftovers {
            match leftover {
                Leftover::Removed(_) => self.temporaries_removed += 1,
                Leftover::PutAside { .. } => self.temporaries_put_aside += 1,
                Leftover::Bridged(_) => self.bridged += 1,
                Leftover::Cleared(_) => self.retired += 1,
                _ => {}
            }
        }
    }

    /// One line for people.
    pub(crate) fn status(&self) -> String {
        let Now { locks, held, watched_folders, is_fully_watched, .. } = &self.now;
        let how = if *is_fully_watched { "all watched" } else { "not all watched" };
        format!("{locks} lock files, {held} held, {} retired; {watched_folders} folders, {how}", self.retired)
    }

    /// The page for Prometheus.
    pub(crate) fn page(&self) -> String {
        let mut page = Page::default();
        let help = "Which version this is.";
        let version = &[("version", env!("CARGO_PKG_VERSION"))][..];
        page.family("lock_janitor_build_info", Kind::Gauge, help).sample("", version, 1);
        self.write_now(&mut page);
        self.write_counted(&mut page);
        self.locks.write(&mut page);
        page.into_text()
    }

    fn write_now(&self, page: &mut Page) {
        let now = &self.now;
        let gauges = [
            ("lock_janitor_locks", "Lock files there were at the last sweep.", now.locks),
            ("lock_janitor_locks_held", "How many of them were held.", now.held),
            ("lock_janitor_lock_waiters", "Processes that waited for them.", now.waiting),
            ("lock_janitor_bridges", "Retired lock files that somebody still uses.", now.bridges_open),
            ("lock_janitor_watched_folders", "Folders that are watched.", now.watched_folders),
            ("lock_janitor_watching", "1 if all folders are watched, else 0.", now.is_fully_watched.into()),
        ];
        for (name, help, value) in gauges {
            page.single(name, Kind::Gauge, help, value);
        }
        let help = "When the last sweep ended, in seconds since 1970.";
        page.single("lock_janitor_last_sweep_timestamp_seconds", Kind::Gauge, help, now.swept_at_s);
        by(
            page,
            "lock_janitor_locks_kept",
            Kind::Gauge,
            "Lock files that the last sweep kept.",
            "reason",
            &now.kept,
        );
        let help = "Locks held for long, or leaked, at the last sweep.";
        by(page, "lock_janitor_findings", Kind::Gauge, help, "kind", &now.findings);
    }

    fn write_counted(&self, page: &mut Page) {
        let counters = [
            ("lock_janitor_retired_total", "Lock files that were retired.", self.retired),
            ("lock_janitor_put_back_total", "Lock files that somebody came for meanwhile.", self.put_back),
            ("lock_janitor_bridged_total", "Lock files served in turns with their successors.", self.bridged),
            (
                "lock_janitor_temporaries_removed_total",
                "Temporaries of killed writers.",
                self.temporaries_removed,
            ),
            (
                "lock_janitor_temporaries_put_aside_total",
                "The same, where they may be the only copy.",
                self.temporaries_put_aside,
            ),
            ("lock_janitor_errors_total", "What could not be looked at, or not be done.", self.errors),
            (
                "lock_janitor_watch_overflows_total",
                "Times that notices of changes were lost.",
                self.overflows,
            ),
            ("lock_janitor_walks_total", "Times that the folders were walked through.", self.walks),
        ];
        for (name, help, value) in counters {
            page.single(name, Kind::Counter, help, value);
        }
        let help = "Lock files that sweeps kept, once for each sweep.";
        by(page, "lock_janitor_skipped_total", Kind::Counter, help, "reason", &self.skipped);
        let reloads = BTreeMap::from([("done", self.reloads), ("refused", self.failed_reloads)]);
        let help = "Times that the configuration was read anew.";
        by(page, "lock_janitor_reloads_total", Kind::Counter, help, "result", &reloads);
        let help = "How long sweeps took, graces included.";
        let mut family = page.family("lock_janitor_sweep_duration_seconds", Kind::Summary, help);
        family.sample("_sum", &[], self.swept_for.as_secs_f64());
        family.sample("_count", &[], self.sweeps);
    }
}

fn by(
    page: &mut Page,
    name: &'static str,
    kind: Kind,
    help: &str,
    label: &str,
    values: &BTreeMap<&str, u64>,
) {
    let mut family = page.family(name, kind, help);
    for (word, value) in values {
        family.sample("", &[(label, word)], value);
    }
}

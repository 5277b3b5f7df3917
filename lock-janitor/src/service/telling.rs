//! What the service says: to people on standard error, to programs one JSON object a line on standard output. What stays as it is, is
//! said once.

use crate::exit::{Failure, with_causes};
use crate::output::print;
use crate::show::{printable, shown};
use lock_janitor::{Found, Judged, Leftover, Outcome, Reason, Root, State, Sweep, Verdict};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Remembers what was said.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    as_json: bool,
    findings: BTreeSet<(PathBuf, &'static str)>,
    kept: BTreeMap<&'static str, usize>,
    troubles: BTreeSet<String>,
    /// Why not all folders are watched; nothing before the first walk.
    missed: Option<Option<String>>,
}

impl Telling {
    pub(crate) fn new(as_json: bool) -> Self {
        Self { as_json, ..Self::default() }
    }

    pub(crate) fn started(&self, roots: &[Root], metrics: Option<SocketAddr>) {
        let roots: Vec<_> = roots.iter().map(|root| root.folder.display().to_string()).collect();
        tracing::info!("looking after {}", roots.join(", "));
        if let Some(address) = metrics {
            tracing::info!("metrics at http://{address}/metrics");
        }
        let metrics = metrics.map(|address| address.to_string());
        self.event("started", json!({ "roots": roots, "metrics": metrics }));
    }

    /// What a sweep did, and what it found that was not there, or not known, before.
    pub(crate) fn swept(&mut self, sweep: &Sweep, walked: Option<&Found>) {
        let count = |is: fn(&Outcome) -> bool| sweep.count(is);
        let retired = count(|outcome| matches!(outcome, Outcome::Retired));
        let put_back = count(|outcome| matches!(outcome, Outcome::PutBack));
        let bridged = count(|outcome| matches!(outcome, Outcome::Bridged));
        let would_retire = count(|outcome| matches!(outcome, Outcome::WouldRetire));
        if retired + put_back + bridged > 0 {
            tracing::info!("retired {retired} lock files, put back {put_back}, bridged {bridged}");
        }
        let found = walked.map_or(&[][..], |found| &found.troubles);
        self.troubles(sweep.troubles.iter().chain(found).map(|trouble| with_causes(trouble)).collect());
        for leftover in &sweep.leftovers {
            self.leftover(leftover);
        }
        self.findings(&sweep.judged);
        let kept = self.kept(&sweep.judged);
        let held = sweep.judged.iter().filter(|one| is_held(one.facts.state)).count();
        self.event(
            "sweep",
            json!({
                "locks": sweep.judged.len(), "held": held, "retired": retired, "put_back": put_back,
                "bridged": bridged, "would_retire": would_retire, "bridges_open": sweep.bridges_open,
                "kept": kept, "errors": sweep.troubles.len() + found.len(), "walked": walked.is_some(),
                "took_s": sweep.took.as_secs_f64(),
            }),
        );
    }

    pub(crate) fn leftover(&self, leftover: &Leftover) {
        let (did, path, to) = match leftover {
            Leftover::Removed(path) => ("removed a killed writer's temporary", path, None),
            Leftover::PutAside { from, to } => ("put a killed writer's temporary aside", from, Some(to)),
            Leftover::Restored(path) => {
                ("put back a lock file that a killed janitor had moved aside", path, None)
            }
            Leftover::Cleared(path) => ("removed a retired lock file of a killed janitor", path, None),
            Leftover::Bridged(path) => {
                ("a killed janitor's retired lock file is still used, bridging", path, None)
            }
            // Told by every sweep anew.
            _ => return,
        };
        match to {
            Some(to) => tracing::info!("{did}: {} to {}", shown(path), shown(to)),
            None => tracing::info!("{did}: {}", shown(path)),
        }
        let to = to.map(|to| to.display().to_string());
        self.event(
            "leftover",
            json!({ "what": leftover.word(), "path": path.display().to_string(), "to": to }),
        );
    }

    fn troubles(&mut self, now: BTreeSet<String>) {
        for trouble in now.difference(&self.troubles) {
            tracing::warn!("{trouble}");
            self.event("error", json!({ "message": trouble }));
        }
        self.troubles = now;
    }

    fn findings(&mut self, judged: &[Judged]) {
        let mut now = BTreeSet::new();
        for Judged { lock, verdict, .. } in judged {
            let Verdict::Report(finding) = verdict else { continue };
            let key = (lock.path.clone(), finding.word());
            if !self.findings.contains(&key) {
                let (kind, message) = (finding.word(), finding.to_string());
                tracing::warn!("{}: {}", shown(&lock.path), printable(&message));
                self.event(
                    "finding",
                    json!({ "path": lock.path.display().to_string(), "kind": kind, "message": message }),
                );
            }
            now.insert(key);
        }
        self.findings = now;
    }

    /// How many were kept for which reason. Reasons that are no matter of time are told when their number changes.
    fn kept(&mut self, judged: &[Judged]) -> BTreeMap<&'static str, usize> {
        let mut now: BTreeMap<_, Vec<(&Path, &Reason)>> = BTreeMap::new();
        for Judged { lock, outcome, .. } in judged {
            if let Outcome::Kept(reason) = outcome {
                now.entry(reason.word()).or_default().push((&lock.path, reason));
            }
        }
        for (word, locks) in &now {
            if let Some((path, reason)) = locks.first().filter(|(_, reason)| is_lasting(reason))
                && self.kept.get(word) != Some(&locks.len())
            {
                tracing::info!("kept {} lock files, such as {}: {reason}", locks.len(), shown(path));
            }
        }
        self.kept = now.into_iter().map(|(word, locks)| (word, locks.len())).collect();
        self.kept.clone()
    }

    /// Whether all folders are watched, and if not, why.
    pub(crate) fn watching(&mut self, missed: Option<&str>) {
        let missed = missed.map(str::to_owned);
        if self.missed.as_ref() != Some(&missed) {
            match &missed {
                Some(why) => tracing::warn!("{why}: every sweep walks through all folders instead"),
                None => tracing::info!("all folders are watched"),
            }
            self.event("watching", json!({ "all": missed.is_none(), "missed": missed }));
            self.missed = Some(missed);
        }
    }

    pub(crate) fn lost_track(&self) {
        tracing::warn!(
            "notices of changes were lost, there were too many: the next sweep walks through all folders"
        );
        self.event("lost_track", json!({}));
    }

    pub(crate) fn reloaded(&self, outcome: Result<(), &Failure>) {
        match outcome {
            Ok(()) => tracing::info!("the configuration was read anew"),
            Err(failure) => {
                tracing::error!("the settings stay as they were: {}", with_causes(failure));
            }
        }
        let message = outcome.err().map(|failure| with_causes(failure));
        self.event("reload", json!({ "done": outcome.is_ok(), "message": message }));
    }

    pub(crate) fn ended(&self, bridges_left: usize) {
        if bridges_left > 0 {
            tracing::warn!(
                "{bridges_left} retired lock files are still in use: until their users close them, these do not exclude \
                 users of the lock files that stand there now"
            );
        }
        tracing::info!("stopped");
        self.event("stopped", json!({ "bridges_left": bridges_left }));
    }

    /// Nobody who reads it is no reason to stop.
    fn event(&self, name: &str, mut event: Value) {
        if !self.as_json {
            return;
        }
        if let Some(fields) = event.as_object_mut() {
            let rest = std::mem::take(fields);
            fields.insert("event".into(), name.into());
            fields.insert("at".into(), jiff::Timestamp::now().to_string().into());
            fields.extend(rest);
        }
        let _ = print(&format!("{event}\n"));
    }
}

fn is_held(state: State) -> bool {
    matches!(state, State::Exclusive | State::Shared)
}

fn is_lasting(reason: &Reason) -> bool {
    !matches!(
        reason,
        Reason::Held
            | Reason::WaitedFor
            | Reason::TaskLives
            | Reason::Young { .. }
            | Reason::Open
            | Reason::Changed
            | Reason::Bridged
    )
}

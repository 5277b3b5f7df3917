//! The mean duration of the uses of a skill.
//!
//! It is the mean of all uses whose duration is known, successes and failures alike. Where the history tells of every use it is counted anew
//! from there, so nothing adds up over thousands of uses, and is written in whole milliseconds. Where the history was cut, only the stored mean
//! knows of the older uses: it is taken for the mean of all of them, and the new one is written without rounding. Unless it is exactly what the history
//! tells: then nobody knows how long the older uses took.

use super::USAGE_HISTORY;
use crate::RegistryError;
use crate::section::{items, number};
use atomic_io::Document;

/// What the history tells of one skill.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// Uses.
    pub(super) uses: u64,
    /// Uses whose duration is known.
    pub(super) timed: u64,
    /// Their durations together, in milliseconds.
    pub(super) sum_ms: f64,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
}

impl Told {
    pub(super) fn of(document: &Document, id: &str) -> Result<Self, RegistryError> {
        let mut told = Self::default();
        for item in items(document.root(), USAGE_HISTORY)? {
            if item.field("skill").and_then(|skill| skill.str()).as_deref() != Some(id) {
                continue;
            }
            told.uses += 1;
            match item.field("result").and_then(|result| result.str()).as_deref() {
                Some("success") => told.succeeded += 1,
                Some("failure") => told.failed += 1,
                _ => {}
            }
            if let Some(time) = number(item, "execution_time_ms") {
                told.timed += 1;
                told.sum_ms += time;
            }
        }
        Ok(told)
    }

    /// The mean of the uses whose duration it tells.
    pub(super) fn mean(self) -> Option<f64> {
        (self.timed > 0).then(|| self.sum_ms / float(self.timed))
    }
}

/// The mean after a change of the history from `before` to `after`, for a skill that had `uses` uses and this mean before.
pub(super) fn mean(uses: u64, stored: Option<f64>, before: Told, after: Told) -> Option<f64> {
    let untold = uses.saturating_sub(before.uses);
    match stored {
        Some(stored) if untold > 0 && before.mean() != Some(stored) => {
            // Of uses that nothing is told of the duration was known, or there would be no mean of them.
            let sum = stored * float(untold + before.timed) - before.sum_ms + after.sum_ms;
            Some(sum / float(untold + after.timed))
        }
        _ if untold > 0 => after.mean(),
        _ => after.mean().map(f64::round),
    }
}

/// Exact for every number of uses that a file can tell of.
fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

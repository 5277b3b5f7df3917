//! What a program that uses this library can see of its locks: `tracing` events, and with the feature `metrics` the counts of the `metrics`
//! facade. Who records them, and whether anybody does, is the program's choice.

use crate::acquire::Mode;
use std::path::Path;
use std::time::Duration;

/// The lock was taken; `waited` is `None` if it was free.
pub(crate) fn acquired(path: &Path, mode: Mode, waited: Option<Duration>) {
    match waited {
        Some(waited) => {
            tracing::debug!(path = %path.display(), ?mode, waited_us = waited.as_micros(), "locked after waiting");
        }
        None => tracing::trace!(path = %path.display(), ?mode, "locked"),
    }
    #[cfg(feature = "metrics")]
    {
        metrics::counter!("lock_acquisitions_total", "lock" => name(path)).increment(1);
        metrics::histogram!("lock_wait_seconds", "lock" => name(path)).record(waited.unwrap_or_default());
    }
}

pub(crate) fn timed_out(path: &Path, waited: Duration) {
    // No more than this: the caller is given an error that says it all.
    tracing::debug!(path = %path.display(), waited_ms = waited.as_millis(), "gave up waiting for a lock");
    #[cfg(feature = "metrics")]
    metrics::counter!("lock_timeouts_total", "lock" => name(path)).increment(1);
}

/// The lock was granted on a file that is not there any more.
pub(crate) fn ghost(path: &Path) {
    tracing::debug!(path = %path.display(), "the lock file was removed while it was waited for; opening it again");
    #[cfg(feature = "metrics")]
    metrics::counter!("lock_ghosts_total", "lock" => name(path)).increment(1);
}

pub(crate) fn released(path: &Path, held: Duration, long_hold: Duration) {
    if held > long_hold {
        tracing::warn!(path = %path.display(), held_ms = held.as_millis(), "a lock was held for long");
    }
    #[cfg(feature = "metrics")]
    metrics::histogram!("lock_held_seconds", "lock" => name(path)).record(held);
}

#[cfg(feature = "metrics")]
fn name(path: &Path) -> String {
    path.display().to_string()
}

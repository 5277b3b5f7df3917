//! Waits for another try that this dispatcher measures itself. `retry_at` is a time of the clock on the wall; when that is set back, a wait of
//! seconds would be one of hours.

use jiff::{SignedDuration, Timestamp};
use queue_cli::ops::Waited;
use std::collections::HashMap;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(crate) struct OwnWaits {
    running: HashMap<String, (String, Instant)>,
    over: Vec<Waited>,
}

impl OwnWaits {
    /// The task `id` failed at `now`, and waits until `retry_at`.
    pub(crate) fn begin(&mut self, id: &str, retry_at: &str, now: Timestamp) {
        self.over.retain(|waited| waited.id != id);
        let wait = retry_at.parse::<Timestamp>().map_or(SignedDuration::MAX, |at| at.duration_since(now));
        let end = wait.try_into().ok().and_then(|wait: Duration| Instant::now().checked_add(wait));
        if let Some(end) = end {
            self.running.insert(id.into(), (retry_at.into(), end));
        }
    }

    /// Takes in which of them are over; whether any ended since this was asked last.
    pub(crate) fn end_those_over(&mut self) -> bool {
        let now = Instant::now();
        let before = self.over.len();
        let ended = self.running.extract_if(|_, (_, end)| *end <= now);
        self.over.extend(ended.map(|(id, (retry_at, _))| Waited { id, retry_at }));
        self.over.len() > before
    }

    /// Those that are over.
    pub(crate) fn over(&self) -> &[Waited] {
        &self.over
    }

    /// The task is tried again.
    pub(crate) fn forget(&mut self, id: &str) {
        self.running.remove(id);
        self.over.retain(|waited| waited.id != id);
    }

    /// How long it is until the next of them ends.
    pub(crate) fn next(&self) -> Option<Duration> {
        let end = self.running.values().map(|(_, end)| *end).min()?;
        Some(end.saturating_duration_since(Instant::now()))
    }
}

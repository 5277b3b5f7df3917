//! What follows from the totals of a lock.

use lock_core::LockTotals;
use std::time::Duration;

/// The upper bounds of the counts of waits in a record; the last count has none.
const BOUNDS_US: [u64; 7] = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
/// A suggestion is so many times what nearly everybody waited: room for a slower day.
const MARGIN: u32 = 3;
/// Less than this a pause of the machine alone can take.
const LEAST_TIMEOUT_S: u64 = 1;

/// Shares and quantiles. A quantile is over all attempts, those that got the lock at once among them, and is an upper bound: the
/// records keep waits in eight classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) contended_share: f64,
    /// `None`: who is at this place in the row gave up.
    pub(super) wait_p50: Option<Duration>,
    pub(super) wait_p99: Option<Duration>,
    pub(super) wait_p999: Option<Duration>,
    /// In whole seconds.
    pub(super) suggested_timeout: Duration,
}

impl Figures {
    #[expect(clippy::cast_precision_loss, reason = "a share is shown with one digit behind the point")]
    pub(super) fn of(totals: &LockTotals) -> Self {
        let wait_p999 = wait_of(totals, 999);
        let need = MARGIN * wait_p999.unwrap_or(totals.longest_wait);
        let seconds = need.as_secs() + u64::from(need.subsec_nanos() > 0);
        Self {
            contended_share: totals.contended as f64 / totals.acquisitions.max(1) as f64,
            wait_p50: wait_of(totals, 500),
            wait_p99: wait_of(totals, 990),
            wait_p999,
            suggested_timeout: Duration::from_secs(seconds.max(LEAST_TIMEOUT_S)),
        }
    }
}

/// How long `permille` of all attempts waited at most; `None` if too many gave up to tell.
fn wait_of(totals: &LockTotals, permille: u64) -> Option<Duration> {
    let attempts = totals.acquisitions.saturating_add(totals.timed_out);
    let place = u64::try_from((u128::from(attempts) * u128::from(permille)).div_ceil(1000)).ok()?;
    let mut passed = totals.acquisitions.saturating_sub(totals.contended);
    if place <= passed {
        return Some(Duration::ZERO);
    }
    for (class, count) in totals.waits.iter().enumerate() {
        passed = passed.saturating_add(*count);
        if place <= passed {
            let bound = BOUNDS_US.get(class).map(|bound| Duration::from_micros(*bound));
            return Some(bound.map_or(totals.longest_wait, |bound| bound.min(totals.longest_wait)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(at_once: u64, waits: [u64; 8], timed_out: u64, longest_ms: u64) -> LockTotals {
        let mut totals = LockTotals::default();
        totals.contended = waits.iter().sum();
        totals.acquisitions = at_once + totals.contended;
        (totals.waits, totals.timed_out) = (waits, timed_out);
        totals.longest_wait = Duration::from_millis(longest_ms);
        totals
    }

    fn check(totals: &LockTotals, waits_ms: [Option<u64>; 3], timeout_s: u64) {
        let figures = Figures::of(totals);
        let found = [figures.wait_p50, figures.wait_p99, figures.wait_p999];
        assert_eq!(found, waits_ms.map(|wait| wait.map(Duration::from_millis)), "{totals:?}");
        assert_eq!(figures.suggested_timeout, Duration::from_secs(timeout_s), "{totals:?}");
    }

    #[test]
    fn quantiles_are_of_all_attempts_and_bounds_from_above() {
        check(&totals(0, [0; 8], 0, 0), [Some(0), Some(0), Some(0)], 1);
        check(&totals(1000, [0; 8], 0, 0), [Some(0), Some(0), Some(0)], 1);
        // 980 at once, 15 below 10 ms, 5 below 1 s: the longest of all is a nearer bound than that of its class.
        check(&totals(980, [0, 0, 15, 0, 5, 0, 0, 0], 0, 700), [Some(0), Some(10), Some(700)], 3);
        check(&totals(0, [0, 0, 0, 1000, 0, 0, 0, 0], 0, 100), [Some(100), Some(100), Some(100)], 1);
        check(&totals(0, [0, 0, 0, 0, 0, 0, 0, 10], 0, 250_000), [Some(250_000); 3], 750);
    }

    #[test]
    fn who_gave_up_would_have_waited_longer_than_anybody_knows() {
        check(&totals(500, [0, 0, 0, 0, 0, 490, 0, 0], 10, 4_200), [Some(0), Some(4_200), None], 13);
        // One in two thousand changes nothing.
        check(&totals(1_999, [0; 8], 1, 0), [Some(0), Some(0), Some(0)], 1);
    }
}

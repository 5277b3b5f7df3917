//! `lock-janitor report`: what was measured of each lock, and the lock timeout that fits.

mod figures;

use crate::cli::Where;
use crate::exit::{Exit, Failure, with_causes};
use crate::output::say;
use crate::settings::Settings;
use crate::show::shown;
use figures::Figures;
use lock_core::LockTotals;
use lock_janitor::{Depth, OwnFolder, Root, Trouble, banked, scan, survey};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a line of the table holds before the path.
const PATH_COLUMN: usize = 64;
const WIDTH: usize = 80;

/// Says of each lock how often it was taken, how long was waited for it, and what timeout fits.
pub(crate) fn run(args: &Where, as_json: bool) -> Result<(String, Exit), Failure> {
    let Settings { roots, rules, .. } = Settings::of(args)?;
    let found = scan(&roots, &rules, &|| false);
    let (known, troubles) = survey(&found, Depth::Listed, &|| false);
    let mut errors: Vec<_> =
        found.troubles.iter().chain(&troubles).map(|trouble| with_causes(trouble)).collect();
    let is_missing = |trouble: &Trouble| matches!(trouble, Trouble::NoSuchFolder { .. });
    let mut totals = BTreeMap::new();
    for root in &roots {
        errors.extend(take_banked(root, &mut totals));
    }
    let mut without = 0;
    for one in known {
        match one.facts.totals {
            Some(now) => *totals.entry(one.lock.path).or_default() += now,
            None if totals.contains_key(&one.lock.path) => {}
            None => without += 1,
        }
    }
    totals.retain(|_, totals| totals.acquisitions + totals.timed_out > 0);
    let exit = match errors.is_empty() {
        true => Exit::Done,
        false if found.troubles.iter().any(is_missing) => Exit::NotFound,
        false => Exit::Failure,
    };
    if as_json {
        let locks: Vec<_> = totals.iter().map(|(path, totals)| lock_json(path, totals)).collect();
        let object = json!({ "locks": locks, "without_totals": without, "errors": errors });
        return Ok((format!("{object:#}\n"), exit));
    }
    for error in errors {
        say(&format!("lock-janitor: {error}"));
    }
    Ok((table(&totals, without), exit))
}

/// Adds what is kept of lock files that are gone; what cannot be read of it is told.
fn take_banked(root: &Root, totals: &mut BTreeMap<PathBuf, LockTotals>) -> Option<String> {
    match banked(&root.folder) {
        Ok(banked) => {
            for (below, banked) in banked {
                let path = root.folder.join(below);
                let path = path.strip_prefix(".").map(PathBuf::from).unwrap_or(path);
                *totals.entry(path).or_default() += banked;
            }
            None
        }
        Err(error) => Some(format!(
            "cannot read the totals of retired lock files in {}: {error}",
            OwnFolder::path(&root.folder).display()
        )),
    }
}

fn lock_json(path: &Path, totals: &LockTotals) -> Value {
    let figures = Figures::of(totals);
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    json!({
        "path": path.display().to_string(),
        "acquisitions": totals.acquisitions,
        "contended": totals.contended,
        "contended_share": figures.contended_share,
        "timed_out": totals.timed_out,
        "wait_p50_s": seconds(figures.wait_p50),
        "wait_p99_s": seconds(figures.wait_p99),
        "wait_p999_s": seconds(figures.wait_p999),
        "longest_wait_s": totals.longest_wait.as_secs_f64(),
        "longest_hold_s": totals.longest_hold.as_secs_f64(),
        "suggested_timeout_s": figures.suggested_timeout.as_secs(),
        "timeouts_too_short": figures.wait_p999.is_none(),
    })
}

fn table(locks: &BTreeMap<PathBuf, LockTotals>, without: usize) -> String {
    let mut table = String::new();
    if !locks.is_empty() {
        table.push_str("   TAKEN WAITED     P50     P99     MAX    HELD GAVE UP TIMEOUT LOCK FILE\n");
    }
    let mut has_short = false;
    for (path, totals) in locks {
        let figures = Figures::of(totals);
        has_short |= figures.wait_p999.is_none();
        let at_most = |time: Option<Duration>| time.map_or_else(|| "?".into(), span);
        let line = format!(
            "{:>8} {:>5.1}% {:>7} {:>7} {:>7} {:>7} {:>7} {:>6}s",
            totals.acquisitions,
            100.0 * figures.contended_share,
            at_most(figures.wait_p50),
            at_most(figures.wait_p99),
            span(totals.longest_wait),
            span(totals.longest_hold),
            totals.timed_out,
            figures.suggested_timeout.as_secs(),
        );
        let path = shown(path);
        let fits = path.chars().count() <= WIDTH - PATH_COLUMN;
        table.push_str(&format!("{line}{}{path}\n", if fits { " " } else { "\n  " }));
    }
    let with = |count: usize| if count == 1 { "1 lock".to_owned() } else { format!("{count} locks") };
    table.push_str(&format!("{} with totals, {without} without\n", with(locks.len())));
    if !locks.is_empty() {
        table.push_str(
            "P50, P99: half, 99 % of all attempts waited no longer. TIMEOUT: 3 times what 99.9 % waited, at least 1s.\n",
        );
    }
    if has_short {
        table.push_str("?: so many gave up that nobody knows how long they would have waited; TIMEOUT is a guess then.\n");
    }
    table
}

/// In seven columns, rounded up: it is an upper bound.
fn span(time: Duration) -> String {
    match time.as_micros() {
        0 => "0".into(),
        us @ 1..10_000 => format!("{}ms", tenths(us.div_ceil(100))),
        us @ 10_000..1_000_000 => format!("{}ms", us.div_ceil(1_000)),
        us @ 1_000_000..100_000_000 => format!("{}s", tenths(us.div_ceil(100_000))),
        us => format!("{}s", us.div_ceil(1_000_000)),
    }
}

fn tenths(tenths: u128) -> String {
    match tenths % 10 {
        0 => format!("{}", tenths / 10),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_short_and_never_rounded_down() {
        let shown = [0, 1, 100, 101, 9_999, 10_001, 1_000_000, 1_000_001, 600_000_000];
        let shown = shown.map(|us| span(Duration::from_micros(us)));
        assert_eq!(shown, ["0", "0.1ms", "0.1ms", "0.2ms", "10ms", "11ms", "1s", "1.1s", "600s"]);
    }
}

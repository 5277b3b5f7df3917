//! Whether waits that ended without the lock ended when they should, and said who has it.

use std::time::Duration;

/// One wait, as its process told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeout {
    /// Measured around the call.
    took: Duration,
    /// What the error says.
    waited: Duration,
    /// Whom the error names; 0 for nobody.
    holder: u32,
}

/// How late the waits ended, where none was early. What is measured around the call includes the search for the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lateness {
    pub(crate) median: Duration,
    pub(crate) longest: Duration,
    pub(crate) median_with_search: Duration,
}

/// Reads lines like `1103 1071 4711`.
pub(crate) fn parse(lines: &str) -> Result<Vec<Timeout>, String> {
    let parse_one = |line: &str| {
        let mut numbers = line.split(' ').map(|word| word.parse::<u32>().ok());
        let mut next = || numbers.next().flatten();
        let (took, waited, holder) = (next()?, next()?, next()?);
        let us = |number| Duration::from_micros(u64::from(number));
        Some(Timeout { took: us(took), waited: us(waited), holder })
    };
    lines
        .lines()
        .map(|line| parse_one(line).ok_or_else(|| format!("a timeout was told as `{line}`")))
        .collect()
}

pub(crate) fn judge(timeouts: &[Timeout], asked: Duration, holder: u32) -> Result<Lateness, String> {
    if let Some(early) = timeouts.iter().find(|timeout| timeout.took < asked || timeout.waited < asked) {
        return Err(format!(
            "a wait of {asked:?} ended after {:?}, and the error says {:?}",
            early.took, early.waited
        ));
    }
    if let Some(wrong) = timeouts.iter().find(|timeout| timeout.holder != holder) {
        return Err(format!("an error names process {} as the holder; it was {holder}", wrong.holder));
    }
    let sorted = |time: fn(&Timeout) -> Duration| {
        let mut late: Vec<_> = timeouts.iter().map(|timeout| time(timeout).saturating_sub(asked)).collect();
        late.sort_unstable();
        late
    };
    let (late, searched) = (sorted(|timeout| timeout.waited), sorted(|timeout| timeout.took));
    let middle = |late: &[Duration]| late.get(late.len() / 2).copied().ok_or("nothing timed out");
    Ok(Lateness {
        median: middle(&late)?,
        longest: late.last().copied().unwrap_or_default(),
        median_with_search: middle(&searched)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Duration, judge, parse};

    const ASKED: Duration = Duration::from_millis(1);

    #[test]
    fn lateness_is_told_and_not_judged() {
        let timeouts = parse("1100 1050 7\n1000 1000 7\n90000 2000 7\n").unwrap();
        let lateness = judge(&timeouts, ASKED, 7).unwrap();
        assert_eq!(lateness.median.as_micros(), 50);
        assert_eq!(lateness.longest.as_micros(), 1_000);
        assert_eq!(lateness.median_with_search.as_micros(), 100);
    }

    #[test]
    fn an_early_end_a_wrong_holder_and_nothing_at_all_are_noticed() {
        for wrong in ["999 1000 7", "1000 999 7", "1000 1000 0", "1000 1000 8", ""] {
            let timeouts = parse(wrong).unwrap();
            assert!(judge(&timeouts, ASKED, 7).is_err(), "{wrong}");
        }
        assert!(parse("1000 1000").is_err());
    }
}

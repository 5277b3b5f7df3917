//! How many system calls something takes, from the summaries of `strace -c`.

use std::collections::{BTreeMap, BTreeSet};

/// Calls by name.
pub(crate) type Counts = BTreeMap<String, u64>;

/// Above what is expected for all turns together: memory is asked for now and then, not in every turn.
const NOW_AND_THEN: u64 = 10;

/// Reads a summary; lines like `  1.50    0.000012    1    1007    2 openat`, the number of errors being left out where it is 0.
pub(crate) fn parse(summary: &str) -> Counts {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let calls = words.get(3)?.parse().ok()?;
        let name = *words.last()?;
        (words.len() > 4 && name != "total").then(|| (name.to_owned(), calls))
    };
    summary.lines().filter_map(line).collect()
}

/// That between a run of few and a run of many turns, `turns` apart, lie exactly the `expected` calls for each turn.
pub(crate) fn per_turn(
    few: &Counts,
    many: &Counts,
    turns: u64,
    expected: &[(&str, u64)],
) -> Result<(), String> {
    let expected: BTreeMap<&str, u64> = expected.iter().copied().collect();
    let seen = few.keys().chain(many.keys()).map(String::as_str);
    let names: BTreeSet<&str> = seen.chain(expected.keys().copied()).collect();
    let count = |counts: &Counts, name: &str| counts.get(name).copied().unwrap_or(0);
    let mut wrong = Vec::new();
    for name in names {
        let found = count(many, name).saturating_sub(count(few, name));
        let expected = expected.get(name).copied().unwrap_or(0);
        if found.abs_diff(expected * turns) > NOW_AND_THEN {
            wrong.push(format!("{name}: {found} in {turns} turns, expected {expected} in each"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

/// What makes files durable or visible: not one more of these, whatever slack there is for the others.
const DEAR: [&str; 6] = ["fsync", "fdatasync", "sync_file_range", "rename", "renameat2", "linkat"];

/// That no more was called than `expected`, and in all at most `slack` more.
pub(crate) fn at_most(counts: &Counts, expected: &[(&str, u64)], slack: u64) -> Result<(), String> {
    let expected: BTreeMap<&str, u64> = expected.iter().copied().collect();
    let more: Vec<(&str, u64, u64)> = (counts.iter())
        .map(|(name, found)| (name.as_str(), *found, expected.get(name.as_str()).copied().unwrap_or(0)))
        .filter(|(_, found, expected)| found > expected)
        .collect();
    let in_all: u64 = more.iter().map(|(_, found, expected)| found - expected).sum();
    if in_all <= slack && !more.iter().any(|(name, ..)| DEAR.contains(name)) {
        return Ok(());
    }
    let more: Vec<_> =
        more.iter().map(|(name, found, expected)| format!("{name}: {found} instead of {expected}")).collect();
    Err(format!("{in_all} calls more than expected: {}", more.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::{Counts, at_most, parse, per_turn};

    fn counts(of: &[(&str, u64)]) -> Counts {
        of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn names_and_calls_are_read_with_and_without_errors() {
        let summary = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 71.43    0.000015           1      1007         2 openat
 28.57    0.000006           3         2           flock
------ ----------- ----------- --------- --------- ----------------
100.00    0.000021           2      1009         2 total
";
        assert_eq!(parse(summary), counts(&[("openat", 1007), ("flock", 2)]));
    }

    #[test]
    fn one_call_more_or_less_in_each_turn_is_refused_and_one_in_hundreds_is_not() {
        let few = counts(&[("openat", 107), ("flock", 200), ("brk", 3)]);
        let expected = [("openat", 1), ("flock", 2)];
        let judge = |many: &[(&str, u64)]| per_turn(&few, &counts(many), 1_000, &expected);
        assert!(judge(&[("openat", 1_107), ("flock", 2_200), ("brk", 5)]).is_ok());
        assert!(judge(&[("openat", 1_107), ("flock", 3_200), ("brk", 3)]).is_err());
        assert!(judge(&[("openat", 1_107), ("flock", 1_200), ("brk", 3)]).is_err());
        assert!(judge(&[("openat", 1_107), ("flock", 2_200), ("fsync", 1_000)]).is_err());
        assert!(judge(&[("openat", 1_107)]).is_err());
    }

    #[test]
    fn a_few_calls_more_are_let_pass_but_no_sync() {
        let expected = [("openat", 3), ("fsync", 2)];
        let judge = |found: &[(&str, u64)]| at_most(&counts(found), &expected, 2);
        assert!(judge(&[("openat", 3), ("fsync", 2)]).is_ok());
        assert!(judge(&[("openat", 4), ("getpid", 1)]).is_ok());
        assert!(judge(&[("openat", 4), ("getpid", 2)]).is_err());
        assert!(judge(&[("fsync", 3)]).unwrap_err().ends_with("fsync: 3 instead of 2"));
    }
}

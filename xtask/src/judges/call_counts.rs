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

#[cfg(test)]
mod tests {
    use super::{Counts, parse, per_turn};

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
}

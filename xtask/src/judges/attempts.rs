//! Whether the tasks ran as the queue says they did, by what they wrote down themselves, where attempts may end early.

use std::collections::BTreeMap;

/// What the queue says of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) status: String,
    pub(crate) attempt: u64,
}

/// What one task's lines say.
#[derive(Default)]
struct Ran {
    started: Vec<u64>,
    ended: Vec<u64>,
}

/// Judges the lines `start ID ATTEMPT`, `end ID ATTEMPT`, and `overlap ID ATTEMPT` of a task that found itself running already.
///
/// Each task may have been started at most `starts` times, never while it ran, never again after an end that was written down in the
/// queue; what the queue calls completed came to its end in that attempt.
pub(crate) fn judge(journal: &str, queue: &BTreeMap<String, Told>, starts: usize) -> Result<(), String> {
    let mut ran: BTreeMap<&str, Ran> = BTreeMap::new();
    for line in journal.lines() {
        let wrong = || format!("`{line}` is no line of a task's journal");
        let mut words = line.split(' ');
        let (Some(what), Some(id), Some(attempt), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(wrong());
        };
        let attempt: u64 = attempt.parse().ok().ok_or_else(wrong)?;
        let task = ran.entry(id).or_default();
        match what {
            "start" if task.started.last().is_some_and(|last| *last >= attempt) => {
                return Err(format!("{id} was started as attempt {attempt} after a later or the same one"));
            }
            "start" => task.started.push(attempt),
            "end" if task.started.last() == Some(&attempt) => task.ended.push(attempt),
            "end" => return Err(format!("attempt {attempt} of {id} ended without being the one that ran")),
            "overlap" => return Err(format!("attempt {attempt} of {id} was started while {id} ran")),
            _ => return Err(wrong()),
        }
    }
    for (id, task) in &ran {
        if task.started.len() > starts {
            let times = task.started.len();
            return Err(format!("{id} was started {times} times, {starts} at most can be right"));
        }
        if !queue.contains_key(*id) {
            return Err(format!("{id} ran, which is not in the queue"));
        }
    }
    for (id, told) in queue.iter().filter(|(_, told)| told.status == "completed") {
        if ran.get(id.as_str()).is_none_or(|task| task.ended.last() != Some(&told.attempt)) {
            return Err(format!(
                "{id} is completed by attempt {}, which never came to its end",
                told.attempt
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Told, judge};
    use std::collections::BTreeMap;

    fn decide(lines: &[&str], attempt: u64, starts: usize) -> Result<(), String> {
        let told = Told { status: "completed".into(), attempt };
        judge(&lines.join("\n"), &BTreeMap::from([("A".to_owned(), told)]), starts)
    }

    #[test]
    fn an_attempt_that_ended_early_and_one_that_completed_are_right() {
        assert_eq!(decide(&["start A 1", "end A 1"], 1, 1), Ok(()));
        assert_eq!(decide(&["start A 1", "start A 2", "end A 2"], 2, 2), Ok(()));
        let pending = Told { status: "pending".into(), attempt: 0 };
        assert_eq!(judge("", &BTreeMap::from([("A".to_owned(), pending)]), 1), Ok(()));
    }

    #[test]
    fn every_wrong_history_is_noticed() {
        for lines in [
            &[][..],
            &["start A 1"],
            &["start A 1", "overlap A 2", "start A 2", "end A 2"],
            &["start A 1", "end A 1", "start A 2"],
            &["start A 1", "start A 1", "end A 1"],
            &["start A 2", "start A 1", "end A 1"],
            &["start A 1", "start A 2", "start A 3", "end A 3"],
            &["start A 1", "start A 2", "end A 1"],
            &["end A 1"],
            &["start A 1", "end A 1", "start B 1"],
            &["start A 1 1", "end A 1"],
            &["start A"],
            &["begin A 1"],
        ] {
            let attempt = lines.iter().filter_map(|line| line.split(' ').nth(2)?.parse().ok()).max();
            assert!(decide(lines, attempt.unwrap_or(1), 2).is_err(), "{lines:?}");
        }
    }
}

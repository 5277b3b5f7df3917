//! What the tasks themselves wrote down: a line when they start and one when they end.

use crate::judges::queue::Tasks;
use std::collections::{BTreeMap, BTreeSet};

/// The lines `start ID ATTEMPT` and `end ID ATTEMPT`, in the order in which they were written. A task that finds another instance
/// of itself writes `overlap ID ATTEMPT`.
pub(crate) struct Journal(Vec<(Moment, String, u64)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Start,
    End,
}

impl Journal {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let line = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            let no_line = || format!("`{line}` is no line of a task's journal");
            let [word, id, attempt] = words.as_slice() else { return Err(no_line()) };
            let attempt = attempt.parse().map_err(|error| format!("{}: {error}", no_line()))?;
            match *word {
                "start" => Ok((Moment::Start, (*id).to_owned(), attempt)),
                "end" => Ok((Moment::End, (*id).to_owned(), attempt)),
                "overlap" => {
                    Err(format!("{id} was started in attempt {attempt} while something of it lived"))
                }
                _ => Err(no_line()),
            }
        };
        text.lines().map(line).collect::<Result<_, _>>().map(Self)
    }

    /// That exactly `expected` ran, each once from its start to its end, and none before its blockers had ended.
    pub(crate) fn judge(&self, tasks: &Tasks, expected: &BTreeSet<&str>) -> Result<(), String> {
        let mut ended = BTreeMap::new();
        let mut running = BTreeSet::new();
        for (number, (moment, id, _)) in self.0.iter().enumerate() {
            let id = id.as_str();
            if !expected.contains(id) {
                return Err(format!("{id} ran, which was not to run"));
            }
            match moment {
                Moment::Start if running.contains(id) => {
                    return Err(format!("{id} was started while it ran"));
                }
                Moment::Start if ended.contains_key(id) => return Err(format!("{id} ran a second time")),
                Moment::Start => {
                    after_its_blockers(id, tasks, expected, |blocker| ended.contains_key(blocker))?;
                    running.insert(id);
                }
                Moment::End if running.remove(id) => {
                    ended.insert(id, number);
                }
                Moment::End => return Err(format!("{id} ended without having been started")),
            }
        }
        match expected.iter().find(|id| !ended.contains_key(*id)) {
            Some(id) => Err(format!("{id} never came to its end")),
            None => Ok(()),
        }
    }

    /// The same where tasks and their supervisors were killed: a task may be started again, each time in a later attempt and after all of
    /// the one before is gone. The attempt that the file calls completed came to its end, and is the last.
    pub(crate) fn judge_killed(
        &self,
        tasks: &Tasks,
        expected: &BTreeSet<&str>,
        completed: &BTreeMap<String, u64>,
    ) -> Result<(), String> {
        let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
        for (moment, id, attempt) in &self.0 {
            let (id, attempt) = (id.as_str(), *attempt);
            if !expected.contains(id) {
                return Err(format!("{id} ran, which was not to run"));
            }
            if *moment == Moment::Start {
                let has_ended = |id: &str| seen.get(id).is_some_and(|seen| seen.ended.is_some());
                after_its_blockers(id, tasks, expected, has_ended)?;
            }
            let task = seen.entry(id).or_default();
            match moment {
                Moment::Start if attempt <= task.attempt => {
                    return Err(format!(
                        "{id} was started in attempt {attempt} after attempt {}",
                        task.attempt
                    ));
                }
                Moment::Start => task.attempt = attempt,
                Moment::End if attempt != task.attempt || task.ended == Some(attempt) => {
                    return Err(format!("attempt {attempt} of {id} ended out of turn"));
                }
                Moment::End => task.ended = Some(attempt),
            }
        }
        for id in expected {
            let completed = completed.get(*id).copied();
            match seen.get(id) {
                Some(task) if task.ended == completed && Some(task.attempt) == completed => {}
                _ => {
                    return Err(format!(
                        "{id} is completed in attempt {completed:?}, which did not end last"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// What was seen of a task so far.
#[derive(Default)]
struct Seen {
    /// The latest attempt.
    attempt: u64,
    /// The attempt that came to its end last.
    ended: Option<u64>,
}

fn after_its_blockers(
    id: &str,
    tasks: &Tasks,
    expected: &BTreeSet<&str>,
    has_ended: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let blockers = tasks.blockers(id);
    match blockers.iter().find(|blocker| expected.contains(blocker.as_str()) && !has_ended(blocker)) {
        Some(blocker) => Err(format!("{id} was started before {blocker} had ended")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Journal;
    use crate::judges::queue::Tasks;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn tasks() -> Tasks {
        let queue = json!({"tasks": [
            {"id": "A", "status": "pending"},
            {"id": "B", "status": "pending", "blockedBy": ["A"]},
            {"id": "X", "status": "in_progress"},
        ]});
        Tasks::of(&queue).unwrap()
    }

    fn judge(lines: &[&str]) -> Result<(), String> {
        let tasks = tasks();
        Journal::parse(&lines.join("\n"))?.judge(&tasks, &tasks.runnable())
    }

    #[test]
    fn once_each_in_the_order_of_the_blockers_is_right() {
        assert_eq!(judge(&["start A 1", "end A 1", "start B 2", "end B 2"]), Ok(()));
    }

    #[test]
    fn every_wrong_history_is_noticed() {
        for lines in [
            &["start A 1", "start B 1", "end A 1", "end B 1"][..],
            &["start A 1", "start A 2", "end A 1", "end A 2", "start B 1", "end B 1"],
            &["start A 1", "end A 1", "start A 2", "end A 2", "start B 1", "end B 1"],
            &["start A 1", "end A 1"],
            &["start A 1", "end A 1", "start B 1"],
            &["end A 1", "start B 1", "end B 1"],
            &["start A 1", "end A 1", "start B 1", "end B 1", "start X 1", "end X 1"],
            &["start A ", "end A 1", "start B 1", "end B 1"],
            &["start A 1", "end A 1", "overlap B 1", "start B 1", "end B 1"],
            &["stArt A 1"],
        ] {
            assert!(judge(lines).is_err(), "{lines:?}");
        }
    }

    /// `A` is completed in attempt 3, `B` in attempt 1.
    fn judge_killed(lines: &[&str]) -> Result<(), String> {
        let tasks = tasks();
        let completed = BTreeMap::from([("A".to_owned(), 3), ("B".to_owned(), 1)]);
        Journal::parse(&lines.join("\n"))?.judge_killed(&tasks, &tasks.runnable(), &completed)
    }

    #[test]
    fn killed_attempts_are_followed_by_one_that_comes_to_its_end() {
        let end = ["start B 1", "end B 1"];
        assert_eq!(judge_killed(&[&["start A 1", "start A 3", "end A 3"], &end[..]].concat()), Ok(()));
        // The end of attempt 2 was not written down any more, so that it was run again.
        let again = ["start A 1", "start A 2", "end A 2", "start A 3", "end A 3"];
        assert_eq!(judge_killed(&[&again, &end[..]].concat()), Ok(()));
    }

    #[test]
    fn every_wrong_history_of_killed_attempts_is_noticed() {
        for lines in [
            &["start A 3", "end A 3"][..],
            &["start A 1", "end A 1", "start B 1", "end B 1"],
            &["start A 1", "start A 3", "end A 1", "end A 3", "start B 1", "end B 1"],
            &["start A 3", "end A 3", "start A 2", "start B 1", "end B 1"],
            &["start A 3", "end A 3", "start A 3", "start B 1", "end B 1"],
            &["start A 3", "end A 3", "end A 3", "start B 1", "end B 1"],
            &["start A 3", "end A 3", "start A 4", "start B 1", "end B 1"],
            &["start A 3", "end A 3", "start B 1", "end B 1", "end B 2"],
            &["start A 3", "start B 1", "end A 3", "end B 1"],
            &["start A 3", "end A 3", "start B 1", "end B 1", "start X 1"],
            &["start A 1", "overlap A 3", "start A 3", "end A 3", "start B 1", "end B 1"],
        ] {
            assert!(judge_killed(lines).is_err(), "{lines:?}");
        }
    }
}

//! What the tasks themselves wrote down: a line when they start and one when they end.

use crate::judges::queue::Tasks;
use std::collections::{BTreeMap, BTreeSet};

/// The lines `start ID ATTEMPT` and `end ID ATTEMPT`, in the order in which they were written.
pub(crate) struct Journal(Vec<(Moment, String)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Start,
    End,
}

impl Journal {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let line = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            match words.as_slice() {
                ["start", id, attempt] if attempt.parse::<u64>().is_ok() => {
                    Ok((Moment::Start, (*id).to_owned()))
                }
                ["end", id, attempt] if attempt.parse::<u64>().is_ok() => Ok((Moment::End, (*id).to_owned())),
                _ => Err(format!("`{line}` is no line of a task's journal")),
            }
        };
        text.lines().map(line).collect::<Result<_, _>>().map(Self)
    }

    /// That exactly `expected` ran, each once from its start to its end, and none before its blockers had ended.
    pub(crate) fn judge(&self, tasks: &Tasks, expected: &BTreeSet<&str>) -> Result<(), String> {
        let mut ended = BTreeMap::new();
        let mut running = BTreeSet::new();
        for (number, (moment, id)) in self.0.iter().enumerate() {
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
                    let blocker = tasks.blockers(id).into_iter();
                    let early = blocker
                        .filter(|b| expected.contains(b.as_str()))
                        .find(|b| !ended.contains_key(b.as_str()));
                    if let Some(blocker) = early {
                        return Err(format!("{id} was started before {blocker} had ended"));
                    }
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
}

#[cfg(test)]
mod tests {
    use super::Journal;
    use crate::judges::queue::Tasks;
    use serde_json::json;

    fn judge(lines: &[&str]) -> Result<(), String> {
        let queue = json!({"tasks": [
            {"id": "A", "status": "pending"},
            {"id": "B", "status": "pending", "blockedBy": ["A"]},
            {"id": "X", "status": "in_progress"},
        ]});
        let tasks = Tasks::of(&queue).unwrap();
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
            &["stArt A 1"],
        ] {
            assert!(judge(lines).is_err(), "{lines:?}");
        }
    }
}

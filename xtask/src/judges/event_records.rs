//! Whether the event log tells what happened: whole records, none twice, none missing.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How often each (task, type) is in the log.
pub(crate) struct EventRecords(BTreeMap<(String, String), u64>);

impl EventRecords {
    /// Reads a log; a record that is not whole, or that is there twice, is an error.
    pub(crate) fn of(log: &Value) -> Result<Self, String> {
        let records = log.as_array().ok_or("the event log is no list")?;
        let mut seen = BTreeSet::new();
        let mut counts = BTreeMap::new();
        for record in records {
            let text = |key: &str| {
                record[key].as_str().map(str::to_owned).or(record[key].as_u64().map(|n| n.to_string()))
            };
            // A timestamp that came out as a date is as good as one that came out as a string.
            let whole = !record["timestamp"].is_null();
            // Nobody attempts a task by adding it.
            let attempt = text("attempt").or_else(|| (record["type"] == "added").then(String::new));
            let (Some(kind), Some(task), Some(attempt), true) =
                (text("type"), text("task_id"), attempt, whole)
            else {
                return Err(format!("a record lacks something: {record}"));
            };
            if !seen.insert((task.clone(), attempt, kind.clone())) {
                return Err(format!("{kind} of {task} is there twice for one attempt"));
            }
            *counts.entry((task, kind)).or_default() += 1;
        }
        Ok(Self(counts))
    }

    /// That each of `tasks` has exactly one record of each of `kinds`, and no other task has any record.
    pub(crate) fn exactly_once(&self, tasks: &BTreeSet<&str>, kinds: &[&str]) -> Result<(), String> {
        for task in tasks {
            for kind in kinds {
                let found = self.0.get(&((*task).to_owned(), (*kind).to_owned())).copied().unwrap_or(0);
                if found != 1 {
                    return Err(format!("{task} has {found} records of type {kind}"));
                }
            }
        }
        match self.0.keys().find(|(task, _)| !tasks.contains(task.as_str())) {
            Some((task, kind)) => Err(format!("{task}, which did not run, has a record of type {kind}")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EventRecords;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn record(task: &str, kind: &str, attempt: u64) -> Value {
        json!({"timestamp": "t", "type": kind, "task_id": task, "attempt": attempt})
    }

    fn judge(records: Vec<Value>) -> Result<(), String> {
        EventRecords::of(&Value::Array(records))?
            .exactly_once(&BTreeSet::from(["A"]), &["claimed", "completed"])
    }

    #[test]
    fn one_whole_record_of_each_is_right() {
        assert_eq!(judge(vec![record("A", "claimed", 1), record("A", "completed", 1)]), Ok(()));
    }

    #[test]
    fn missing_doubled_foreign_and_torn_records_are_noticed() {
        let good = || vec![record("A", "claimed", 1), record("A", "completed", 1)];
        let with = |extra: Value| good().into_iter().chain([extra]).collect::<Vec<_>>();
        assert!(judge(vec![record("A", "claimed", 1)]).is_err());
        assert!(judge(with(record("A", "completed", 1))).is_err());
        assert!(judge(with(record("A", "completed", 2))).is_err());
        assert!(judge(with(record("B", "claimed", 1))).is_err());
        assert!(judge(with(json!({"type": "claimed", "task_id": "A"}))).is_err());
        assert!(judge(with(json!("torn"))).is_err());
    }
}

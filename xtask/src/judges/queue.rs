//! What a queue's tasks say, read from the data that PyYAML found: nothing here goes through our own reader.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The fields that claiming, starting and finishing a task may change or add. Everything else is somebody else's.
pub(crate) const TOUCHED: &[&str] = &[
    "status",
    "claimed_by",
    "claimed_at",
    "attempt",
    "lease_until",
    "started_at",
    "heartbeat_at",
    "completed_at",
    "completed_by",
];

/// The tasks of a queue by id.
pub(crate) struct Tasks(BTreeMap<String, Value>);

impl Tasks {
    /// The tasks of a queue of the dialect that calls its list `tasks`; `None` if it is none.
    pub(crate) fn of(queue: &Value) -> Option<Self> {
        let tasks = queue.get("tasks")?.as_array()?.iter();
        let by_id: Option<BTreeMap<_, _>> = tasks
            .map(|task| task.get("status").and(text(task.get("id")?)).map(|id| (id, task.clone())))
            .collect();
        by_id.filter(|tasks| !tasks.is_empty()).map(Self)
    }

    pub(crate) fn with_status(&self, status: &str) -> BTreeSet<&str> {
        let is =
            |task: &Value| task["status"].as_str().is_some_and(|found| found.eq_ignore_ascii_case(status));
        self.0.iter().filter(|(_, task)| is(task)).map(|(id, _)| id.as_str()).collect()
    }

    /// What must be completed before a task.
    pub(crate) fn blockers(&self, id: &str) -> Vec<String> {
        let lists = ["blockedBy", "blocked_by", "dependencies", "depends_on"].map(|key| &self.0[id][key]);
        lists.into_iter().filter_map(Value::as_array).flatten().filter_map(text).collect()
    }

    /// The pending tasks that become ready sooner or later if every task that is run completes.
    pub(crate) fn runnable(&self) -> BTreeSet<&str> {
        let mut done: BTreeSet<&str> = self.with_status("completed");
        let pending = self.with_status("pending");
        loop {
            let next: Vec<_> = pending
                .iter()
                .filter(|id| !done.contains(*id))
                .filter(|id| self.blockers(id).iter().all(|blocker| done.contains(blocker.as_str())))
                .copied()
                .collect();
            if next.is_empty() {
                return pending.intersection(&done).copied().collect();
            }
            done.extend(next);
        }
    }
}

/// Ids are strings to some and numbers to others.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// That `after` holds the data of `before`, but for the touched fields of the tasks in `ran`, which are all `status` now.
pub(crate) fn same_but_for(
    before: &Value,
    after: &Value,
    ran: &BTreeSet<&str>,
    status: &str,
) -> Result<(), String> {
    let (Some(_), Some(tasks)) = (Tasks::of(before), Tasks::of(after)) else {
        return Err("it is no queue any more".into());
    };
    let changed = tasks.with_status(status);
    if let Some(id) = ran.iter().find(|id| !changed.contains(*id)) {
        return Err(format!(
            "{id} is {}, not {status}",
            tasks.0.get(*id).map_or(&Value::Null, |task| &task["status"])
        ));
    }
    let (before, after) = (without_touched(before, ran), without_touched(after, ran));
    if before == after {
        return Ok(());
    }
    let place = crate::judges::reading::difference(&before, &after).unwrap_or_default();
    Err(format!("other data than the transitions' changed: {place}"))
}

fn without_touched(queue: &Value, ran: &BTreeSet<&str>) -> Value {
    let mut queue = queue.clone();
    let tasks = queue.get_mut("tasks").and_then(Value::as_array_mut);
    for task in tasks.into_iter().flatten().filter_map(Value::as_object_mut) {
        if task.get("id").and_then(text).is_some_and(|id| ran.contains(id.as_str())) {
            task.retain(|key, _| !TOUCHED.contains(&key.as_str()));
        }
    }
    queue
}

#[cfg(test)]
mod tests {
    use super::{Tasks, same_but_for};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn queue() -> Value {
        json!({"note": "n", "tasks": [
            {"id": "A", "status": "completed"},
            {"id": "B", "status": "pending", "blockedBy": ["A"], "title": "b"},
            {"id": "C", "status": "PENDING", "blockedBy": ["B"]},
            {"id": "D", "status": "in_progress"},
            {"id": "E", "status": "pending", "blockedBy": ["C", "D"]},
            {"id": "F", "status": "pending", "depends_on": ["gone"]},
            {"id": "G", "status": "pending", "blockedBy": ["H"]},
            {"id": "H", "status": "pending", "blockedBy": ["G"]},
            {"id": 9, "status": "pending"},
        ]})
    }

    #[test]
    fn what_can_become_ready_follows_from_the_blockers() {
        let queue = queue();
        let tasks = Tasks::of(&queue).unwrap();
        assert_eq!(tasks.runnable(), BTreeSet::from(["9", "B", "C"]));
        assert!(Tasks::of(&json!({"tasks": [1]})).is_none());
        assert!(Tasks::of(&json!({"queue": []})).is_none());
    }

    #[test]
    fn any_other_change_is_noticed() {
        let before = queue();
        let ran = BTreeSet::from(["B"]);
        let mut good = before.clone();
        good["tasks"][1]["status"] = json!("completed");
        good["tasks"][1]["attempt"] = json!(1);
        assert_eq!(same_but_for(&before, &good, &ran, "completed"), Ok(()));
        assert!(same_but_for(&before, &before, &ran, "completed").is_err(), "not completed");
        for (path, value) in [
            ("/tasks/1/title", json!("c")),
            ("/tasks/3/status", json!("completed")),
            ("/tasks/2/status", json!("completed")),
            ("/note", json!("m")),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(path).unwrap() = value;
            assert!(same_but_for(&before, &bad, &ran, "completed").is_err(), "{path}");
        }
        let mut bad = good.clone();
        bad["tasks"][3]["claimed_by"] = json!("somebody");
        assert!(
            same_but_for(&before, &bad, &ran, "completed").is_err(),
            "a field added to a task that did not run"
        );
    }
}

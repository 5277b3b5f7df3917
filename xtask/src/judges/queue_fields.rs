//! Whether only what was meant to has changed in the data of a queue of any dialect, as PyYAML finds it.

use crate::judges::queue::text;
use crate::judges::reading::difference;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a command may change, and what a queue calls its list and the id of a task.
#[derive(Clone, Debug)]
pub(crate) struct Meant {
    pub(crate) list: &'static str,
    pub(crate) id: &'static str,
    /// Of each task the fields that may change, come or go.
    pub(crate) fields: BTreeMap<String, Vec<&'static str>>,
    /// Tasks that are new, at the end of the list.
    pub(crate) added: Vec<String>,
}

/// That `after` holds the data of `before`, but for what was meant to change.
pub(crate) fn same_but_for(before: &Value, after: &Value, meant: &Meant) -> Result<(), String> {
    let (mut before, mut after) = (before.clone(), after.clone());
    let new = after[meant.list].as_array_mut().ok_or("it has no list of tasks any more")?;
    let old_ones = before[meant.list].as_array().map_or(0, Vec::len);
    let added: Vec<_> = new.drain(old_ones.min(new.len())..).map(|task| id(&task, meant)).collect();
    if added != meant.added.iter().cloned().map(Some).collect::<Vec<_>>() {
        return Err(format!("{added:?} was added, and not {:?}", meant.added));
    }
    for queue in [&mut before, &mut after] {
        let tasks = queue[meant.list].as_array_mut().into_iter().flatten();
        for task in tasks {
            let fields = id(task, meant).and_then(|id| meant.fields.get(&id));
            if let (Some(fields), Some(task)) = (fields, task.as_object_mut()) {
                task.retain(|key, _| !fields.contains(&key.as_str()));
            }
        }
    }
    if before == after {
        return Ok(());
    }
    Err(format!("other data than was meant to changed: {}", difference(&before, &after).unwrap_or_default()))
}

fn id(task: &Value, meant: &Meant) -> Option<String> {
    text(&task[meant.id])
}

/// The task with this id, by data.
pub(crate) fn task<'a>(queue: &'a Value, list: &str, key: &str, id: &str) -> Option<&'a Value> {
    queue[list].as_array()?.iter().find(|task| text(&task[key]).is_some_and(|found| found == id))
}

#[cfg(test)]
mod tests {
    use super::{Meant, same_but_for};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    fn judge(after: &Value) -> Result<(), String> {
        let before = json!({"note": 1, "queue": [{"task_id": "A", "status": "x", "b": [1]}, {"task_id": 2}]});
        let fields = BTreeMap::from([("A".to_owned(), vec!["status", "claimed_by"])]);
        same_but_for(&before, after, &Meant { list: "queue", id: "task_id", fields, added: vec!["N".into()] })
    }

    #[test]
    fn a_field_or_a_task_that_was_not_meant_is_noticed() {
        let right = json!({"note": 1, "queue": [{"task_id": "A", "claimed_by": "y", "b": [1]}, {"task_id": 2}, {"task_id": "N"}]});
        assert_eq!(judge(&right), Ok(()));
        for (path, value) in [
            ("/note", json!(2)),
            ("/queue/0/b", json!([1, 2])),
            ("/queue/1", json!({"task_id": 2, "status": "x"})),
            ("/queue/2/task_id", json!("M")),
            ("/queue/1/task_id", json!("2")),
        ] {
            let mut wrong = right.clone();
            *wrong.pointer_mut(path).unwrap() = value;
            assert!(judge(&wrong).is_err(), "{path}");
        }
        let mut short = right;
        short["queue"].as_array_mut().unwrap().pop();
        assert!(judge(&short).is_err());
    }
}

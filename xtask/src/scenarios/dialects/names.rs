//! How a queue names things: read from what PyYAML finds, without our own reader.

use serde_json::Value;

const BLOCKERS: [&str; 4] = ["blockedBy", "dependencies", "blocked_by", "depends_on"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) list: &'static str,
    pub(super) id: &'static str,
    pub(super) blockers: &'static str,
    /// In which case it writes its states.
    pub(super) states: Case,
    /// And its priorities; in upper case where there are none.
    pub(super) priorities: Case,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
}

impl Names {
    /// `None` for what is no queue with tasks.
    pub(super) fn of(data: &Value) -> Option<Self> {
        let list = ["tasks", "queue"].into_iter().find(|list| data[*list].is_array())?;
        let tasks = data[list].as_array()?;
        let first = tasks.first()?;
        let id = ["id", "task_id"].into_iter().find(|id| first.get(id).is_some())?;
        let status = first.get("status")?.as_str()?;
        let blockers = tasks.iter().find_map(|task| BLOCKERS.into_iter().find(|key| task.get(key).is_some()));
        let usual = match (list, id) {
            ("tasks", _) => "blockedBy",
            (_, "id") => "dependencies",
            _ => "blocked_by",
        };
        let case = |word: &str| if word.chars().any(char::is_lowercase) { Case::Lower } else { Case::Upper };
        let priority = tasks.iter().find_map(|task| task.get("priority")?.as_str());
        let (states, priorities) = (case(status), priority.map_or(Case::Upper, case));
        Some(Self { list, id, blockers: blockers.unwrap_or(usual), states, priorities })
    }

    /// The key under which this task has its blockers, or would get them.
    pub(super) fn blockers_of(&self, task: &Value) -> &'static str {
        BLOCKERS.into_iter().find(|key| task.get(key).is_some()).unwrap_or(self.blockers)
    }

    /// A word of this field in the case of the file.
    pub(super) fn spoken(&self, field: &str, word: &str) -> String {
        match if field == "priority" { self.priorities } else { self.states } {
            Case::Lower => word.to_lowercase(),
            Case::Upper => word.to_uppercase(),
        }
    }
}

/// A list as it stands there; one value alone is a list too, and none is an empty one.
pub(super) fn items(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        alone => vec![alone.clone()],
    }
}

/// The ids of the tasks that a task waits for, without the remarks behind them.
pub(super) fn ids(blockers: &Value) -> Vec<String> {
    let bare = |text: &str| text.split(" (").next().unwrap_or_default().to_owned();
    items(blockers).iter().map(|item| item.as_str().map_or_else(|| item.to_string(), bare)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Case, Names, ids};
    use serde_json::json;

    #[test]
    fn each_dialect_is_told_by_what_stands_there() {
        let of = |data| Names::of(&data).map(|names| (names.list, names.id, names.blockers, names.states));
        assert_eq!(
            of(json!({"tasks": [{"id": 1, "status": "pending"}]})),
            Some(("tasks", "id", "blockedBy", Case::Lower))
        );
        assert_eq!(
            of(json!({"queue": [{"id": 1, "status": "PENDING"}, {"id": 2, "depends_on": [1]}]})),
            Some(("queue", "id", "depends_on", Case::Upper))
        );
        assert_eq!(
            of(json!({"tasks": 3, "queue": [{"task_id": "a", "status": "done"}]})),
            Some(("queue", "task_id", "blocked_by", Case::Lower))
        );
        assert_eq!(of(json!({"tasks": [{"title": "x"}]})), None);
        assert_eq!(of(json!([1])), None);
        assert_eq!(ids(&json!(["A (first)", 4])), ["A", "4"]);
    }
}

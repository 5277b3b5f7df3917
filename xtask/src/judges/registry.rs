//! Whether a registry says what was logged into it, and nothing else has changed.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How far a mean may be from that of all uses, in milliseconds.
const NEAR: f64 = 1.0;

/// A registry before and after, as data, and what was acknowledged in between.
pub(crate) struct Logged<'a> {
    pub(crate) before: &'a Value,
    pub(crate) after: &'a Value,
    /// The tasks whose use was logged.
    pub(crate) acknowledged: &'a [String],
}

/// What is written when a use is logged.
const COUNTERS: [&str; 6] =
    ["usage_count", "success_count", "failure_count", "first_used", "last_used", "avg_execution_time_ms"];

impl Logged<'_> {
    /// Returns how many uses there are more.
    pub(crate) fn judge(&self) -> Result<usize, String> {
        let (old, all) = (uses(self.before)?, uses(self.after)?);
        if !all.starts_with(old) {
            return Err("what stood in the history is not its beginning any more".into());
        }
        let new = &all[old.len()..];
        let mut ids = BTreeSet::new();
        if let Some(twice) = new.iter().find(|item| !ids.insert(item["task_id"].as_str().unwrap_or_default()))
        {
            return Err(format!("{} was logged twice", twice["task_id"]));
        }
        let lost: Vec<_> = self.acknowledged.iter().filter(|id| !ids.contains(id.as_str())).take(8).collect();
        if !lost.is_empty() {
            return Err(format!("acknowledged, and not in the history: {lost:?}"));
        }
        if self.after["metadata"]["total_usage_records"].as_u64() != Some(all.len() as u64) {
            return Err(format!("the metadata says {}, there are {}", self.after["metadata"], all.len()));
        }
        let mut of_skill: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for item in new {
            of_skill.entry(item["skill"].as_str().unwrap_or_default()).or_default().push(item);
        }
        for (skill, new) in of_skill {
            self.counted(skill, &new).map_err(|why| format!("{skill}: {why}"))?;
        }
        if without_uses(self.before) != without_uses(self.after) {
            return Err("something else than uses has changed".into());
        }
        Ok(new.len())
    }

    fn counted(&self, skill: &str, new: &[&Value]) -> Result<(), String> {
        let (before, after) = (&self.before["skills"][skill]["usage"], &self.after["skills"][skill]["usage"]);
        let is = |result: &str| new.iter().filter(|item| item["result"] == result).count() as u64;
        for (key, more) in [
            ("usage_count", new.len() as u64),
            ("success_count", is("success")),
            ("failure_count", is("failure")),
        ] {
            let expected = before[key].as_u64().unwrap_or(0) + more;
            if after[key].as_u64() != Some(expected) {
                return Err(format!("{key} is {}, expected {expected}", after[key]));
            }
        }
        let count = before["usage_count"].as_f64().unwrap_or(0.0);
        let old = before["avg_execution_time_ms"].as_f64().map_or(0.0, |mean| mean * count);
        let times: f64 = new.iter().filter_map(|item| item["execution_time_ms"].as_f64()).sum();
        let expected = (old + times) / after["usage_count"].as_f64().unwrap_or(f64::NAN);
        let found = after["avg_execution_time_ms"].as_f64().unwrap_or(f64::NAN);
        if (found - expected).abs() <= NEAR {
            Ok(())
        } else {
            Err(format!("the mean is {found}, expected {expected}"))
        }
    }
}

fn uses(registry: &Value) -> Result<&[Value], String> {
    registry["usage_history"].as_array().map(Vec::as_slice).ok_or_else(|| "the history is no list".into())
}

fn without_uses(registry: &Value) -> Value {
    let mut rest = registry.clone();
    if let Some(root) = rest.as_object_mut() {
        root.remove("usage_history");
    }
    if let Some(metadata) = rest["metadata"].as_object_mut() {
        metadata.remove("last_updated");
        metadata.remove("total_usage_records");
    }
    let skills = rest["skills"].as_object_mut().into_iter().flatten();
    for skill in skills.filter_map(|(_, skill)| skill.as_object_mut()) {
        let usage = skill.get_mut("usage").and_then(Value::as_object_mut);
        if let Some(usage) = usage {
            COUNTERS.iter().for_each(|key| drop(usage.remove(*key)));
        }
        if skill.get("usage").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            skill.remove("usage");
        }
    }
    rest
}

/// That all comments of a text still stand, in their order, and no others.
pub(crate) fn comments_stand(before: &str, after: &str) -> Result<(), String> {
    let comments = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment.to_owned()).collect()
    };
    let (before, after) = (comments(before), comments(after));
    match before.iter().zip(after.iter().chain([&String::new()])).find(|(before, after)| before != after) {
        Some((before, after)) => Err(format!("the comment `{before}` is `{after}` now")),
        None if before.len() != after.len() => {
            Err(format!("{} comments, and {} now", before.len(), after.len()))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Logged, comments_stand};
    use serde_json::{Value, json};

    fn before() -> Value {
        json!({
            "metadata": {"total_usage_records": 1, "version": "1"},
            "skills": {"a": {"name": "A", "usage": {"usage_count": 4, "success_count": 4, "failure_count": 0, "avg_execution_time_ms": 10}}, "b": {"name": "B"}},
            "usage_history": [{"task_id": "old", "skill": "a"}],
            "scale": {"!5": "best"},
        })
    }

    fn after() -> Value {
        let mut after = before();
        let new = |id: &str, skill: &str, result: &str, time: u64| json!({"task_id": id, "skill": skill, "result": result, "execution_time_ms": time});
        after["usage_history"] = json!([
            {"task_id": "old", "skill": "a"}, new("x", "a", "failure", 60), new("y", "b", "success", 7),
        ]);
        after["skills"]["a"]["usage"] = json!({"usage_count": 5, "success_count": 4, "failure_count": 1, "avg_execution_time_ms": 20, "last_used": "now"});
        after["skills"]["b"]["usage"] =
            json!({"usage_count": 1, "success_count": 1, "failure_count": 0, "avg_execution_time_ms": 7});
        after["metadata"]["total_usage_records"] = 3.into();
        after
    }

    fn judge(after: &Value) -> Result<usize, String> {
        let acknowledged = ["x".to_owned()];
        Logged { before: &before(), after, acknowledged: &acknowledged }.judge()
    }

    #[test]
    fn what_was_logged_is_right_and_so_is_what_nobody_was_told_of() {
        assert_eq!(judge(&after()), Ok(2));
    }

    #[test]
    fn everything_lost_doubled_miscounted_or_touched_is_noticed() {
        let wrong = |pointer: &str, value: Value| {
            let mut wrong = after();
            *wrong.pointer_mut(pointer).unwrap() = value;
            assert!(judge(&wrong).is_err(), "{pointer}");
        };
        wrong("/usage_history/1/task_id", json!("y"));
        wrong("/usage_history/1/task_id", json!("z"));
        wrong("/usage_history/0/task_id", json!("other"));
        wrong("/metadata/total_usage_records", json!(2));
        wrong("/skills/a/usage/usage_count", json!(4));
        wrong("/skills/a/usage/failure_count", json!(0));
        wrong("/skills/a/usage/avg_execution_time_ms", json!(22));
        wrong("/skills/b/usage/avg_execution_time_ms", Value::Null);
        wrong("/skills/a/name", json!("B"));
        wrong("/scale", json!({"5": "best"}));
        wrong("/metadata/version", json!(1));
    }

    #[test]
    fn a_comment_that_is_gone_moved_or_came_is_noticed() {
        let text = "# one\na: 1   # two\n";
        assert_eq!(comments_stand(text, "# one\nb: 3\na: 2   # two\n"), Ok(()));
        for wrong in
            ["a: 1   # two\n", "# two\na: 1 # one\n", "# one\na: 1   # two\n# three\n", "# one\na: 1\n"]
        {
            assert!(comments_stand(text, wrong).is_err(), "{wrong}");
        }
    }
}

//! Whether two YAML readers found the same data in a file.

use serde_json::Value;

/// The first place where they differ, if any.
///
/// `ours` reads YAML 1.2, `theirs` (PyYAML) 1.1: a plain `yes`, `1_000` or `1e3` is another type to each. Those, and nothing else,
/// are taken as equal; a program that writes shared files must quote them, which other checks look at.
pub(crate) fn difference(ours: &Value, theirs: &Value) -> Option<String> {
    differ(ours, theirs, &mut String::new())
}

fn differ(ours: &Value, theirs: &Value, path: &mut String) -> Option<String> {
    let length = path.len();
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            if let Some(key) =
                a.keys().find(|key| !b.contains_key(*key)).or(b.keys().find(|key| !a.contains_key(*key)))
            {
                return Some(format!("{path}: only one has the key `{key}`"));
            }
            a.iter().find_map(|(key, value)| {
                path.truncate(length);
                path.push_str(&format!(".{key}"));
                differ(value, &b[key], path)
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                return Some(format!("{path}: {} items and {}", a.len(), b.len()));
            }
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| {
                path.truncate(length);
                path.push_str(&format!("[{index}]"));
                differ(a, b, path)
            })
        }
        _ if same_scalar(ours, theirs) => None,
        _ => Some(format!("{path}: {ours} and {theirs}")),
    }
}

fn same_scalar(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::String(text), Value::Bool(_)) => {
            ["yes", "no", "on", "off"].contains(&text.to_ascii_lowercase().as_str())
        }
        // 1_000, 017, 12:30
        (Value::String(text), Value::Number(_)) => {
            text.contains(['_', ':']) || text.trim_start_matches(['-', '+']).starts_with('0')
        }
        // 1e3, 0o17
        (Value::Number(_), Value::String(text)) => text.contains(['e', 'E', 'o']),
        _ => ours == theirs,
    }
}

/// The value at `steps`, to be changed as an edit of the file changes it.
pub(crate) fn at<'a>(value: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        // A key that is a number to PyYAML comes marked.
        Step::Key(key) => {
            let key = if value.get(key).is_some() { key.clone() } else { format!("!{key}") };
            value.get_mut(key)
        }
        Step::Index(index) => value.get_mut(index),
    })
}

/// One step from a value to one in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

#[cfg(test)]
mod tests {
    use super::{Step, at, difference};
    use serde_json::json;

    #[test]
    fn a_value_is_found_by_its_steps_also_under_a_key_that_is_a_number() {
        let mut data = json!({"a": [{"!2": "x"}]});
        let steps = [Step::Key("a".into()), Step::Index(0), Step::Key("2".into())];
        assert_eq!(at(&mut data, &steps), Some(&mut json!("x")));
        assert_eq!(at(&mut data, &[Step::Key("b".into())]), None);
    }

    #[test]
    fn equal_data_and_the_known_differences_of_the_two_versions_are_equal() {
        let ours = json!({"a": [1, 2.5, "x"], "b": {"c": null}, "d": "yes", "e": "12:30", "f": 1000.0});
        let theirs = json!({"a": [1, 2.5, "x"], "b": {"c": null}, "d": true, "e": 750, "f": "1e3"});
        assert_eq!(difference(&ours, &theirs), None);
    }

    #[test]
    fn anything_else_is_named_by_its_path() {
        let base = json!({"a": [{"b": "x"}, 2]});
        for (other, path) in [
            (json!({"a": [{"b": "y"}, 2]}), ".a[0].b"),
            (json!({"a": [{"b": "x"}]}), ".a"),
            (json!({"a": [{"b": "x"}, "2"]}), ".a[1]"),
            (json!({"a": [{"b": true}, 2]}), ".a[0].b"),
            (json!({"a": [{"b": "x", "c": null}, 2]}), ".a[0]"),
        ] {
            let found = difference(&base, &other).unwrap();
            assert!(found.starts_with(&format!("{path}:")), "{found}");
        }
    }
}

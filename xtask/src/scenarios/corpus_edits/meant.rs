//! What a document must mean after its edits.

use super::Trial;
use crate::engine::{Explain, Failure, Stage, fail};
use crate::judges::reading::difference;
use crate::scenarios::corpus::plain;
use atomic_io::Document;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// To PyYAML, which tells a date from a string, and to `serde_yaml`. The same edits are made in both.
#[derive(Clone)]
pub(super) struct Meant {
    theirs: Value,
    ours: Value,
}

impl Meant {
    pub(super) fn of(document: &Document, theirs: Value) -> Result<Meant, String> {
        Ok(Meant { theirs, ours: by_serde_yaml(document.text())? })
    }

    /// Changes the node at `steps` in both.
    pub(super) fn change(&mut self, steps: &[usize], change: impl Fn(&mut Value)) -> Result<(), Failure> {
        for tree in [&mut self.theirs, &mut self.ours] {
            let node = at(tree, steps).ok_or_else(|| fail(format!("a reader has nothing at {steps:?}")))?;
            change(node);
        }
        Ok(())
    }

    /// Takes the node at `steps` out of both.
    pub(super) fn remove(&mut self, steps: &[usize]) -> Result<(), Failure> {
        let Some((&last, around)) = steps.split_last() else { return Err(fail("the root was removed")) };
        self.change(around, |node| match node {
            Value::Array(items) => drop(items.remove(last)),
            Value::Object(map) => {
                if let Some(key) = map.keys().nth(last).cloned() {
                    map.shift_remove(&key);
                }
            }
            _ => {}
        })
    }
}

fn at<'a>(value: &'a mut Value, steps: &[usize]) -> Option<&'a mut Value> {
    steps.iter().try_fold(value, |value, &position| match value {
        Value::Object(map) => map.values_mut().nth(position),
        Value::Array(items) => items.get_mut(position),
        _ => None,
    })
}

fn by_serde_yaml(text: &str) -> Result<Value, String> {
    // It takes a byte order mark for a column.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: serde_yaml::Value =
        serde_yaml::from_str(text).map_err(|error| format!("serde_yaml refuses it: {error}"))?;
    Ok(plain(&value))
}

/// A document after its edits.
pub(super) struct Changed {
    pub(super) what: String,
    pub(super) document: Document,
    pub(super) meant: Meant,
}

impl Changed {
    pub(super) fn of(trial: &Trial<'_>, what: &str) -> Self {
        let what = format!("{}: {what}", trial.file.display());
        Changed { what, document: trial.document.clone(), meant: trial.meant.clone() }
    }

    /// Lets `serde_yaml` read it, and writes it down for PyYAML as number `number`.
    pub(super) fn written(self, stage: &Stage, number: usize) -> Result<Edited, Failure> {
        let Changed { what, document, meant } = self;
        let path = stage.data().join(format!("{number}.yaml"));
        fs::write(&path, document.text()).explain(path.display())?;
        let read = by_serde_yaml(document.text()).map_err(|why| fail(format!("{what}: {why}")))?;
        same(&what, "serde_yaml", &meant.ours, &read)?;
        Ok(Edited { path, what, theirs: meant.theirs })
    }
}

/// An edited file that PyYAML is still to read.
pub(super) struct Edited {
    pub(super) path: PathBuf,
    pub(super) what: String,
    theirs: Value,
}

impl Edited {
    pub(super) fn is_meant(&self, found: &Value) -> Result<(), Failure> {
        same(&self.what, "PyYAML", &self.theirs, found)
    }
}

/// Both were read by the same reader: no difference is excused.
fn same(what: &str, reader: &str, meant: &Value, found: &Value) -> Result<(), Failure> {
    if meant == found {
        return Ok(());
    }
    let place = difference(meant, found).unwrap_or_default();
    Err(fail(format!("{what}: {reader} finds other data ({place})")))
}

#[cfg(test)]
mod tests {
    use super::Meant;
    use serde_json::json;

    #[test]
    fn both_trees_change_by_position() {
        let mut meant = Meant { theirs: json!({"!1": [1, 2], "b": 3}), ours: json!({"1": [1, 2], "b": 3}) };
        meant.change(&[0, 1], |node| *node = json!("x")).unwrap();
        meant.remove(&[1]).unwrap();
        meant.remove(&[0, 0]).unwrap();
        assert_eq!((meant.theirs.clone(), meant.ours.clone()), (json!({"!1": ["x"]}), json!({"1": ["x"]})));
        assert!(meant.change(&[3], |_| {}).is_err());
    }
}

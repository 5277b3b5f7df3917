//! Target `edit`: an edit does what was meant and nothing else, or is refused and does nothing.

use super::edit_bounds::bounds;
use super::new_values::{value_text, yaml_1_1_trap};
use super::outline::{agrees, is_same};
use super::place::{Step, at, node, nodes, path};
use super::reference::{differences, second, without_mark};
use super::{Case, Choices, Tally, disagreements, documents, simpler};
use atomic_io::{Document, DocumentError};
use serde::{Deserialize, Serialize};
use serde_yaml::{Mapping, Value};
use std::io;

/// A document and what is done to it, one after the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Edits {
    text: String,
    edits: Vec<Edit>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Edit {
    operation: Operation,
    /// The node, by its place among those that the operation is for, or else among all, in the order of the text; behind the
    /// last one it begins anew.
    node: usize,
    /// The new value as YAML in brackets, quoted where that matters.
    #[serde(default)]
    value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operation {
    /// Replace the node.
    Set,
    /// Set this key of the node.
    Insert(String),
    Push,
    Remove,
}

impl Case for Edits {
    type Bench = ();

    fn bench() -> io::Result<()> {
        Ok(())
    }

    fn generate(choices: &mut Choices<'_>) -> Self {
        let count = 1 + choices.below(3);
        let edits = (0..count).map(|_| Edit::generate(choices)).collect();
        let mut text = documents::document(choices);
        if choices.one_in(8) {
            text = documents::damaged(choices, text);
        }
        Edits { text, edits }
    }

    fn check(&self, (): &mut (), tally: &mut Tally) -> Result<(), String> {
        let Ok(mut document) = Document::parse(self.text.as_str()) else {
            tally.count("no document");
            return Ok(());
        };
        if document.root().line().is_none() {
            tally.count("without an outline");
            return refused_as_a_whole(&mut document);
        }
        // What cannot be read as a whole is refused as a whole by the checks after an edit, but compared with nothing here.
        let Ok(mut meant) = document.root().get::<Value>() else { return Ok(()) };
        for edit in &self.edits {
            edit.make(&mut document, &mut meant, tally)?;
        }
        Ok(())
    }

    fn simpler(&self) -> Vec<Self> {
        let mut found: Vec<Self> =
            simpler::lists(&self.edits).into_iter().map(|edits| Edits { edits, ..self.clone() }).collect();
        found.extend(simpler::texts(&self.text).into_iter().map(|text| Edits { text, ..self.clone() }));
        for (i, edit) in self.edits.iter().enumerate() {
            let values = ["x", "\"\"", "1"].map(str::to_owned).into_iter().chain(simpler::texts(&edit.value));
            let nodes = (0..edit.node.min(8)).map(|node| Edit { node, ..edit.clone() });
            let values = values.filter(|value| value.len() < edit.value.len());
            let changed = values.map(|value| Edit { value, ..edit.clone() }).chain(nodes);
            found.extend(changed.map(|edit| {
                let mut simpler = self.clone();
                simpler.edits[i] = edit;
                simpler
            }));
        }
        found
    }
}

/// A document without an outline can be read, but not edited.
fn refused_as_a_whole(document: &mut Document) -> Result<(), String> {
    let before = document.text().to_owned();
    match document.set("key", "value") {
        Ok(()) => Err(format!("edited without an outline: {:?}", document.text())),
        Err(_) if document.text() == before => Ok(()),
        Err(error) => Err(format!("refused, but changed: {error}")),
    }
}

impl Edit {
    fn generate(choices: &mut Choices<'_>) -> Self {
        let operation = match choices.below(6) {
            0..=1 => Operation::Set,
            2 => Operation::Insert(
                choices
                    .of(&["added", "id", "new key", "it's", "2026-02-07", "yes", "a: b", "", "#"])
                    .to_owned(),
            ),
            3 => Operation::Push,
            _ => Operation::Remove,
        };
        let value = if operation == Operation::Remove { String::new() } else { value_text(choices, 0) };
        Edit { operation, node: choices.below(1024), value }
    }

    /// The nodes that the operation is for.
    fn fitting(&self, document: &Document) -> Vec<Vec<Step>> {
        let mut found = nodes(document);
        found.retain(|steps| {
            node(document, steps).is_some_and(|node| match self.operation {
                Operation::Set | Operation::Remove => !steps.is_empty(),
                Operation::Insert(_) => node.is_map() || node.is_null(),
                Operation::Push => node.is_list() || node.is_null(),
            })
        });
        found
    }

    /// Makes the edit, judges it, and brings `meant` up to date.
    fn make(&self, document: &mut Document, meant: &mut Value, tally: &mut Tally) -> Result<(), String> {
        // A simplified value may be no YAML any more.
        let Ok(value) = serde_yaml::from_str::<Value>(&self.value) else { return Ok(()) };
        let (all, fitting) = (nodes(document), self.fitting(document));
        let among = if fitting.is_empty() { &all } else { &fitting };
        let Some(steps) = among.get(self.node % among.len()) else { return Ok(()) };
        let before = document.clone();
        let bounds = bounds(&before, steps, &self.operation);
        let place = path(steps);
        let outcome = match &self.operation {
            Operation::Set => document.set(&place, &value),
            Operation::Insert(key) => document.set(place.clone().key(key), &value),
            Operation::Push => document.push(&place, &value),
            Operation::Remove => document.remove(&place).and_then(|was_there| {
                was_there.then_some(()).ok_or(DocumentError::NotFound { path: place.to_string() })
            }),
        };
        let told = |what: String| format!("{:?} at {place} of {:?}: {what}", self.operation, before.text());
        match outcome {
            Ok(()) => {
                let is_meant = self.mean(meant, steps, value.clone());
                if !is_meant {
                    return Err(told(format!("it should be refused, but made {:?}", document.text())));
                }
                if document.text() == before.text() {
                    tally.count("edits that change nothing");
                    return holds(document, meant, tally).map_err(told);
                }
                tally.count("edits");
                let checked =
                    holds(document, meant, tally).and_then(|()| bounds.kept(before.text(), document.text()));
                checked
                    .and_then(|()| self.is_read_alike(document, steps, &value))
                    .map_err(|what| told(format!("{what}; it made {:?}", document.text())))
            }
            Err(error) => {
                tally.count(
                    refusal(&error)
                        .ok_or_else(|| told(format!("an error that no edit should meet: {error}")))?,
                );
                let is_as_before = document.text() == before.text()
                    && document.root().get::<Value>().is_ok_and(|read| is_same(&read, meant));
                if is_as_before {
                    Ok(())
                } else {
                    Err(told(format!("refused, but changed: {error}; {:?}", document.text())))
                }
            }
        }
    }

    /// Does to `meant` what the edit should do. False when that has no meaning.
    fn mean(&self, meant: &mut Value, steps: &[Step], value: Value) -> bool {
        if let (Operation::Remove, Some((last, parent))) = (&self.operation, steps.split_last()) {
            return match (at(meant, parent), last) {
                (Some(Value::Sequence(items)), Step::Item(i)) if *i < items.len() => {
                    items.remove(*i);
                    true
                }
                (Some(Value::Mapping(map)), Step::Entry(i, _)) => {
                    let key = map.keys().nth(*i).cloned();
                    key.is_some_and(|key| map.shift_remove(&key).is_some())
                }
                _ => false,
            };
        }
        match (&self.operation, at(meant, steps)) {
            (Operation::Set, Some(target)) if !steps.is_empty() => *target = value,
            (Operation::Insert(key), Some(Value::Mapping(map))) => {
                let present = map.keys().find(|k| super::place::shown(k) == *key).cloned();
                map.insert(present.unwrap_or_else(|| key.as_str().into()), value);
            }
            (Operation::Insert(key), Some(target @ Value::Null)) => {
                *target = Value::Mapping(Mapping::from_iter([(key.as_str().into(), value)]));
            }
            (Operation::Push, Some(Value::Sequence(items))) => items.push(value),
            (Operation::Push, Some(target @ Value::Null)) => *target = Value::Sequence(vec![value]),
            _ => return false,
        }
        true
    }

    /// A reader of YAML 1.1 must find the new texts to be texts, too.
    fn is_read_alike(&self, document: &Document, steps: &[Step], value: &Value) -> Result<(), String> {
        let place = path(steps);
        let place = match &self.operation {
            Operation::Set => place,
            Operation::Insert(key) => place.key(key),
            Operation::Push => {
                let list = document.node(&place).ok().flatten();
                place.index(list.map_or(0, |list| list.items().count().saturating_sub(1)))
            }
            Operation::Remove => return Ok(()),
        };
        let node = document.node(&place).ok().flatten();
        let node = node.ok_or_else(|| format!("nothing is at {place} afterwards"))?;
        match yaml_1_1_trap(node, value) {
            None => Ok(()),
            Some(trap) => Err(format!("{trap:?} is another value to a reader of YAML 1.1")),
        }
    }
}

/// The document must hold what is meant: by its own outline, to libyaml, and to the second reference.
fn holds(document: &Document, meant: &Value, tally: &mut Tally) -> Result<(), String> {
    let text = document.text();
    let read: Value = serde_yaml::from_str(without_mark(text))
        .map_err(|error| format!("libyaml refuses the result: {error}"))?;
    if !is_same(&read, meant) {
        return Err(format!("libyaml reads {read:?} where {meant:?} is meant"));
    }
    agrees(document.root(), meant)?;
    let again = Document::parse(text).map_err(|error| format!("we refuse the result: {error}"))?;
    if again.root().line().is_none() {
        return Err("the result has no outline".to_owned());
    }
    let places = |document: &Document| -> Vec<_> {
        let all = nodes(document);
        all.iter().map(|steps| super::place::bytes(document, steps)).collect()
    };
    if places(document) != places(&again) {
        return Err("the outline after the edit is not that of the new text".to_owned());
    }
    let tree = match second(text) {
        Ok(tree) => tree,
        Err(error) => {
            let name = disagreements::refusal(&error);
            tally.count(name.ok_or_else(|| format!("the second reference refuses the result: {error}"))?);
            return Ok(());
        }
    };
    for difference in differences(meant, &tree) {
        let name = disagreements::named(&difference, text);
        tally.count(name.ok_or_else(|| format!("the references differ in the result: {difference:?}"))?);
    }
    Ok(())
}

/// The errors that an edit of a node that is there may meet.
fn refusal(error: &DocumentError) -> Option<&'static str> {
    match error {
        DocumentError::Refused { .. } => Some("edits refused for what stands there"),
        DocumentError::WrongKind { .. } => Some("edits of the wrong kind of value"),
        DocumentError::Check { reason, .. } if reason.contains("document") => {
            // Larger documents are not outlined again as a whole, so that must never be what finds a mistake.
            None
        }
        DocumentError::Check { .. } => Some("edits undone by the check after them"),
        DocumentError::Emit { .. } => Some("edits with a value that cannot be written"),
        _ => None,
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;

//! Target `outline`: whatever text is outlined is read as two reference parsers read it.

use super::reference::{differences, second, without_mark};
use super::{Case, Choices, Tally, disagreements, documents, simpler};
use atomic_io::{Document, Node};
use serde::{Deserialize, Serialize};
use serde_yaml::Value;
use std::io;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) text: String,
}

impl Case for Outline {
    type Bench = ();

    fn bench() -> io::Result<()> {
        Ok(())
    }

    fn generate(choices: &mut Choices<'_>) -> Self {
        let text = match choices.below(8) {
            0 => documents::soup(choices),
            1..=3 => documents::document(choices),
            _ => {
                let text = documents::document(choices);
                documents::damaged(choices, text)
            }
        };
        Outline { text }
    }

    fn check(&self, (): &mut (), tally: &mut Tally) -> Result<(), String> {
        let first = serde_yaml::from_str::<Value>(without_mark(&self.text));
        let document = match (Document::parse(self.text.as_str()), &first) {
            (Ok(document), _) => document,
            (Err(error), Ok(_)) if !error.message.contains("merg") => {
                return Err(format!("libyaml reads it, but we refuse it: {error}"));
            }
            (Err(error), _) => {
                tally.count("refused");
                let lines = self.text.split('\n').count();
                let has_place =
                    error.line > 0 && error.column > 0 && error.line <= lines && !error.message.is_empty();
                return if has_place { Ok(()) } else { Err(format!("refused without a place: {error:?}")) };
            }
        };
        if document.text() != self.text {
            return Err("the text came out changed".to_owned());
        }
        if document.root().line().is_none() {
            tally.count("without an outline");
            let is_empty = first.is_err() && document.root().is_null();
            return if first.is_ok() || is_empty {
                Ok(())
            } else {
                Err("we read what libyaml refuses".to_owned())
            };
        }
        tally.count("outlined");
        let first = match first {
            Ok(first) => first,
            Err(error) if is_beyond_64_bits(&error) => {
                tally.count("with a number beyond 64 bits");
                return Ok(());
            }
            Err(error) => return Err(format!("outlined, but libyaml refuses it: {error}")),
        };
        agrees(document.root(), &first)?;
        compare_with_second(&first, &self.text, tally)
    }

    fn simpler(&self) -> Vec<Self> {
        simpler::texts(&self.text).into_iter().map(|text| Outline { text }).collect()
    }
}

/// Whether a whole number is what `serde_yaml` has no value for: that is nothing against the text, and only who asks for this value
/// gets the error.
fn is_beyond_64_bits(error: &serde_yaml::Error) -> bool {
    let said = error.to_string();
    said.contains("as i128, expected any YAML value") || said.contains("as u128, expected any YAML value")
}

/// Every node must be what libyaml has in its place: kind, key, text, and value of every type that it is asked for.
pub(super) fn agrees(node: Node<'_>, value: &Value) -> Result<(), String> {
    let read: Value = node.get().map_err(|error| format!("{error:?} where {value:?} should be read"))?;
    if !is_same(&read, value) {
        return Err(format!("{read:?} is read where libyaml reads {value:?}"));
    }
    below(node, value)
}

fn below(node: Node<'_>, value: &Value) -> Result<(), String> {
    let is = (node.is_map(), node.is_list(), node.is_null());
    if is != (value.is_mapping(), value.is_sequence(), value.is_null()) {
        return Err(format!("{node:?} is outlined where libyaml reads {value:?}"));
    }
    match value {
        Value::Mapping(map) => {
            let entries: Vec<_> = node.entries().collect();
            if entries.len() != map.len() {
                return Err(format!("{} keys are outlined where libyaml reads {value:?}", entries.len()));
            }
            for ((key, child), (k, v)) in entries.into_iter().zip(map) {
                if k.as_str().is_some_and(|k| k != key) {
                    return Err(format!("the key {key:?} is outlined where libyaml reads {k:?}"));
                }
                below(child, v)?;
            }
            Ok(())
        }
        Value::Sequence(items) => {
            let nodes: Vec<_> = node.items().collect();
            if nodes.len() != items.len() {
                return Err(format!("{} items are outlined where libyaml reads {value:?}", nodes.len()));
            }
            nodes.into_iter().zip(items).try_for_each(|(node, item)| below(node, item))
        }
        _ => single(node, value),
    }
}

fn single(node: Node<'_>, value: &Value) -> Result<(), String> {
    let differs = |found: String| Err(format!("{found} is read where libyaml reads {value:?}"));
    match node.get::<Value>() {
        Ok(read) if is_same(&read, value) => {}
        read => return differs(format!("{read:?}")),
    }
    let Value::String(text) = value else { return Ok(()) };
    let (shown, read) = (node.str(), node.get::<String>());
    if shown.as_deref() != Some(text) || !matches!(&read, Ok(read) if read == text) {
        return differs(format!("{shown:?} or {read:?}"));
    }
    // Quotes make a text of everything, also for somebody who asks for a number.
    let is_quoted = node.raw().is_some_and(|raw| raw.starts_with(['"', '\'']));
    let is_number =
        is_quoted && (node.get::<f64>().is_ok() || node.get::<i64>().is_ok() || node.get::<bool>().is_ok());
    if is_number { differs("a number or bool".to_owned()) } else { Ok(()) }
}

/// Not a number is equal to nothing, so numbers are compared as they are printed.
pub(super) fn is_same(a: &Value, b: &Value) -> bool {
    a == b || format!("{a:?}") == format!("{b:?}")
}

/// Where the references themselves differ, libyaml decides, because it is what reads a document of ours that has no outline; what
/// they differ in must have a name, and is counted.
fn compare_with_second(first: &Value, text: &str, tally: &mut Tally) -> Result<(), String> {
    let tree = match second(text) {
        Ok(tree) => tree,
        Err(error) => {
            let name = disagreements::refusal(&error);
            let name =
                name.ok_or_else(|| format!("outlined, but the second reference refuses it: {error}"))?;
            tally.count(name);
            return Ok(());
        }
    };
    for difference in differences(first, &tree) {
        let name = disagreements::named(&difference, text);
        tally.count(name.ok_or_else(|| format!("outlined, but the references differ: {difference:?}"))?);
    }
    Ok(())
}

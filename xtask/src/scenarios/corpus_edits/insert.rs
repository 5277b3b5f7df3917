//! Keys and items put into collections, and taken out again.

use super::meant::Changed;
use super::places::{Kind, Place, bytes};
use super::set::{only_between, unchanged};
use super::{Tally, Trial, values};
use crate::engine::{Explain, Failure, Random, fail};
use atomic_io::{DocPath, Document};
use serde_json::Value;

/// Puts one entry into every one of `collections`. New entries come last, so no other place moves.
pub(super) fn all(
    trial: &Trial<'_>,
    collections: &[&Place],
    random: &mut Random,
    tally: &mut Tally,
) -> Result<Changed, Failure> {
    let mut changed = Changed::of(trial, "entries inserted");
    let values = values::of_any_kind();
    for place in collections.iter().rev() {
        let Changed { what, document, meant } = &mut changed;
        let Some(value) = random.pick(&values) else { break };
        let node = document.node(&place.path).explain(&what)?;
        let key = match place.kind {
            Kind::List => None,
            _ => {
                let free = |key: &&&str| node.is_none_or(|node| node.field(key).is_none());
                let free: Vec<_> = values::KEYS.iter().filter(free).collect();
                random.pick(&free).map(|key| (**key).to_owned())
            }
        };
        let entry = Entry { place, key, value };
        if entry.put_into(document, what, tally)? {
            meant.change(&place.steps, |node| entry.put_into_tree(node))?;
        }
    }
    Ok(changed)
}

struct Entry<'a> {
    place: &'a Place,
    /// `None` for an item.
    key: Option<String>,
    value: &'a Value,
}

impl Entry<'_> {
    fn put_into_tree(&self, node: &mut Value) {
        match (&self.key, node) {
            (Some(key), Value::Object(map)) => drop(map.insert(key.clone(), self.value.clone())),
            (None, Value::Array(items)) => items.push(self.value.clone()),
            _ => {}
        }
    }

    /// Inserts it, and once more into a copy to take it out of that; whether it was not refused.
    fn put_into(&self, document: &mut Document, what: &str, tally: &mut Tally) -> Result<bool, Failure> {
        let what = || format!("{what}: {:?}: {} into {}", self.key, self.value, self.place.path);
        let before = document.text().to_owned();
        let collection = bytes(document, &self.place.path);
        let collection = collection.ok_or_else(|| fail(format!("{}: nothing is there", what())))?;
        let node = document.node(&self.place.path).explain(what())?;
        let count = node.map_or(0, |node| node.entries().count() + node.items().count());
        let (path, outcome) = self.insert(document, count);
        if let Err(error) = outcome {
            tally.refused(error, what)?;
            return unchanged(&before, document.text()).map(|()| false).explain(what());
        }
        tally.inserted += 1;
        if count == 0 {
            // `[]` gives way to lines below the key, and a comment behind it stays behind the key.
            let head = before[..collection.start].trim_end();
            let line_end = before[collection.end..].find('\n').map_or(before.len(), |n| collection.end + n);
            only_between(head, &before[line_end..], document.text()).explain(what())?;
        } else {
            only_added(&before, document.text()).explain(what())?;
        }
        let mut without = document.clone();
        match without.remove(&path).explain(what())? {
            // A line break that the file lacked at its end stays.
            true if count == 0 || without.text() == before || without.text().trim_end() == before => Ok(true),
            true => Err(fail(format!("{}: taking it out again does not restore the text", what()))),
            false => Err(fail(format!("{}: it is not where it was put", what()))),
        }
    }

    fn insert(
        &self,
        document: &mut Document,
        count: usize,
    ) -> (DocPath, Result<(), atomic_io::DocumentError>) {
        match &self.key {
            Some(key) => {
                let path = self.place.path.clone().key(key);
                let outcome = document.set(&path, self.value);
                (path, outcome)
            }
            None => (self.place.path.clone().index(count), document.push(&self.place.path, self.value)),
        }
    }
}

/// That `after` is `before` with something put in at one place.
fn only_added(before: &str, after: &str) -> Result<(), Failure> {
    let head = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let tail = before.bytes().rev().zip(after.bytes().rev()).take_while(|(a, b)| a == b).count();
    if head + tail >= before.len() { Ok(()) } else { Err(fail("bytes beside the new entry changed")) }
}

#[cfg(test)]
mod tests {
    use super::only_added;

    #[test]
    fn a_byte_changed_beside_a_new_entry_is_noticed() {
        assert!(only_added("a: 1\nb: 2\n", "a: 1\nc: 3\nb: 2\n").is_ok());
        assert!(only_added("a: 1\na: 1\n", "a: 1\na: 1\na: 1\n").is_ok());
        assert!(only_added("a: 1\nb: 2\n", "a: 9\nc: 3\nb: 2\n").is_err());
        assert!(only_added("a: 1\nb: 2\n", "a: 1\nc: 3\nb: 2").is_err());
    }
}

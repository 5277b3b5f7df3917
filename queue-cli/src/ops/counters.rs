//! The counters that a queue's file carries about itself.
//!
//! Programs and people write them, and they drift: in every real file seen they disagree with the tasks. They are never relied
//! on here; [`counters`] says what they say and what is true, and [`sync_counters`] writes the truth.
//!
//! Understood are, in the mappings `schema`, `queue_metadata` and `metadata`:
//!
//! | counter | counts |
//! |---|---|
//! | `total_tasks`, `total` | all tasks |
//! | the word of a status | tasks in that state |
//! | `current_depth` | pending tasks |
//! | `ready_to_execute` | pending tasks all of whose blockers are completed |
//! | `blocked_count` | the other pending tasks, and those that are held back |
//! | `total_estimated_minutes`, `total_estimated_hours` | the sum of `estimated_minutes` |
//! | in the mappings `by_status`, `by_priority`, `by_type`, `by_resource_type`, `by_parallel_group`: a word | tasks with that word |

use super::Change;
use crate::dialect::list_of;
use crate::error::QueueError;
use crate::status::Status;
use crate::task::{Task, tasks};
use atomic_io::{DocPath, Document, Node};
use std::collections::{BTreeMap, HashSet};

/// One counter.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    /// Where it stands, or would.
    pub path: DocPath,
    /// What the file says; `None` if it says nothing of a word that tasks have, or nothing that is a number.
    pub stored: Option<f64>,
    /// What is true.
    pub actual: f64,
}

impl Counter {
    /// Whether the file says something else than what is true.
    pub fn has_drifted(&self) -> bool {
        self.stored != Some(self.actual)
    }
}

const PLACES: [&str; 3] = ["schema", "queue_metadata", "metadata"];
const GROUPED: [(&str, &str); 5] = [
    ("by_status", "status"),
    ("by_priority", "priority"),
    ("by_type", "type"),
    ("by_resource_type", "resource_type"),
    ("by_parallel_group", "parallel_group"),
];

/// The counters of the file, in its order.
///
/// # Errors
///
/// Those of [`tasks`].
pub fn counters(document: &Document) -> Result<Vec<Counter>, QueueError> {
    let truth = Truth::of(document)?;
    let mut found = Vec::new();
    for place in PLACES {
        let Some(map) = document.root().field(place).filter(Node::is_map) else { continue };
        let path = DocPath::root().key(place);
        for (key, value) in map.entries() {
            if let Some(actual) = truth.of_key(&key) {
                if value.str().is_some() {
                    found.push(Counter { path: path.clone().key(&*key), stored: number(value), actual });
                }
            } else if let Some((group, field)) = GROUPED.iter().find(|(group, _)| *group == key) {
                truth.group(&path.clone().key(*group), value, field, &mut found);
            }
        }
    }
    Ok(found)
}

/// Writes the truth into every counter that has drifted, and returns those, with what they said before.
///
/// # Errors
///
/// Those of [`tasks`]; [`QueueError::Document`] if the file cannot be edited.
pub fn sync_counters(document: &mut Document) -> Result<Change<Vec<Counter>>, QueueError> {
    let drifted: Vec<Counter> = counters(document)?.into_iter().filter(Counter::has_drifted).collect();
    for counter in &drifted {
        if counter.actual.fract() == 0.0 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole, and no more than there are minutes in a queue"
            )]
            document.set(&counter.path, &(counter.actual as i64))?;
        } else {
            document.set(&counter.path, &counter.actual)?;
        }
    }
    Ok(Change::none(drifted))
}

/// What the tasks say.
struct Truth {
    total: usize,
    /// Pending tasks that wait for no other.
    free: usize,
    minutes: f64,
    /// How many tasks have a word in a field, whatever its case, with the word as it is spelt first.
    words: BTreeMap<&'static str, BTreeMap<String, (String, usize)>>,
}

impl Truth {
    fn of(document: &Document) -> Result<Self, QueueError> {
        let tasks = tasks(document)?;
        let completed: HashSet<&str> = (tasks.iter())
            .filter(|task| task.status == Status::Completed)
            .map(|task| task.id.as_str())
            .collect();
        let is_free = |task: &&Task| {
            let waits = task.blocked_by.iter().any(|id| !completed.contains(id.as_str()));
            task.status == Status::Pending && !waits
        };
        let free = tasks.iter().filter(is_free).count();
        let mut truth = Self { total: tasks.len(), free, minutes: 0.0, words: BTreeMap::new() };
        let list = document.root().field(list_of(document)?);
        for item in list.into_iter().flat_map(|list| list.items()) {
            truth.minutes += item.field("estimated_minutes").and_then(number).unwrap_or(0.0);
            for (_, field) in GROUPED {
                let Some(word) = item.field(field).and_then(|node| node.str()) else { continue };
                let words = truth.words.entry(field).or_default();
                words.entry(word.to_lowercase()).or_insert_with(|| (word.into_owned(), 0)).1 += 1;
            }
        }
        Ok(truth)
    }

    fn of_key(&self, key: &str) -> Option<f64> {
        match key {
            "total_tasks" | "total" => Some(count(self.total)),
            "current_depth" => Some(count(self.with("status", Status::Pending.word()))),
            "ready_to_execute" => Some(count(self.free)),
            "blocked_count" => {
                let waiting = self.with("status", Status::Pending.word()) - self.free;
                Some(count(waiting + self.with("status", Status::Blocked.word())))
            }
            "total_estimated_minutes" => Some(self.minutes),
            // To the hundredth: a third of an hour has no end in decimals.
            "total_estimated_hours" => Some((self.minutes / 0.6).round() / 100.0),
            word if matches!(Status::from_word(word), Status::Other(_)) => None,
            word => Some(count(self.with("status", word))),
        }
    }

    fn with(&self, field: &str, word: &str) -> usize {
        self.words.get(field).and_then(|words| words.get(&word.to_lowercase())).map_or(0, |(_, count)| *count)
    }

    /// The counters of a mapping from words to numbers, and those that it lacks.
    fn group(&self, path: &DocPath, map: Node<'_>, field: &str, found: &mut Vec<Counter>) {
        let mut told = Vec::new();
        for (word, value) in map.entries() {
            let actual = count(self.with(field, &word));
            found.push(Counter { path: path.clone().key(&*word), stored: number(value), actual });
            told.push(word.to_lowercase());
        }
        for (key, (word, number)) in self.words.get(field).into_iter().flatten() {
            if map.is_map() && !told.contains(key) {
                found.push(Counter { path: path.clone().key(word), stored: None, actual: count(*number) });
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a queue has fewer tasks than a float has whole numbers")]
fn count(tasks: usize) -> f64 {
    tasks as f64
}

fn number(node: Node<'_>) -> Option<f64> {
    node.str()?.parse().ok().filter(|number: &f64| number.is_finite())
}

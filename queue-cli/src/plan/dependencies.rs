//! Who waits for whom, from what both sides say.

use crate::dialect::{BLOCKED, list_of};
use crate::error::QueueError;
use crate::status::Status;
use crate::task::{Task, without_remark};
use atomic_io::{Document, Node};
use std::collections::{HashMap, HashSet};

/// What a task says besides the fields that the queue's rules look at.
pub(super) struct Said {
    pub(super) minutes: Option<f64>,
    /// The tasks that are said to wait for it; `None` where it does not say.
    pub(super) blocks: Option<Vec<String>>,
    /// What it uses, each word once.
    pub(super) resources: Vec<String>,
}

impl Said {
    /// What each item of the list says, in the order of the file.
    pub(super) fn of_each(document: &Document) -> Result<Vec<Self>, QueueError> {
        let list = document.root().field(list_of(document)?);
        Ok(list.into_iter().flat_map(|list| list.items()).map(Self::of).collect())
    }

    fn of(item: Node<'_>) -> Self {
        let mut said = Self { minutes: None, blocks: None, resources: Vec::new() };
        for (key, value) in item.entries() {
            match &*key {
                "estimated_minutes" => said.minutes = number(value).filter(|minutes| *minutes >= 0.0),
                BLOCKED if !value.is_null() => said.blocks = Some(words(value)),
                "resource_type" | "resources" | "resource" => said.resources.extend(words(value)),
                _ => {}
            }
        }
        let mut seen = HashSet::new();
        said.resources.retain(|word| seen.insert(word.clone()));
        said
    }
}

/// A scalar, or each scalar of a list.
fn words(value: Node<'_>) -> Vec<String> {
    let one = value.str().into_iter();
    one.chain(value.items().filter_map(|item| item.str())).map(std::borrow::Cow::into_owned).collect()
}

pub(super) fn number(value: Node<'_>) -> Option<f64> {
    value.str()?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Which side of a dependency says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What a task waits for: `blockedBy`, `dependencies` and so on.
    WaitsFor,
    /// What waits for a task: `blocks`.
    Blocks,
}

/// The name of a task that is not in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The place of the task that names it.
    pub task: usize,
    /// The id that no task has.
    pub id: String,
    /// Where it is named. In `WaitsFor` the task never becomes ready.
    pub field: Field,
}

/// A dependency that only one of its two tasks tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The place of the task that should be done first.
    pub blocker: usize,
    /// The place of the task that should wait.
    pub blocked: usize,
    /// Who says so. `Blocks`: the other task does not wait, whatever the blocker says.
    pub said_in: Field,
}

/// What all tasks together say.
pub(super) struct Dependencies {
    pub(super) open_blockers: Vec<Vec<usize>>,
    /// For each task, what it waits for in vain: tasks that came to another end than the good one, and such as are not there.
    pub(super) hopeless: Vec<Vec<String>>,
    pub(super) missing: Vec<Missing>,
    pub(super) disagreements: Vec<Disagreement>,
}

pub(super) fn read(tasks: &[Task], said: &[Said]) -> Dependencies {
    let places: Places<'_> = tasks.iter().map(|task| (task.id.as_str(), task.index)).collect();
    let mut found = Dependencies {
        open_blockers: Vec::with_capacity(tasks.len()),
        hopeless: Vec::with_capacity(tasks.len()),
        missing: Vec::new(),
        disagreements: Vec::new(),
    };
    // Each dependency once, as the blocker and the one that waits.
    let waits: HashSet<(usize, usize)> = (tasks.iter())
        .flat_map(|task| waited_for(task, &places).map(|blocker| (blocker, task.index)))
        .collect();
    let blocks: Vec<Option<Vec<Named<'_>>>> =
        said.iter().map(|said| Some(named(said.blocks.as_ref()?, &places))).collect();
    let said_to_block: HashSet<(usize, usize)> = (blocks.iter().enumerate())
        .flat_map(|(blocker, named)| {
            named.iter().flatten().filter_map(move |blocked| Some((blocker, (*blocked).ok()?)))
        })
        .collect();
    for task in tasks {
        let (open, hopeless) = blockers_of(task, tasks, &places, &mut found.missing);
        found.open_blockers.push(open);
        found.hopeless.push(hopeless);
        for blocker in waited_for(task, &places) {
            // Who does not say anything about it says nothing against it.
            if blocks[blocker].is_some() && !said_to_block.contains(&(blocker, task.index)) {
                let said_in = Field::WaitsFor;
                found.disagreements.push(Disagreement { blocker, blocked: task.index, said_in });
            }
        }
        for blocked in blocks[task.index].iter().flatten() {
            match *blocked {
                Ok(blocked) if !waits.contains(&(task.index, blocked)) => {
                    let said_in = Field::Blocks;
                    found.disagreements.push(Disagreement { blocker: task.index, blocked, said_in });
                }
                Err(id) if is_to_be_done(task) => {
                    found.missing.push(Missing { task: task.index, id: id.to_owned(), field: Field::Blocks });
                }
                _ => {}
            }
        }
    }
    found
}

type Places<'a> = HashMap<&'a str, usize>;

/// The place of a task, or the id that no task has.
type Named<'a> = Result<usize, &'a str>;

/// Each of the tasks that `ids` name once. A remark behind an id is no part of it.
fn named<'a>(ids: &'a [String], places: &Places<'_>) -> Vec<Named<'a>> {
    let mut seen = HashSet::new();
    let named = ids.iter().map(|id| {
        let bare = without_remark(id).unwrap_or(id);
        places.get(id.as_str()).or_else(|| places.get(bare)).copied().ok_or(bare)
    });
    named.filter(|named| seen.insert(*named)).collect()
}

/// The places of those that a task waits for and that are in the queue, done or not.
fn waited_for<'a>(task: &'a Task, places: &'a Places<'_>) -> impl Iterator<Item = usize> + 'a {
    task.blocked_by.iter().filter_map(|id| places.get(id.as_str()).copied())
}

/// The places of the blockers that are still open, and the names of those that are waited for in vain.
fn blockers_of(
    task: &Task,
    tasks: &[Task],
    places: &Places<'_>,
    missing: &mut Vec<Missing>,
) -> (Vec<usize>, Vec<String>) {
    let (mut open, mut hopeless) = (Vec::new(), Vec::new());
    if task.status == Status::Completed {
        return (open, hopeless);
    }
    for id in &task.blocked_by {
        match places.get(id.as_str()) {
            Some(place) => {
                let status = &tasks[*place].status;
                if *status == Status::Completed {
                    continue;
                }
                if status.is_over() || matches!(status, Status::Other(_)) {
                    hopeless.push(format!("{id} ({status})"));
                }
                open.push(*place);
            }
            None => {
                hopeless.push(format!("{id} (not in the queue)"));
                if is_to_be_done(task) {
                    missing.push(Missing { task: task.index, id: id.clone(), field: Field::WaitsFor });
                }
            }
        }
    }
    (open, hopeless)
}

/// Whether somebody may still do it. What a finished task waited for may have gone to the archive.
fn is_to_be_done(task: &Task) -> bool {
    !task.status.is_over() || task.status == Status::Failed
}

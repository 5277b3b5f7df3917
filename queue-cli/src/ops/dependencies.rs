//! What a task waits for, changed by hand.

use super::{Change, find};
use crate::dialect::{BLOCKED, BLOCKERS, Dialect};
use crate::error::QueueError;
use crate::task::{Task, tasks};
use atomic_io::{DocPath, Document};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Lets the task `id` wait for `blockers` too, and returns all that it waits for now. One that it waits for already is no error.
///
/// The field is the one that the task has, or the one usual in the file. A blocker whose field `blocks` is a list is entered there
/// as well.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`]; [`QueueError::NoSuchBlocker`]; [`QueueError::Cycle`] if a blocker waits for the task, by way of
/// others or at once; those of [`tasks`].
pub fn add_blockers(
    document: &mut Document,
    id: &str,
    blockers: &[String],
) -> Result<Change<Vec<String>>, QueueError> {
    let all = tasks(document)?;
    let dialect = Dialect::of(document)?;
    let task = one(&all, id)?;
    let mut fresh: Vec<&Task> = Vec::new();
    for blocker in blockers {
        let Some(found) = all.iter().find(|task| task.id == *blocker) else {
            return Err(QueueError::NoSuchBlocker { id: id.into(), blocker: blocker.clone() });
        };
        if let Some(path) = way(&all, blocker, id) {
            return Err(QueueError::Cycle { path: [vec![id.to_owned()], path].concat() });
        }
        if !task.blocked_by.contains(blocker) && !fresh.iter().any(|known| known.id == *blocker) {
            fresh.push(found);
        }
    }
    let own = own_key(document, &task.path())?;
    let path = task.path().key(own.unwrap_or(dialect.blockers));
    for blocker in fresh {
        append(document, &path, &blocker.id)?;
        let mirror = blocker.path().key(BLOCKED);
        if document.node(&mirror)?.is_some_and(|node| node.is_list() && !holds(node.items(), id)) {
            document.push(&mirror, id)?;
        }
    }
    Ok(Change::none(find(document, id)?.blocked_by))
}

/// Lets the task `id` wait for `blockers` no more, and returns all that it waits for now. One that it does not wait for is no error.
///
/// They are taken out of every field of the task that has them, and the task out of their `blocks`.
///
/// # Errors
///
/// [`QueueError::NoSuchTask`] and those of [`tasks`].
pub fn remove_blockers(
    document: &mut Document,
    id: &str,
    blockers: &[String],
) -> Result<Change<Vec<String>>, QueueError> {
    let all = tasks(document)?;
    let task = one(&all, id)?;
    for key in BLOCKERS {
        take_out(document, &task.path().key(key), blockers)?;
    }
    for blocker in all.iter().filter(|task| blockers.contains(&task.id)) {
        take_out(document, &blocker.path().key(BLOCKED), &[id.to_owned()])?;
    }
    Ok(Change::none(find(document, id)?.blocked_by))
}

/// The way from `from` to `to` along what tasks wait for, both ends included.
pub(super) fn way(tasks: &[Task], from: &str, to: &str) -> Option<Vec<String>> {
    let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
    let mut came_from: HashMap<&str, &str> = HashMap::new();
    let mut seen = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        if id == to {
            let mut path = vec![to.to_owned()];
            let mut here = to;
            while let Some(before) = came_from.get(here).copied() {
                path.push(before.to_owned());
                here = before;
            }
            path.reverse();
            return Some(path);
        }
        for next in by_id.get(id).into_iter().flat_map(|task| &task.blocked_by) {
            if seen.insert(next) {
                came_from.insert(next, id);
                open.push(next);
            }
        }
    }
    None
}

fn one<'a>(tasks: &'a [Task], id: &str) -> Result<&'a Task, QueueError> {
    tasks.iter().find(|task| task.id == id).ok_or_else(|| QueueError::NoSuchTask { id: id.into() })
}

/// The first of the fields for blockers that the task itself has.
fn own_key(document: &Document, task: &DocPath) -> Result<Option<&'static str>, QueueError> {
    let Some(node) = document.node(task)? else { return Ok(None) };
    Ok(BLOCKERS.into_iter().find(|key| node.field(key).is_some()))
}

/// Appends to a list; one id that stands there alone becomes a list of two.
fn append(document: &mut Document, path: &DocPath, id: &str) -> Result<(), QueueError> {
    let alone = document.node(path)?.and_then(|node| node.str().map(Cow::into_owned));
    match alone {
        Some(text) => document.set(path, &[text.as_str(), id])?,
        None => document.push(path, id)?,
    }
    Ok(())
}

fn take_out(document: &mut Document, path: &DocPath, ids: &[String]) -> Result<(), QueueError> {
    let Some(node) = document.node(path)? else { return Ok(()) };
    let is_meant = |text: &str| ids.iter().any(|id| bare(text) == *id || text == *id);
    if node.str().is_some_and(|text| is_meant(&text)) {
        document.remove(path)?;
        return Ok(());
    }
    let places: Vec<usize> = node
        .items()
        .enumerate()
        .filter_map(|(place, item)| item.str().is_some_and(|text| is_meant(&text)).then_some(place))
        .collect();
    // From the end, so that the places before stay what they are.
    for place in places.into_iter().rev() {
        document.remove(path.clone().index(place))?;
    }
    Ok(())
}

/// The id without the remark that may stand behind it.
fn bare(text: &str) -> &str {
    text.split_once(" (").map_or(text, |(id, _)| id)
}

fn holds<'a>(mut items: impl Iterator<Item = atomic_io::Node<'a>>, id: &str) -> bool {
    items.any(|item| item.str().is_some_and(|text| text == id))
}

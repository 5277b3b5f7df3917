//! Moving finished tasks out of the queue, so that the live file stays small.
//!
//! A move between two files cannot be one step: tasks are put on the shelf first and taken off the queue afterwards. Who is
//! killed in between leaves them in both, which the next archiving mends; they are never in neither.

use super::Change;
use crate::dialect::{ADDED, list_of};
use crate::error::QueueError;
use crate::event::{Event, EventKind};
use crate::status::Status;
use crate::task::{Task, tasks};
use atomic_io::{DocPath, Document, Node};
use jiff::Timestamp;
use serde_yaml::Value;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// A finished task as it stands in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelved {
    /// The task.
    pub id: String,
    attempt: Option<u64>,
    value: Value,
    /// Every line of it, with its comments, where it has lines to itself.
    lines: Option<String>,
}

/// The tasks that can be archived: completed, cancelled, invalid or obsolete, with no unfinished task that names them.
///
/// # Errors
///
/// [`QueueError::Document`] with what stands in the way if the file cannot be edited; those of [`tasks`].
pub fn shelvable(document: &Document) -> Result<Vec<Shelved>, QueueError> {
    document.check_editable()?;
    let all = tasks(document)?;
    let (finished, open): (Vec<&Task>, Vec<&Task>) = all.iter().partition(|task| is_finished(&task.status));
    let needed: HashSet<&str> = open.iter().flat_map(|task| &task.blocked_by).map(String::as_str).collect();
    let items = items(document)?;
    let places = line_places(document, &items);
    let lines: Vec<&str> = document.text().split_inclusive('\n').collect();
    let mut shelved = Vec::new();
    for task in finished.into_iter().filter(|task| !needed.contains(task.id.as_str())) {
        let Some(item) = items.get(task.index) else { continue };
        let own = places.as_ref().and_then(|places| lines.get(places.get(task.index)?.clone()));
        let (attempt, lines) = (task.attempt, own.map(<[&str]>::concat));
        shelved.push(Shelved { id: task.id.clone(), attempt, value: item.get()?, lines });
    }
    Ok(shelved)
}

/// A new archive with these tasks, for the queue that `document` is.
///
/// # Errors
///
/// Those of [`put_on_shelf`].
pub fn new_shelf(document: &Document, shelved: &[Shelved]) -> Result<Document, QueueError> {
    let list = list_of(document)?;
    let mut shelf = Document::of(&HashMap::from([(list, Vec::<Value>::new())]))?;
    put_on_shelf(&mut shelf, shelved)?;
    Ok(shelf)
}

/// The id of a task of which the archive has another one: one that was added at another time, or that has come to more attempts than this
/// one. What that other has done would be gone if this took its place.
///
/// # Errors
///
/// Those of [`tasks`]; [`QueueError::Document`] if a task of the archive cannot be read.
pub fn other_on_shelf<'a>(shelf: &Document, shelved: &'a [Shelved]) -> Result<Option<&'a str>, QueueError> {
    let items = items(shelf)?;
    let there: HashMap<String, Task> =
        tasks(shelf)?.into_iter().map(|task| (task.id.clone(), task)).collect();
    for task in shelved {
        let Some(archived) = there.get(&task.id) else { continue };
        let item = items.get(archived.index).map(Node::get::<Value>).transpose()?;
        let added_apart = match (item.as_ref().and_then(added_at), added_at(&task.value)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        };
        if added_apart || archived.attempt > task.attempt {
            return Ok(Some(&task.id));
        }
    }
    Ok(None)
}

fn added_at(task: &Value) -> Option<Timestamp> {
    ADDED.iter().find_map(|field| task.get(field)?.as_str()?.parse().ok())
}

/// Appends tasks to an archive, line by line as they stood in the queue where that gives the same tasks. One that is there already,
/// from an archiving that was interrupted, is brought up to date.
///
/// # Errors
///
/// Those of [`tasks`]; [`QueueError::Document`] if the archive cannot be edited.
pub fn put_on_shelf(shelf: &mut Document, shelved: &[Shelved]) -> Result<(), QueueError> {
    shelf.check_editable()?;
    let list = list_of(shelf)?;
    let there: HashMap<String, usize> = tasks(shelf)?.into_iter().map(|task| (task.id, task.index)).collect();
    let mut fresh = Vec::new();
    for task in shelved {
        match there.get(&task.id) {
            None => fresh.push(task),
            Some(index) => shelf.set(DocPath::root().key(list).index(*index), &task.value)?,
        }
    }
    if let Some(longer) = with_lines(shelf, list, &fresh) {
        *shelf = longer;
        return Ok(());
    }
    for task in fresh {
        shelf.push(list, &task.value)?;
    }
    Ok(())
}

/// Takes those of `shelved` out of the queue that still are what they were when they were put on the shelf, and can still be
/// archived. Returns their ids.
///
/// # Errors
///
/// As [`shelvable`].
pub fn take_off(
    document: &mut Document,
    now: Timestamp,
    shelved: &[Shelved],
) -> Result<Change<Vec<String>>, QueueError> {
    let known: HashMap<&str, &Shelved> = shelved.iter().map(|task| (task.id.as_str(), task)).collect();
    let now_free = shelvable(document)?;
    let gone: HashSet<&str> = now_free
        .iter()
        .filter(|task| known.get(task.id.as_str()) == Some(task))
        .map(|task| task.id.as_str())
        .collect();
    let all = tasks(document)?;
    let (leaving, staying): (Vec<&Task>, Vec<&Task>) =
        all.iter().partition(|task| gone.contains(task.id.as_str()));
    match without_lines(document, &leaving, &staying)? {
        Some(shorter) => *document = shorter,
        // From the end, so that the places before stay what they are.
        None => {
            for task in leaving.iter().rev() {
                document.remove(task.path())?;
            }
        }
    }
    let event =
        |task: &&Task| Event::new(EventKind::Archived, now, &task.id, Some(&task.status), &task.status);
    Ok(Change {
        value: leaving.iter().map(|task| task.id.clone()).collect(),
        events: leaving.iter().map(event).collect(),
    })
}

fn is_finished(status: &Status) -> bool {
    matches!(status, Status::Completed | Status::Cancelled | Status::Invalid | Status::Obsolete)
}

fn items(document: &Document) -> Result<Vec<Node<'_>>, QueueError> {
    let list = document.root().field(list_of(document)?);
    Ok(list.into_iter().flat_map(|list| list.items()).collect())
}

/// The lines of each item, counted from 0, if every item has lines to itself.
fn line_places(document: &Document, items: &[Node<'_>]) -> Option<Vec<Range<usize>>> {
    let lines: Vec<&str> = document.text().split_inclusive('\n').collect();
    let mut places: Vec<Range<usize>> = Vec::with_capacity(items.len());
    for item in items {
        let start = item.line()?.checked_sub(1)?;
        let place = start..start + item.raw()?.trim_end().lines().count();
        let is_apart = places.last().is_none_or(|before| before.end <= place.start);
        if !is_apart || !lines.get(start)?.trim_start().starts_with("- ") {
            return None;
        }
        places.push(place);
    }
    Some(places)
}

/// The archive with the tasks' own lines behind its last one; `None` if that would not be the same tasks.
fn with_lines(shelf: &Document, list: &str, fresh: &[&Shelved]) -> Option<Document> {
    let there = items(shelf).ok()?.len();
    let mut text = shelf.text().to_owned();
    if there == 0 {
        // An empty list stands on the line of its key.
        let shortened = text.trim_end().strip_suffix("[]")?.trim_end();
        text.truncate(shortened.len());
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for task in fresh {
        let lines = task.lines.as_deref()?;
        text.push_str(lines);
        if !lines.ends_with('\n') {
            text.push('\n');
        }
    }
    let longer = Document::parse(text).ok()?;
    let items = items(&longer).ok()?;
    let same = items.len() == there + fresh.len()
        && items
            .iter()
            .skip(there)
            .zip(fresh)
            .all(|(item, task)| item.get::<Value>().is_ok_and(|it| it == task.value))
        && rest_of(&longer, list) == rest_of(shelf, list);
    same.then_some(longer)
}

/// The queue without the lines of the tasks that leave; `None` if that would change any other.
///
/// Thousands may leave at once, and taken out one by one each would cost a reading of the whole file.
fn without_lines(
    document: &Document,
    leaving: &[&Task],
    staying: &[&Task],
) -> Result<Option<Document>, QueueError> {
    let items = items(document)?;
    let (Some(places), false) = (line_places(document, &items), staying.is_empty()) else { return Ok(None) };
    let gone: HashSet<usize> =
        leaving.iter().filter_map(|task| places.get(task.index)).flat_map(Range::clone).collect();
    let lines = document.text().split_inclusive('\n').enumerate();
    let text: String = lines.filter(|(number, _)| !gone.contains(number)).map(|(_, line)| line).collect();
    let Ok(shorter) = Document::parse(text) else { return Ok(None) };
    let Ok(left) = self::items(&shorter) else { return Ok(None) };
    let value = |node: &Node<'_>| node.get::<Value>().ok();
    let same = left.len() == staying.len()
        && left.iter().zip(staying).all(|(item, task)| {
            let before = items.get(task.index).and_then(value);
            before.is_some() && value(item) == before
        });
    let list = list_of(document)?;
    Ok((same && rest_of(&shorter, list) == rest_of(document, list)).then_some(shorter))
}

/// Everything but the list.
fn rest_of(document: &Document, list: &str) -> Vec<(String, Option<Value>)> {
    let others = document.root().entries().filter(|(key, _)| key != list);
    others.map(|(key, node)| (key.into_owned(), node.get().ok())).collect()
}

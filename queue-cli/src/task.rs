//! A task as the queue's rules see it, read from its item in the document.

use crate::dialect::{BLOCKERS, list_of};
use crate::error::QueueError;
use crate::status::{Priority, Status};
use atomic_io::{DocPath, Document, Node};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// One task. What is not listed here stays in the document, and is neither read nor touched.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Task {
    /// Its place in the list, from 0.
    pub index: usize,
    /// The line it begins on, from 1, where the document knows it.
    pub line: Option<usize>,
    /// The key of the list that it is in.
    list: &'static str,
    /// Its name, unique in the queue.
    pub id: String,
    /// What kind of work it is, the field `type`.
    pub kind: Option<String>,
    /// What it is, for people. Empty when not given.
    pub title: String,
    /// Where it is in its life.
    pub status: Status,
    /// The status as it stands in the file.
    pub status_word: String,
    /// How urgent it is.
    pub priority: Priority,
    /// The priority as it stands in the file.
    pub priority_word: Option<String>,
    /// Orders tasks of one priority, the higher the sooner.
    pub priority_score: Option<f64>,
    /// The tasks that must be completed first.
    pub blocked_by: Vec<String>,
    /// `sequential` runs alone.
    pub parallel_group: Option<String>,
    /// What it uses most.
    pub resource: Option<String>,
    /// What people filter by.
    pub tags: Vec<String>,
    /// Who has it, or had it last.
    pub claimed_by: Option<String>,
    /// Since when, as it stands in the file.
    pub claimed_at: Option<String>,
    /// When it was begun, as it stands in the file.
    pub started_at: Option<String>,
    /// When its holder last said that it is alive, as it stands in the file.
    pub heartbeat_at: Option<String>,
    /// When it was completed, as it stands in the file.
    pub completed_at: Option<String>,
    /// By whom.
    pub completed_by: Option<String>,
    /// How often it was claimed; the number of the present claim is its fencing token.
    pub attempt: Option<u64>,
    /// Until when a claim made by a script holds.
    pub lease_until: Option<Deadline>,
    /// The process that watches over the task, for a claim that lasts as long as its processes.
    pub supervisor: Option<String>,
    /// Not before this time.
    pub retry_at: Option<Deadline>,
    /// How often it failed.
    pub failure_count: u64,
    /// What it failed of last.
    pub last_error: Option<String>,
    /// Whether it has a command of its own.
    pub has_command: bool,
}

/// The parallel group of tasks that run alone.
const ALONE: &str = "sequential";

/// A point in time as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The text in the file.
    pub text: String,
    at: Option<Timestamp>,
}

impl Deadline {
    fn from_text(text: &str) -> Self {
        Self { text: text.into(), at: text.parse().ok() }
    }

    /// The time, if the text is one.
    pub fn time(&self) -> Option<Timestamp> {
        self.at
    }

    /// Whether `now` is not before it. A text that is no RFC 3339 time never passes: it is not ours to guess when it meant.
    pub fn has_passed(&self, now: Timestamp) -> bool {
        self.at.is_some_and(|at| at <= now)
    }
}

/// How much of a task is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Whole,
    /// What decides whether it may be claimed, and when it is its turn. The other fields are as if they were not there.
    Rules,
}

/// All tasks of a queue, in the order of the file, in whichever [dialect](crate::Dialect) it is.
///
/// # Errors
///
/// [`QueueError::NoTasks`] and [`QueueError::TwoLists`] if the document has no list of tasks, or two; [`QueueError::BadTask`] for
/// an item that is no mapping or has no id; [`QueueError::DuplicateId`] for two with one id.
pub fn tasks(document: &Document) -> Result<Vec<Task>, QueueError> {
    read(document, Depth::Whole)
}

/// The same, read only as far as [`Board`](crate::Board) looks: what people want to know of ten thousand tasks takes longer to copy than
/// all the rest of a claim. Whatever is wrong with a queue is found all the same.
pub(crate) fn tasks_for_the_rules(document: &Document) -> Result<Vec<Task>, QueueError> {
    read(document, Depth::Rules)
}

/// The whole of a task that [`tasks_for_the_rules`] found at `index`.
pub(crate) fn task_at(document: &Document, index: usize) -> Result<Task, QueueError> {
    let key = list_of(document)?;
    let item = document.root().field(key).and_then(|list| list.items().nth(index));
    let gone = QueueError::BadTask { index, line: None, why: "is not there" };
    Task::read(key, index, item.ok_or(gone)?, Depth::Whole)
}

fn read(document: &Document, depth: Depth) -> Result<Vec<Task>, QueueError> {
    let key = list_of(document)?;
    let items = || document.root().field(key).into_iter().flat_map(|list| list.items());
    let mut tasks = Vec::with_capacity(items().count());
    for (index, item) in items().enumerate() {
        tasks.push(Task::read(key, index, item, depth)?);
    }
    let mut places = HashMap::with_capacity(tasks.len());
    for task in &tasks {
        if let Some(first) = places.insert(task.id.as_str(), task.index) {
            let line = |index| items().nth(index).and_then(|item| item.line());
            let (first, second) = (line(first), line(task.index));
            return Err(QueueError::DuplicateId { id: task.id.clone(), first, second });
        }
    }
    let remarked: Vec<(usize, usize, String)> = (tasks.iter().enumerate())
        .flat_map(|(index, task)| {
            let blockers = task.blocked_by.iter().enumerate();
            blockers
                .filter(|(_, id)| !places.contains_key(id.as_str()))
                .filter_map(move |(place, id)| without_remark(id).map(|bare| (index, place, bare.to_owned())))
        })
        .collect();
    for (index, place, bare) in remarked {
        if let Some(id) = tasks.get_mut(index).and_then(|task| task.blocked_by.get_mut(place)) {
            *id = bare;
        }
    }
    Ok(tasks)
}

/// Each item of the list, and what it is as a task or why it is none.
///
/// # Errors
///
/// The document has no list of tasks.
pub(crate) fn read_each<'a>(
    document: &'a Document,
) -> Result<impl Iterator<Item = (Node<'a>, Result<Task, QueueError>)>, QueueError> {
    let key = list_of(document)?;
    let items: Vec<_> = document.root().field(key).into_iter().flat_map(|list| list.items()).collect();
    Ok(items
        .into_iter()
        .enumerate()
        .map(move |(index, item)| (item, Task::read(key, index, item, Depth::Whole))))
}

/// The id of a blocker that is written with a remark behind it: `TASK-7 (must complete first)`.
pub(crate) fn without_remark(id: &str) -> Option<&str> {
    let (bare, remark) = id.split_once(" (")?;
    remark.ends_with(')').then_some(bare)
}

impl Task {
    fn read(list: &'static str, index: usize, item: Node<'_>, depth: Depth) -> Result<Self, QueueError> {
        let bad = |why| QueueError::BadTask { index, line: item.line(), why };
        if !item.is_map() {
            return Err(bad("is not a mapping"));
        }
        let mut task = Self {
            index,
            // Asking for ten thousand lines takes its time too.
            line: if depth == Depth::Whole { item.line() } else { None },
            list,
            id: String::new(),
            kind: None,
            title: String::new(),
            status: Status::Other(String::new()),
            status_word: String::new(),
            priority: Priority::Unstated,
            priority_word: None,
            priority_score: None,
            blocked_by: Vec::new(),
            parallel_group: None,
            resource: None,
            tags: Vec::new(),
            claimed_by: None,
            claimed_at: None,
            started_at: None,
            heartbeat_at: None,
            completed_at: None,
            completed_by: None,
            attempt: None,
            lease_until: None,
            supervisor: None,
            retry_at: None,
            failure_count: 0,
            last_error: None,
            has_command: false,
        };
        for (key, value) in item.entries() {
            if !task.take_rule(&key, value, depth).map_err(bad)? && depth == Depth::Whole {
                task.take(&key, value);
            }
        }
        if task.id.is_empty() {
            return Err(bad("has no id"));
        }
        Ok(task)
    }

    /// Takes a field that the rules look at; `false` if this is none.
    fn take_rule(&mut self, key: &str, value: Node<'_>, depth: Depth) -> Result<bool, &'static str> {
        let text = || value.str().map(Cow::into_owned);
        match key {
            // Where a task has both, `id` is its own and `task_id` points elsewhere.
            "id" => self.id = text().unwrap_or_default(),
            "task_id" if self.id.is_empty() => self.id = text().unwrap_or_default(),
            "status" => {
                let word = value.str().unwrap_or_default();
                self.status = Status::from_word(&word);
                if depth == Depth::Whole {
                    self.status_word = word.into_owned();
                }
            }
            "priority" => {
                let word = value.str();
                self.priority = word.as_deref().map_or(Priority::Unstated, Priority::from_word);
                if depth == Depth::Whole {
                    self.priority_word = word.map(Cow::into_owned);
                }
            }
            "priority_score" => self.priority_score = number(value),
            key if BLOCKERS.contains(&key) => self.take_blockers(value)?,
            "parallel_group" => {
                let group = value.str().filter(|group| depth == Depth::Whole || is_alone(group));
                self.parallel_group = group.map(Cow::into_owned);
            }
            "claimed_by" => self.claimed_by = text(),
            "attempt" => self.attempt = text().and_then(|text| text.parse().ok()),
            "lease_until" => self.lease_until = text().as_deref().map(Deadline::from_text),
            "supervisor" => self.supervisor = text(),
            "retry_at" => self.retry_at = text().as_deref().map(Deadline::from_text),
            "run" => self.has_command = !value.is_null(),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn take(&mut self, key: &str, value: Node<'_>) {
        let text = || value.str().map(Cow::into_owned);
        match key {
            "type" => self.kind = text(),
            "title" => self.title = text().unwrap_or_default(),
            "resource_type" => self.resource = text(),
            "resources" if self.resource.is_none() => {
                self.resource =
                    text().or_else(|| value.items().find_map(|item| item.str()).map(Cow::into_owned));
            }
            "tags" => {
                let tags = value.str().into_iter().chain(value.items().filter_map(|tag| tag.str()));
                self.tags = tags.map(Cow::into_owned).collect();
            }
            "claimed_at" => self.claimed_at = text(),
            "started_at" => self.started_at = text(),
            "heartbeat_at" => self.heartbeat_at = text(),
            "completed_at" => self.completed_at = text(),
            "completed_by" => self.completed_by = text(),
            "failure_count" => self.failure_count = text().and_then(|text| text.parse().ok()).unwrap_or(0),
            "last_error" => self.last_error = text(),
            _ => {}
        }
    }

    /// One id or a list of ids. Anything else must not pass for "waits for nothing".
    fn take_blockers(&mut self, value: Node<'_>) -> Result<(), &'static str> {
        let one = value.str().into_iter().map(Some);
        for id in one.chain(value.items().map(|item| item.str())) {
            let Some(id) = id else { return Err("waits for something that is no id") };
            self.blocked_by.push(id.into_owned());
        }
        each_once(&mut self.blocked_by);
        if value.is_map() { Err("waits for something that is no id") } else { Ok(()) }
    }

    /// Where the task stands in the document.
    pub fn path(&self) -> DocPath {
        DocPath::root().key(self.list).index(self.index)
    }

    /// Whether the task must run alone.
    pub fn runs_alone(&self) -> bool {
        self.parallel_group.as_deref().is_some_and(is_alone)
    }

    /// The priority's word for people, `-` without one.
    pub fn priority_text(&self) -> &str {
        self.priority_word.as_deref().unwrap_or("-")
    }
}

fn is_alone(group: &str) -> bool {
    group.eq_ignore_ascii_case(ALONE)
}

/// Lists of two or three are the rule, but one of 50,000 must not take a minute.
fn each_once(ids: &mut Vec<String>) {
    if ids.len() > 1 {
        let mut seen = HashSet::with_capacity(ids.len());
        ids.retain(|id| seen.insert(id.clone()));
    }
}

fn number(value: Node<'_>) -> Option<f64> {
    value.str()?.parse().ok().filter(|number: &f64| number.is_finite())
}

//! What is wrong with a queue that can be read: all of it, where reading stops at the first.

use crate::error::QueueError;
use crate::plan::circles;
use crate::status::{Priority, Status};
use crate::task::{Task, read_each, tasks};
use atomic_io::{Document, Node};
use jiff::Timestamp;
use lock_core::ProcessIdentity;
use std::collections::HashMap;

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The file is no queue, or a task is none. No command works on it.
    Invalid,
    /// Two tasks bear one id. No command works on it.
    DoubledId,
    /// A task waits for one that is not in the queue, so it is never ready.
    UnknownBlocker,
    /// Tasks wait for each other in a circle, so none of them is ever ready.
    Cycle,
    /// A task has a status that is not known, or none, so it is never ready.
    UnknownStatus,
    /// A task has a priority that is not known, so it comes last.
    UnknownPriority,
    /// A field of a claim cannot be read, so it has no effect.
    Unreadable,
}

impl FaultKind {
    /// Its word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::DoubledId => "doubled-id",
            Self::UnknownBlocker => "unknown-blocker",
            Self::Cycle => "cycle",
            Self::UnknownStatus => "unknown-status",
            Self::UnknownPriority => "unknown-priority",
            Self::Unreadable => "unreadable-field",
        }
    }

    /// Whether no command works on a queue with this fault.
    pub fn is_invalid(self) -> bool {
        matches!(self, Self::Invalid | Self::DoubledId)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// What kind of thing.
    pub kind: FaultKind,
    /// The task, where it has an id.
    pub task: Option<String>,
    /// The line of the task, from 1, where the document knows it.
    pub line: Option<usize>,
    /// What is wrong, and what that means.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// All faults of the queue in `document`, in the order of the file. If it is invalid, only what makes it so: what the tasks say
/// of each other means nothing then.
pub fn faults(document: &Document) -> Vec<Fault> {
    let tasks = match tasks(document) {
        Ok(tasks) => tasks,
        Err(error) => return invalid(document, &error),
    };
    let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
    let mut circles = circles_of(&tasks, &by_id);
    let mut faults = Vec::new();
    for (task, item) in tasks.iter().zip(items(document)) {
        faults.extend(words(task));
        faults.extend(unreadable(task, item));
        faults.extend(unknown_blockers(task, &by_id));
        let circles = circles.remove(&task.index).unwrap_or_default();
        faults.extend(circles.iter().map(|circle| circle_fault(task, circle)));
    }
    faults
}

/// The list's first item is the first task, and so on.
fn items(document: &Document) -> impl Iterator<Item = Node<'_>> {
    read_each(document).into_iter().flatten().map(|(item, _)| item)
}

fn invalid(document: &Document, error: &QueueError) -> Vec<Fault> {
    let Ok(each) = read_each(document) else {
        let remedy = "keep one list of tasks, under `tasks` or `queue`".into();
        return vec![Fault {
            kind: FaultKind::Invalid,
            task: None,
            line: None,
            what: error.to_string(),
            remedy,
        }];
    };
    let mut faults = Vec::new();
    let mut lines: HashMap<String, Option<usize>> = HashMap::new();
    for (_, task) in each {
        match task {
            Ok(task) => {
                if let Some(first) = lines.get(&task.id) {
                    let error =
                        QueueError::DuplicateId { id: task.id.clone(), first: *first, second: task.line };
                    faults.push(Fault {
                        kind: FaultKind::DoubledId,
                        line: task.line,
                        what: error.to_string(),
                        remedy: "give one of the two another id".into(),
                        task: Some(task.id),
                    });
                } else {
                    lines.insert(task.id, task.line);
                }
            }
            Err(error) => {
                let line = if let QueueError::BadTask { line, .. } = &error { *line } else { None };
                let remedy = "give it an id, blockers that are ids, or take it out".into();
                faults.push(Fault {
                    kind: FaultKind::Invalid,
                    task: None,
                    line,
                    what: error.to_string(),
                    remedy,
                });
            }
        }
    }
    faults
}

fn fault(kind: FaultKind, task: &Task, what: String, remedy: String) -> Fault {
    Fault { kind, task: Some(task.id.clone()), line: task.line, what, remedy }
}

fn words(task: &Task) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Status::Other(word) = &task.status {
        let what = match word.as_str() {
            "" => "it has no status, so it is never ready".into(),
            word => format!("its status `{word}` is not known, so it is never ready"),
        };
        let remedy =
            "write one of pending, claimed, in_progress, completed, failed, blocked, cancelled into the file"
                .into();
        faults.push(fault(FaultKind::UnknownStatus, task, what, remedy));
    }
    if let Some(word) = &task.priority_word
        && task.priority == Priority::Unstated
        && !is_over(task)
    {
        let what = format!("its priority `{word}` is not known, so it comes last");
        let remedy = format!("queue edit {} priority=CRITICAL, HIGH, MEDIUM or LOW", task.id);
        faults.push(fault(FaultKind::UnknownPriority, task, what, remedy));
    }
    faults
}

/// Whether nobody will claim it any more.
fn is_over(task: &Task) -> bool {
    matches!(task.status, Status::Completed | Status::Cancelled | Status::Invalid | Status::Obsolete)
}

/// Fields that a claim is decided by, and that say nothing as they stand.
fn unreadable(task: &Task, item: Node<'_>) -> Vec<Fault> {
    let means = |key: &str| match key {
        "attempt" => ("a number", "the next claim begins again with 1, as if nobody had ever claimed it"),
        "lease_until" => ("a time like 2026-11-23T04:11:09Z", "the claim never ends by itself"),
        "retry_at" => ("a time like 2026-11-23T04:11:09Z", "it is never tried again"),
        _ => ("the identity of a process", "the claim is taken for one whose process is gone"),
    };
    ["attempt", "lease_until", "retry_at", "supervisor"]
        .into_iter()
        .filter(|key| {
            let Some(value) = item.field(key).filter(|value| !value.is_null()) else { return false };
            let is_read = value.str().is_some_and(|text| match *key {
                "attempt" => text.parse::<u64>().is_ok(),
                "supervisor" => text.parse::<ProcessIdentity>().is_ok(),
                _ => text.parse::<Timestamp>().is_ok(),
            });
            !is_read && !is_over(task)
        })
        .map(|key| {
            let (form, effect) = means(key);
            let what = format!("its `{key}` is not {form}, so {effect}");
            fault(FaultKind::Unreadable, task, what, format!("mend `{key}`, or remove it"))
        })
        .collect()
}

fn unknown_blockers(task: &Task, by_id: &HashMap<&str, &Task>) -> Vec<Fault> {
    let missing = task.blocked_by.iter().filter(|id| !is_over(task) && !by_id.contains_key(id.as_str()));
    missing
        .map(|blocker| {
            let what = format!("it waits for {blocker}, which is not in the queue, so it is never ready");
            let remedy = format!("queue dep rm {} {blocker}, or add {blocker}", task.id);
            fault(FaultKind::UnknownBlocker, task, what, remedy)
        })
        .collect()
}

/// The circles of tasks that wait for each other, each without its first member at its end, by the place of that.
fn circles_of<'a>(tasks: &'a [Task], by_id: &HashMap<&str, &'a Task>) -> HashMap<usize, Vec<Vec<&'a Task>>> {
    // A completed task waits for nobody, and nobody for it.
    let is_open = |task: &Task| task.status != Status::Completed;
    let blockers = |task: &Task| {
        let found = task.blocked_by.iter().filter_map(|id| by_id.get(id.as_str()));
        found.filter(|blocker| is_open(blocker)).map(|blocker| blocker.index).collect()
    };
    let open: Vec<Vec<usize>> =
        tasks.iter().map(|task| if is_open(task) { blockers(task) } else { Vec::new() }).collect();
    let (circles, _) = circles::told(&open, &circles::groups(&open));
    let mut by_first: HashMap<usize, Vec<Vec<&Task>>> = HashMap::new();
    for mut circle in circles {
        if let Some(first) = circle.pop() {
            by_first.entry(first).or_default().push(circle.into_iter().map(|place| &tasks[place]).collect());
        }
    }
    by_first
}

/// How many tasks of a circle are named.
const NAMED: usize = 12;

fn circle_fault(task: &Task, circle: &[&Task]) -> Fault {
    let mut path: Vec<&str> = circle.iter().chain(circle.first()).map(|task| task.id.as_str()).collect();
    let remedy = format!("queue dep rm {} {}, or another of them", path[0], path[1]);
    let left_out = format!("… ({} more) …", path.len().saturating_sub(NAMED));
    if path.len() > NAMED {
        path.splice(NAMED / 2..path.len() - NAMED / 2, [left_out.as_str()]);
    }
    let what = match circle {
        [_] => "it waits for itself, so it is never ready".to_owned(),
        _ => {
            format!("tasks wait for each other, so none of them is ever ready: {}", path.join(" waits for "))
        }
    };
    fault(FaultKind::Cycle, task, what, remedy)
}

#[cfg(test)]
mod tests;

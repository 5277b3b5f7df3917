//! Tasks that need one thing alone, and so cannot be done side by side.

use super::dependencies::Said;
use super::schedule::is_planned;
use crate::task::Task;
use std::collections::BTreeMap;

/// Several open tasks that use one exclusive resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The resource, as the file has it.
    pub resource: String,
    /// The tasks that use it, by their places in the file.
    pub tasks: Vec<usize>,
    /// Those of them that would be done side by side, each group with the number of its wave, from 1.
    pub side_by_side: Vec<(usize, Vec<usize>)>,
}

/// Words that say which part of the machine a task is hard on, and not which thing it needs: many tasks can be `cpu_bound` at once.
const LOADS: [&str; 11] = [
    "cpu_bound",
    "io_bound",
    "memory_bound",
    "network_bound",
    "compute",
    "cpu",
    "io",
    "memory",
    "network",
    "general",
    "reserve",
];

pub(super) fn find(tasks: &[Task], said: &[Said], levels: &[Option<usize>]) -> Vec<Conflict> {
    let mut users: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for task in tasks.iter().filter(|task| is_planned(&task.status)) {
        for resource in &said[task.index].resources {
            if !LOADS.iter().any(|load| load.eq_ignore_ascii_case(resource)) && !resource.is_empty() {
                users.entry(resource).or_default().push(task.index);
            }
        }
    }
    let several = users.into_iter().filter(|(_, users)| users.len() > 1);
    several
        .map(|(resource, tasks)| {
            let mut waves: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for place in &tasks {
                if let Some(level) = levels[*place] {
                    waves.entry(level + 1).or_default().push(*place);
                }
            }
            let side_by_side = waves.into_iter().filter(|(_, together)| together.len() > 1).collect();
            Conflict { resource: resource.to_owned(), tasks, side_by_side }
        })
        .collect()
}

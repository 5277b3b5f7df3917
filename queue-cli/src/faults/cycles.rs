//! Tasks that wait for each other in a circle.

use crate::status::Status;
use crate::task::Task;
use std::collections::HashMap;

/// At least one circle of every group of tasks that wait for each other, by the place of its first task in the list. In a circle each
/// task waits for the next, and the last for the first. Where circles share tasks, the others show when the first is mended.
///
/// Without recursion, and in time that grows with the number of dependencies: a chain of 100,000 tasks is fine.
pub(super) fn among<'a>(tasks: &'a [Task], by_id: &HashMap<&str, &'a Task>) -> HashMap<usize, Vec<&'a Task>> {
    let open = open_blockers(tasks, by_id);
    let is_stuck = never_ready(&open);
    // Who waits in vain, and is not waited for in vain itself, leads to a circle: each is followed to the first such task it waits for.
    let next = |place: usize| open[place].iter().copied().find(|blocker| is_stuck[*blocker]);
    let mut walk_of: Vec<Option<usize>> = vec![None; tasks.len()];
    let mut circles = HashMap::new();
    for start in 0..tasks.len() {
        let (mut place, mut path) = (start, Vec::new());
        while is_stuck[place] && walk_of[place].is_none() {
            walk_of[place] = Some(start);
            path.push(place);
            let Some(blocker) = next(place) else { break };
            place = blocker;
        }
        if walk_of[place] == Some(start)
            && let Some(entry) = path.iter().position(|member| *member == place)
        {
            let circle = from_the_first(&path[entry..]);
            circles.insert(circle[0], circle.iter().map(|place| &tasks[*place]).collect());
        }
    }
    circles
}

/// For each task the places of those that it still waits for. A completed task waits for nobody, and nobody for it.
fn open_blockers(tasks: &[Task], by_id: &HashMap<&str, &Task>) -> Vec<Vec<usize>> {
    let is_open = |task: &Task| task.status != Status::Completed;
    let blockers = |task: &Task| {
        let found = task.blocked_by.iter().filter_map(|id| by_id.get(id.as_str()));
        found.filter(|blocker| is_open(blocker)).map(|blocker| blocker.index).collect()
    };
    tasks.iter().map(|task| if is_open(task) { blockers(task) } else { Vec::new() }).collect()
}

/// Which tasks stay when again and again those are taken away that wait for nobody.
fn never_ready(open: &[Vec<usize>]) -> Vec<bool> {
    let mut waiting: Vec<usize> = open.iter().map(Vec::len).collect();
    let mut waited_for: Vec<Vec<usize>> = vec![Vec::new(); open.len()];
    for (place, blockers) in open.iter().enumerate() {
        for blocker in blockers {
            waited_for[*blocker].push(place);
        }
    }
    let mut free: Vec<usize> = (0..open.len()).filter(|place| waiting[*place] == 0).collect();
    while let Some(place) = free.pop() {
        for follower in &waited_for[place] {
            waiting[*follower] -= 1;
            if waiting[*follower] == 0 {
                free.push(*follower);
            }
        }
    }
    waiting.into_iter().map(|blockers| blockers > 0).collect()
}

/// The same circle, told from its member that stands first in the file.
fn from_the_first(circle: &[usize]) -> Vec<usize> {
    let first = circle.iter().enumerate().min_by_key(|(_, place)| **place).map_or(0, |(at, _)| at);
    let mut told = circle.to_vec();
    told.rotate_left(first);
    told
}

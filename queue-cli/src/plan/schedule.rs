//! In which order tasks can be done, which side by side, and which not at all.

use crate::ready::turns;
use crate::status::Status;
use crate::task::Task;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Tasks that can be done side by side once those of all waves before are done.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    /// Their places, in the order in which they would be claimed.
    pub tasks: Vec<usize>,
    /// Those of them that run alone (`parallel_group: sequential`): one after the other, before or after the rest of the wave.
    pub alone: Vec<usize>,
    /// How long the wave takes if everybody has somebody to do it, by `estimated_minutes`.
    pub minutes: f64,
}

/// The chain of tasks, each waiting for the one before, that takes longest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CriticalPath {
    /// Their places, the first to be done first.
    pub tasks: Vec<usize>,
    /// How long they take together, by `estimated_minutes`; one without takes no time.
    pub minutes: f64,
}

/// An open task that never comes to its turn as the queue stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its place.
    pub task: usize,
    /// Why, for people.
    pub why: String,
}

/// Whether a task in this state is work that can be planned. What is held back by a person is: it will be let go.
pub(super) fn is_planned(status: &Status) -> bool {
    matches!(status, Status::Pending | Status::Claimed | Status::InProgress | Status::Blocked)
}

pub(super) struct Schedule<'a> {
    open_blockers: &'a [Vec<usize>],
    hopeless: &'a [Vec<String>],
    pub(super) order: Vec<usize>,
    /// How many tasks of the longest chain come before each, counted in tasks; `None` for those that are not in the order.
    pub(super) levels: Vec<Option<usize>>,
}

impl<'a> Schedule<'a> {
    pub(super) fn of(tasks: &[Task], open_blockers: &'a [Vec<usize>], hopeless: &'a [Vec<String>]) -> Self {
        let mut waiters: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
        for (place, blockers) in open_blockers.iter().enumerate() {
            for blocker in blockers {
                waiters[*blocker].push(place);
            }
        }
        let turn_of = turns(tasks);
        let turn = |place: usize| Reverse((!tasks[place].status.is_in_hand(), turn_of[place], place));
        let mut waits_for: Vec<usize> = open_blockers.iter().map(Vec::len).collect();
        let is_free = |place: usize| is_planned(&tasks[place].status) && hopeless[place].is_empty();
        let mut free: BinaryHeap<_> =
            (0..tasks.len()).filter(|place| waits_for[*place] == 0 && is_free(*place)).map(turn).collect();
        let mut levels = vec![None; tasks.len()];
        let mut order = Vec::with_capacity(tasks.len());
        while let Some(Reverse((_, _, place))) = free.pop() {
            let before = open_blockers[place].iter().filter_map(|blocker| levels[*blocker]).max();
            levels[place] = Some(before.map_or(0, |level: usize| level + 1));
            order.push(place);
            for waiter in &waiters[place] {
                waits_for[*waiter] -= 1;
                if waits_for[*waiter] == 0 && is_free(*waiter) {
                    free.push(turn(*waiter));
                }
            }
        }
        Self { open_blockers, hopeless, order, levels }
    }

    pub(super) fn waves(&self, tasks: &[Task], minutes: &[Option<f64>]) -> Vec<Wave> {
        let mut waves: Vec<Wave> = Vec::new();
        let mut side_by_side: Vec<f64> = Vec::new();
        for place in &self.order {
            let Some(level) = self.levels[*place] else { continue };
            while waves.len() <= level {
                waves.push(Wave { tasks: Vec::new(), alone: Vec::new(), minutes: 0.0 });
                side_by_side.push(0.0);
            }
            let (wave, time) = (&mut waves[level], minutes[*place].unwrap_or(0.0));
            wave.tasks.push(*place);
            if tasks[*place].runs_alone() {
                wave.alone.push(*place);
                wave.minutes += time;
            } else {
                side_by_side[level] = side_by_side[level].max(time);
            }
        }
        for (wave, longest) in waves.iter_mut().zip(side_by_side) {
            wave.minutes += longest;
        }
        waves
    }

    /// Of chains that take equally long, the one with more tasks, and of those the one whose end stands first in the order.
    pub(super) fn critical_path(&self, open: &[Vec<usize>], minutes: &[Option<f64>]) -> CriticalPath {
        // Of the longest chain up to each task: how long it takes with it, of how many tasks it is, and which comes before.
        let mut chains: Vec<(f64, usize, Option<usize>)> = vec![(0.0, 0, None); open.len()];
        let mut last: Option<usize> = None;
        let is_longer = |one: (f64, usize, Option<usize>), other: (f64, usize, Option<usize>)| {
            one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)).is_gt()
        };
        for place in &self.order {
            let mut longest: Option<usize> = None;
            for blocker in &open[*place] {
                if longest.is_none_or(|longest| is_longer(chains[*blocker], chains[longest])) {
                    longest = Some(*blocker);
                }
            }
            let (before, tasks) = longest.map_or((0.0, 0), |blocker| (chains[blocker].0, chains[blocker].1));
            chains[*place] = (before + minutes[*place].unwrap_or(0.0), tasks + 1, longest);
            if last.is_none_or(|last| is_longer(chains[*place], chains[last])) {
                last = Some(*place);
            }
        }
        let minutes = last.map_or(0.0, |last| chains[last].0);
        let mut tasks: Vec<usize> = std::iter::successors(last, |place| chains[*place].2).collect();
        tasks.reverse();
        CriticalPath { tasks, minutes }
    }

    pub(super) fn left_out(&self, tasks: &[Task], groups: &[Vec<usize>]) -> Vec<LeftOut> {
        let mut is_in_circle = vec![false; tasks.len()];
        for place in groups.iter().flatten() {
            is_in_circle[*place] = true;
        }
        let is_left_out = |task: &&Task| !task.status.is_over() && self.levels[task.index].is_none();
        let left_out = tasks.iter().filter(is_left_out);
        left_out.map(|task| LeftOut { task: task.index, why: self.why(task, tasks, &is_in_circle) }).collect()
    }

    fn why(&self, task: &Task, tasks: &[Task], is_in_circle: &[bool]) -> String {
        let mut reasons = Vec::new();
        match &task.status {
            Status::Other(word) if word.is_empty() => reasons.push("it has no status".to_owned()),
            Status::Other(word) => reasons.push(format!("its status `{word}` is not known")),
            _ => {}
        }
        if is_in_circle[task.index] {
            reasons.push("it waits for itself, in a circle".into());
        }
        let hopeless = &self.hopeless[task.index];
        if !hopeless.is_empty() {
            reasons.push(format!("it waits in vain for {}", hopeless.join(", ")));
        }
        if reasons.is_empty() {
            let stuck = |place: &&usize| self.levels[**place].is_none();
            let stuck: Vec<&str> = (self.open_blockers[task.index].iter().filter(stuck))
                .map(|place| tasks[*place].id.as_str())
                .collect();
            reasons.push(format!("it waits for {}, which is left out too", stuck.join(", ")));
        }
        reasons.join("; ")
    }
}

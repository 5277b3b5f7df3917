//! Why a task waits, followed down to where it comes from, and which tasks wait for ever.

use crate::ready::{Board, Waiting};
use crate::status::Status;
use crate::task::Task;
use std::collections::{HashMap, HashSet};

/// More cycles than this are not told one by one: a tangle of n tasks can have exponentially many.
const CYCLES: usize = 10;

/// A task on the way down, and why it is not completed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// The task.
    pub id: String,
    /// How many steps it is below the task that was asked for.
    pub depth: usize,
    /// Whether it stands in the queue at all.
    pub is_there: bool,
    /// Why it cannot be claimed; `None` if it can, or is not there.
    pub waiting: Option<Waiting>,
    /// Whether what is below it was told before.
    pub is_told_above: bool,
}

/// The whole reason why a task waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reasons {
    /// The task itself, then each open blocker followed by its own, in the order of the file's lists.
    pub steps: Vec<Reason>,
    /// Tasks that wait for each other, each cycle with its first task once more at its end. At most ten are told.
    pub cycles: Vec<Vec<String>>,
}

/// A task whose blockers are being followed.
struct Step {
    id: String,
    open: Vec<(String, Option<Status>)>,
    next: usize,
}

/// Follows the reason why `task` waits down to its ends. Costs a step for each dependency, however deep they are.
pub fn reasons(board: &Board<'_>, task: &Task) -> Reasons {
    let mut found = Reasons::default();
    // Where a task stands on the way down from the first one; `None` once all below it is told.
    let mut places: HashMap<String, Option<usize>> = HashMap::new();
    let mut way = vec![found.enter(board, &task.id, 0, &mut places)];
    while let Some(step) = way.last_mut() {
        let Some((id, _)) = step.open.get(step.next).cloned() else {
            places.insert(std::mem::take(&mut step.id), None);
            way.pop();
            continue;
        };
        step.next += 1;
        let depth = way.len();
        match places.get(&id) {
            None => way.push(found.enter(board, &id, depth, &mut places)),
            Some(place) => {
                if let Some(place) = place.filter(|_| found.cycles.len() < CYCLES) {
                    let mut cycle: Vec<String> = way[place..].iter().map(|step| step.id.clone()).collect();
                    cycle.push(id.clone());
                    found.cycles.push(cycle);
                }
                let waiting = board.find(&id).and_then(|task| board.waiting(task));
                let is_there = board.find(&id).is_some();
                found.steps.push(Reason { id, depth, is_there, waiting, is_told_above: true });
            }
        }
    }
    found
}

impl Reasons {
    fn enter(
        &mut self,
        board: &Board<'_>,
        id: &str,
        depth: usize,
        places: &mut HashMap<String, Option<usize>>,
    ) -> Step {
        places.insert(id.into(), Some(depth));
        let task = board.find(id);
        let waiting = task.and_then(|task| board.waiting(task));
        let open = match &waiting {
            Some(Waiting::For(open)) => open.clone(),
            _ => Vec::new(),
        };
        let is_there = task.is_some();
        self.steps.push(Reason { id: id.into(), depth, is_there, waiting, is_told_above: false });
        Step { id: id.into(), open, next: 0 }
    }
}

/// The open tasks of `tasks` that cannot come to an end unless somebody changes the queue: those that are held back or have a status that is
/// not known, and whatever waits for them, for one that failed or was called off, for one that is not there, or in a circle.
pub fn waiting_for_ever<'a>(tasks: &'a [Task]) -> HashSet<&'a str> {
    let is_open = |task: &&Task| !task.status.is_over();
    let moves = |task: &Task| task.status == Status::Pending || task.status.is_in_hand();
    let status_of: HashMap<&str, &Status> =
        tasks.iter().map(|task| (task.id.as_str(), &task.status)).collect();
    let mut open_blockers: HashMap<&str, usize> = HashMap::new();
    let mut waiters: HashMap<&str, Vec<&'a Task>> = HashMap::new();
    let mut free: Vec<&Task> = Vec::new();
    for task in tasks.iter().filter(is_open).filter(|task| moves(task)) {
        // Who has a task in hand can end it, whatever it should have waited for.
        let blockers: Vec<&str> = if task.status.is_in_hand() {
            Vec::new()
        } else {
            let open = |id: &&String| status_of.get(id.as_str()) != Some(&&Status::Completed);
            task.blocked_by.iter().filter(open).map(String::as_str).collect()
        };
        if blockers.is_empty() {
            free.push(task);
        }
        open_blockers.insert(&task.id, blockers.len());
        for id in blockers {
            waiters.entry(id).or_default().push(task);
        }
    }
    let mut stuck: HashSet<&str> = tasks.iter().filter(is_open).map(|task| task.id.as_str()).collect();
    while let Some(task) = free.pop() {
        stuck.remove(task.id.as_str());
        for waiter in waiters.remove(task.id.as_str()).unwrap_or_default() {
            if let Some(count) = open_blockers.get_mut(waiter.id.as_str()) {
                *count -= 1;
                if *count == 0 {
                    free.push(waiter);
                }
            }
        }
    }
    stuck
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ready::no_claim_is_over;
    use crate::task::tasks;
    use atomic_io::Document;

    fn reasons_of(yaml: &str, id: &str) -> Reasons {
        let tasks = tasks(&Document::parse(yaml).unwrap()).unwrap();
        let board = Board::new(&tasks, "2026-03-01T12:00:00Z".parse().unwrap(), &no_claim_is_over);
        reasons(&board, board.find(id).unwrap())
    }

    fn ids(reasons: &Reasons) -> Vec<(&str, usize)> {
        reasons.steps.iter().map(|reason| (reason.id.as_str(), reason.depth)).collect()
    }

    #[test]
    fn every_open_blocker_is_followed_once() {
        let queue = "tasks:
- {id: A, status: pending, blockedBy: [B, C, E]}
- {id: B, status: pending, blockedBy: [C, gone]}
- {id: C, status: failed}
- {id: E, status: completed, blockedBy: [A]}
";
        let found = reasons_of(queue, "A");
        assert_eq!(ids(&found), [("A", 0), ("B", 1), ("C", 2), ("gone", 2), ("C", 1)]);
        assert!(!found.steps[3].is_there && found.steps[4].is_told_above && !found.steps[2].is_told_above);
        assert!(found.cycles.is_empty());
    }

    #[test]
    fn cycles_are_named_with_their_path() {
        let queue = "tasks:
- {id: A, status: pending, blockedBy: [B]}
- {id: B, status: pending, blockedBy: [C]}
- {id: C, status: pending, blockedBy: [D, B]}
- {id: D, status: pending, blockedBy: [D]}
";
        let found = reasons_of(queue, "A");
        assert_eq!(found.cycles, [vec!["D", "D"], vec!["B", "C", "B"]]);
    }

    #[test]
    fn a_chain_of_100_000_is_followed_to_its_end() {
        let mut queue = String::from("tasks:\n- {id: t0, status: pending}\n");
        for number in 1..100_000 {
            queue.push_str(&format!("- {{id: t{number}, status: pending, blockedBy: [t{}]}}\n", number - 1));
        }
        let found = reasons_of(&queue, "t99999");
        assert_eq!(found.steps.len(), 100_000);
        assert_eq!((found.steps[99_999].id.as_str(), found.steps[99_999].depth), ("t0", 99_999));
    }

    #[test]
    fn what_waits_for_ever_is_told_from_what_only_waits() {
        let queue = "tasks:
- {id: ready, status: pending}
- {id: later, status: pending, blockedBy: [ready, busy, done]}
- {id: busy, status: in_progress, blockedBy: [failed]}
- {id: done, status: completed}
- {id: failed, status: failed}
- {id: after-failed, status: pending, blockedBy: [failed]}
- {id: after-that, status: pending, blockedBy: [after-failed, ready]}
- {id: after-gone, status: pending, blockedBy: [gone]}
- {id: one, status: pending, blockedBy: [other]}
- {id: other, status: pending, blockedBy: [one]}
- {id: held, status: blocked}
- {id: odd, status: on hold}
";
        let tasks = tasks(&Document::parse(queue).unwrap()).unwrap();
        let mut stuck: Vec<_> = waiting_for_ever(&tasks).into_iter().collect();
        stuck.sort_unstable();
        assert_eq!(stuck, ["after-failed", "after-gone", "after-that", "held", "odd", "one", "other"]);
    }
}

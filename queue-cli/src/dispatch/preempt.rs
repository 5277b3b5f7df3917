//! Which task has to make room for a more urgent one.

use queue_cli::Priority;
use std::time::Instant;

/// A task that runs, as far as this is concerned.
pub(crate) struct Running {
    pub(crate) priority: Priority,
    pub(crate) since: Instant,
    /// Whether it is being stopped already.
    pub(crate) is_leaving: bool,
}

/// The places in `running` of those that make room for `critical` tasks of the highest class: of the lowest class first, and of one class the one
/// that began last, which loses the least work. A task of the highest class itself never does.
pub(crate) fn victims(running: &[Running], critical: usize) -> Vec<usize> {
    let leaving = running.iter().filter(|task| task.is_leaving).count();
    let mut lower: Vec<usize> = (0..running.len())
        .filter(|place| {
            running.get(*place).is_some_and(|task| !task.is_leaving && task.priority > Priority::Critical)
        })
        .collect();
    lower.sort_by_key(|place| running.get(*place).map(|task| (task.priority, task.since)));
    lower.reverse();
    lower.truncate(critical.saturating_sub(leaving));
    lower
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn running(tasks: &[(Priority, u64, bool)]) -> Vec<Running> {
        let start = Instant::now();
        let task = |&(priority, after, is_leaving): &(Priority, u64, bool)| Running {
            priority,
            since: start + Duration::from_secs(after),
            is_leaving,
        };
        tasks.iter().map(task).collect()
    }

    #[test]
    fn the_lowest_class_goes_first_and_of_it_the_youngest() {
        use Priority::{Critical, High, Low, Unstated};
        let tasks = [(High, 0, false), (Low, 1, false), (Low, 2, false), (Critical, 3, false)];
        assert_eq!(victims(&running(&tasks), 1), [2]);
        assert_eq!(victims(&running(&tasks), 9), [2, 1, 0]);
        assert_eq!(victims(&running(&[(Low, 0, false), (Unstated, 1, false)]), 1), [1]);
    }

    #[test]
    fn nobody_goes_for_nothing() {
        use Priority::{Critical, Low};
        assert!(victims(&running(&[(Critical, 0, false)]), 1).is_empty());
        // One is on its way out already, and there is one to come in.
        assert!(victims(&running(&[(Low, 0, true), (Low, 1, false)]), 1).is_empty());
        assert_eq!(victims(&running(&[(Low, 0, true), (Low, 1, false)]), 2), [1]);
        assert!(victims(&running(&[(Low, 0, false)]), 0).is_empty());
    }
}

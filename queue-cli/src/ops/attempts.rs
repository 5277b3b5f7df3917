//! Attempts only ever grow, also where a queue goes back to an older version.

use super::{Change, set_number};
use crate::error::QueueError;
use crate::task::{Task, tasks};
use atomic_io::Document;
use std::collections::HashMap;

/// Raises the attempt of every task to the one it has among `known`, the tasks of a later version; how many were raised.
///
/// Without this the next claim would get a number that somebody may still hold from before.
///
/// # Errors
///
/// Those of [`tasks`].
pub fn keep_attempts(document: &mut Document, known: &[Task]) -> Result<Change<usize>, QueueError> {
    let known: HashMap<&str, u64> =
        known.iter().filter_map(|task| Some((task.id.as_str(), task.attempt?))).collect();
    let mut raised = 0;
    for task in tasks(document)? {
        if let Some(&attempt) = known.get(task.id.as_str())
            && attempt > task.attempt.unwrap_or(0)
        {
            set_number(document, &task.path(), "attempt", attempt)?;
            raised += 1;
        }
    }
    Ok(Change::none(raised))
}

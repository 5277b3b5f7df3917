//! Attempts only ever grow, also where a queue goes back to an older version.

use super::{Change, set_number};
use crate::error::QueueError;
use crate::task::tasks;
use atomic_io::Document;
use std::collections::HashMap;

/// Raises the attempt of every task to the one that is `known` of it by its id; how many were raised. What is known comes from a later
/// version, or from the history.
///
/// Without this the next claim would get a number that somebody may still hold from before.
///
/// # Errors
///
/// Those of [`tasks`].
pub fn keep_attempts(
    document: &mut Document,
    known: &HashMap<String, u64>,
) -> Result<Change<usize>, QueueError> {
    let mut raised = 0;
    for task in tasks(document)? {
        if let Some(&attempt) = known.get(&task.id)
            && attempt > task.attempt.unwrap_or(0)
        {
            set_number(document, &task.path(), "attempt", attempt)?;
            raised += 1;
        }
    }
    Ok(Change::none(raised))
}

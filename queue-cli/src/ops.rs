//! What can be done to a queue: pure functions of the document, the time and their arguments.
//!
//! Nothing here reads a clock, takes a lock or touches a file. [`Queue::apply`](crate::Queue::apply) is the shell that does.

mod add;
mod attempts;
mod by_hand;
mod claim;
mod counters;
mod dependencies;
mod edit;
mod shelve;
mod transition;

pub use add::{NewTask, add};
pub use attempts::keep_attempts;
pub use by_hand::{block, cancel, retry, unblock};
pub use claim::{
    Batch, BatchRequest, Claim, ClaimKind, OtherRun, Waited, claim_batch, claim_id, claim_next, reclaim_id,
};
pub use counters::{Counter, counters, sync_counters};
pub use dependencies::{add_blockers, remove_blockers};
pub use edit::{FieldEdit, edit};
pub use shelve::{Shelved, new_shelf, other_on_shelf, put_on_shelf, shelvable, take_off};
pub(crate) use transition::append_note;
pub use transition::{Backoff, Proof, Token, done, fail, heartbeat, note, preempt, release, start};

use crate::error::QueueError;
use crate::event::Event;
use crate::task::{Task, task_at, tasks_for_the_rules};
use atomic_io::{DocPath, Document};

/// What an operation found or made, and the transitions to be written down for it.
#[derive(Clone, Debug)]
pub struct Change<T> {
    /// The operation's result.
    pub value: T,
    /// The transitions, in their order; none if nothing changed.
    pub events: Vec<Event>,
}

impl<T> Change<T> {
    /// A result without a transition.
    pub fn none(value: T) -> Self {
        Self { value, events: Vec::new() }
    }
}

/// The fields that a claim writes and its end takes away.
const OF_THE_CLAIM: [&str; 6] =
    ["claimed_by", "claimed_at", "started_at", "heartbeat_at", "lease_until", "supervisor"];

fn find(document: &Document, id: &str) -> Result<Task, QueueError> {
    let tasks = tasks_for_the_rules(document)?;
    let found = tasks.iter().find(|task| task.id == id);
    let found = found.ok_or_else(|| QueueError::NoSuchTask { id: id.into() })?;
    let mut task = task_at(document, found.index)?;
    // Whether there is a remark behind a blocker only the whole queue tells.
    task.blocked_by.clone_from(&found.blocked_by);
    Ok(task)
}

fn set_text(document: &mut Document, task: &DocPath, key: &str, text: &str) -> Result<(), QueueError> {
    document.set(task.clone().key(key), text).map_err(QueueError::from)
}

fn set_number(document: &mut Document, task: &DocPath, key: &str, number: u64) -> Result<(), QueueError> {
    document.set(task.clone().key(key), &number).map_err(QueueError::from)
}

/// Takes away fields that have nothing to say any more. What is not there is no matter.
fn clear(document: &mut Document, task: &DocPath, keys: &[&str]) -> Result<(), QueueError> {
    for key in keys {
        document.remove(task.clone().key(*key))?;
    }
    Ok(())
}

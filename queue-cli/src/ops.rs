//! What can be done to a queue: pure functions of the document, the time and their arguments.
//!
//! Nothing here reads a clock, takes a lock or touches a file. [`Queue::apply`](crate::Queue::apply) is the shell that does.

mod add;
mod attempts;
mod claim;
mod transition;

pub use add::{NewTask, add};
pub use attempts::keep_attempts;
pub use claim::{Batch, BatchRequest, Claim, ClaimKind, OtherRun, claim_batch, claim_id, claim_next};
pub use transition::{Proof, Token, done, fail, heartbeat, release, start};

use crate::error::QueueError;
use crate::event::Event;
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

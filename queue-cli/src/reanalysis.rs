//! Looking at a queue again: rules that find tasks which need a person's eye, more urgency, or an end.
//!
//! Rules are data ([`Rules`]): a trigger, what must be so, and what is done. The operation [`reanalyze`] is pure; what it needs to know of the
//! world, which files changed and which are gone, comes as [`Facts`].
//!
//! **A second run changes nothing.** Every action leaves a mark by which it is known: flagged and boosted tasks bear a tag, tasks let go are
//! `pending`, invalidated ones are `invalid`. What one action makes another rule say (a task that is pending at last may have been so for a
//! month) is done in the same run: the rules are gone through until they have nothing more to say. Each task can be let go, boosted, flagged and
//! invalidated once, so that ends.
//!
//! **Whoever works on a task is not disturbed.** Tasks that are finished in any way, or whose status is not known, are not looked at; those in
//! hand are flagged at most.
//!
//! | file | holds |
//! |---|---|
//! | here | the operation, and what it returns |
//! | `rules.rs` | what a rule is |
//! | `rules_file.rs`, `built_in.yaml` | reading rules, and those that are built in |
//! | `facts.rs` | what is known of files |
//! | `conditions.rs` | which rules apply to a task |
//! | `actions.rs` | what is then written |

mod actions;
mod conditions;
mod facts;
mod rules;
mod rules_file;

pub use facts::{ChangedFile, Changes, Facts};
pub use rules::{Action, Rule, Rules, Trigger};

use crate::error::QueueError;
use crate::event::{Event, EventKind};
use crate::ops::Change;
use crate::status::Status;
use crate::task::tasks;
use atomic_io::Document;
use jiff::Timestamp;
use serde_yaml::Value;

/// How often the rules are gone through at most. What becomes of a task hangs on no other task that they change, and there are four
/// actions, each done once; so five times are enough, and nothing can make this go on for ever under the queue's lock.
const ROUNDS: usize = 8;

/// What was looked at, and what changed.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Reanalysis {
    /// How many tasks the queue has.
    pub tasks: usize,
    /// What changed, in the order in which it was done.
    pub changes: Vec<TaskChange>,
}

/// One action on one task.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TaskChange {
    /// The task.
    pub id: String,
    /// What was done.
    pub action: Action,
    /// The rules that asked for it, in the order of the file.
    pub reasons: Vec<Reason>,
    /// The fields that are not as they were.
    pub fields: Vec<FieldChange>,
}

/// A rule that applies to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// The rule's trigger.
    pub trigger: Trigger,
    /// The rule's name.
    pub rule: String,
    /// What is so, for people.
    pub text: String,
}

/// A field before and after.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldChange {
    /// Its key.
    pub field: &'static str,
    /// Its value before; `None` if there was none.
    pub before: Option<Value>,
    /// Its value now; `None` if it was taken away.
    pub after: Option<Value>,
}

/// Does what those of `rules` say whose trigger is among `triggers`.
///
/// # Errors
///
/// Those of [`tasks`]; [`QueueError::Document`] where the file cannot be edited.
pub fn reanalyze(
    document: &mut Document,
    now: Timestamp,
    rules: &Rules,
    triggers: &[Trigger],
    facts: &Facts<'_>,
) -> Result<Change<Reanalysis>, QueueError> {
    let mut result = Reanalysis::default();
    let mut events = Vec::new();
    for _ in 0..ROUNDS {
        let tasks = tasks(document)?;
        result.tasks = tasks.len();
        let decisions = conditions::decide(document, &tasks, now, rules, triggers, facts);
        if decisions.is_empty() {
            break;
        }
        for decision in decisions {
            let task = decision.task;
            let change = actions::carry_out(document, &decision)?;
            let to = match decision.action {
                Action::Unblock => Status::Pending,
                Action::Invalidate => Status::Invalid,
                Action::Flag | Action::Boost => task.status.clone(),
            };
            let mut event = Event::new(EventKind::Reanalyzed, now, &task.id, Some(&task.status), &to);
            event.data.action = Some(change.action.word().into());
            event.data.reason = Some(told(&change.reasons));
            events.push(event);
            result.changes.push(change);
        }
    }
    Ok(Change { value: result, events })
}

/// The reasons in one line, each behind its trigger.
fn told(reasons: &[Reason]) -> String {
    let told: Vec<String> =
        reasons.iter().map(|reason| format!("{}: {}", reason.trigger.word(), reason.text)).collect();
    told.join("; ")
}

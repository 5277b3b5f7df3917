//! What is written down: single uses of skills, and what became of tasks.

use crate::RegistryError;
use crate::section::{items, number, part, text};
use atomic_io::{Document, Node};
use serde::{Deserialize, Serialize};

/// One use of a skill, from `usage_history`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UsageRecord {
    /// When, as written there (RFC 3339).
    pub timestamp: Option<String>,
    /// For which task.
    pub task_id: Option<String>,
    /// Which skill; `None` if none was used after all.
    pub skill: Option<String>,
    /// Which skills would have fitted.
    pub applicable_skills: Vec<String>,
    /// How sure one was, in percent.
    #[serde(serialize_with = "crate::number::serialize")]
    pub confidence: Option<f64>,
    /// What spoke for it.
    pub trigger_reason: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(serialize_with = "crate::number::serialize")]
    pub execution_time_ms: Option<f64>,
    /// `success`, `failure`, `partial` or `unknown`.
    pub result: Option<String>,
    /// What else there is to say.
    pub notes: Option<String>,
}

/// What became of a task, from `task_outcomes`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TaskOutcome {
    /// The task.
    pub task_id: String,
    /// When it was written down first (RFC 3339).
    pub timestamp: Option<String>,
    /// When it was changed last (RFC 3339).
    pub updated_at: Option<String>,
    /// Which skill was used.
    pub skill_used: Option<String>,
    /// What kind of task it was.
    pub task_type: Option<String>,
    /// How long it took, in minutes.
    #[serde(serialize_with = "crate::number::serialize")]
    pub duration_minutes: Option<f64>,
    /// `success`, `failure` or `partial`.
    pub outcome: Option<String>,
    /// How good the result is, from 1 to 5.
    #[serde(serialize_with = "crate::number::serialize")]
    pub quality_rating: Option<f64>,
    /// Whether the skill was the right one, or none was needed.
    pub trigger_was_correct: Option<bool>,
    /// Whether it would be chosen again.
    pub would_use_again: Option<bool>,
    /// What else there is to say.
    pub notes: Option<String>,
}

/// How a use of a skill, or a task, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Ending {
    /// Well.
    Success,
    /// Badly.
    Failure,
    /// Half of each; counts as neither.
    Partial,
    /// Nobody said.
    Unknown,
}

impl Ending {
    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
        }
    }
}

/// All uses, in the order of the file.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, if `usage_history` is no list of mappings.
pub fn usage_history(document: &Document) -> Result<Vec<UsageRecord>, RegistryError> {
    items(document.root(), USAGE_HISTORY)?.into_iter().map(read_usage).collect()
}

/// All outcomes, in the order of the file. Entries without a task are left out.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, if `task_outcomes` is no list of mappings.
pub fn task_outcomes(document: &Document) -> Result<Vec<TaskOutcome>, RegistryError> {
    Ok(items(document.root(), TASK_OUTCOMES)?.into_iter().filter_map(read_outcome).collect())
}

pub(crate) const USAGE_HISTORY: &str = "usage_history";
pub(crate) const TASK_OUTCOMES: &str = "task_outcomes";

fn read_usage(node: Node<'_>) -> Result<UsageRecord, RegistryError> {
    Ok(UsageRecord {
        timestamp: text(node, "timestamp"),
        task_id: text(node, "task_id"),
        skill: text(node, "skill"),
        applicable_skills: part(node, "applicable_skills", "")?,
        confidence: number(node, "confidence"),
        trigger_reason: text(node, "trigger_reason"),
        execution_time_ms: number(node, "execution_time_ms"),
        result: text(node, "result"),
        notes: text(node, "notes"),
    })
}

pub(crate) fn read_outcome(node: Node<'_>) -> Option<TaskOutcome> {
    let is = |key: &str| text(node, key).and_then(|word| word.parse().ok());
    Some(TaskOutcome {
        task_id: text(node, "task_id")?,
        timestamp: text(node, "timestamp"),
        updated_at: text(node, "updated_at"),
        skill_used: text(node, "skill_used"),
        task_type: text(node, "task_type"),
        duration_minutes: number(node, "duration_minutes"),
        outcome: text(node, "outcome"),
        quality_rating: number(node, "quality_rating"),
        trigger_was_correct: is("trigger_was_correct"),
        would_use_again: is("would_use_again"),
        notes: text(node, "notes"),
    })
}

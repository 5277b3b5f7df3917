//! What is written into `events.yaml` when the outcome of a task is written down.

use crate::history::TaskOutcome;
use jiff::Timestamp;
use serde::Serialize;

/// The kind of an event, as the event log spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The outcome of a task was written down.
    Recorded,
}

impl EventKind {
    /// The word in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
        }
    }
}

/// That the outcome of a task was written down. Task and kind together occur once: an outcome that is corrected later makes no second event,
/// and the registry says what holds now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// When, in UTC.
    pub timestamp: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// To which task.
    pub task_id: String,
    /// Whether the event was added later, from what the registry says, because it was missing.
    #[serde(skip_serializing_if = "is_false")]
    pub recovered: bool,
    /// How it ended, and what else belongs to it.
    pub data: EventData,
}

/// The particulars of an [`Event`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventData {
    /// The skill that was used.
    pub skill: Option<String>,
    /// How the task ended.
    pub outcome: Option<String>,
    /// How long it took, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "crate::number::serialize")]
    pub duration_minutes: Option<f64>,
    /// How good the result is, from 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "crate::number::serialize")]
    pub quality_rating: Option<f64>,
}

impl Event {
    pub(crate) fn recorded(outcome: &TaskOutcome, timestamp: String) -> Self {
        Self {
            timestamp,
            kind: EventKind::Recorded,
            task_id: outcome.task_id.clone(),
            recovered: false,
            data: EventData {
                skill: outcome.skill_used.clone(),
                outcome: outcome.outcome.clone(),
                duration_minutes: outcome.duration_minutes,
                quality_rating: outcome.quality_rating,
            },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A time as files get it: RFC 3339, UTC, to the millisecond.
pub(crate) fn stamp(now: Timestamp) -> String {
    format!("{now:.3}")
}

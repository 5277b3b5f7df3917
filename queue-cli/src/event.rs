//! What is written into `events.yaml` for every transition.

use crate::status::Status;
use jiff::Timestamp;
use serde::Serialize;

/// The kind of a transition, as the event log spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// Put into the queue.
    Added,
    /// Taken by somebody.
    Claimed,
    /// Begun.
    Started,
    /// Finished well.
    Completed,
    /// Finished badly.
    Failed,
    /// Given back.
    Released,
    /// Stopped for a more urgent task, and pending again.
    Preempted,
    /// Its holder was gone, and it was claimed again; or a person put it back.
    Requeued,
    /// Called off.
    Cancelled,
    /// Held back by a person.
    Blocked,
    /// Not held back any more.
    Unblocked,
    /// Moved to the archive.
    Archived,
    /// Changed by a rule that looked at the queue again.
    Reanalyzed,
}

impl EventKind {
    /// The word in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Claimed => "claimed",
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Released => "released",
            Self::Preempted => "preempted",
            Self::Requeued => "requeued",
            Self::Cancelled => "cancelled",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
            Self::Archived => "archived",
            Self::Reanalyzed => "reanalyzed",
        }
    }
}

/// One transition of one task. Task, attempt and kind together occur once; what people decide about a task bears no attempt, and
/// may occur again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// When, in UTC.
    pub timestamp: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// To which task.
    pub task_id: String,
    /// In which attempt; missing before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u64>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Whether the record was added later, from what the queue says, because it was missing.
    #[serde(skip_serializing_if = "is_false")]
    pub recovered: bool,
    /// From which state to which, and what else belongs to it.
    pub data: EventData,
}

/// The particulars of an [`Event`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EventData {
    /// The state before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_state: Option<String>,
    /// The state after.
    pub to_state: String,
    /// What a failed task failed of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The slot of a dispatcher that the task runs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<String>,
    /// What a rule did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Why it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Event {
    pub(crate) fn new(
        kind: EventKind,
        now: Timestamp,
        task_id: &str,
        from: Option<&Status>,
        to: &Status,
    ) -> Self {
        Self {
            timestamp: stamp(now),
            kind,
            task_id: task_id.into(),
            attempt: None,
            agent: None,
            recovered: false,
            data: EventData {
                from_state: from.map(|status| status.word().to_owned()),
                to_state: to.word().to_owned(),
                ..EventData::default()
            },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A time as files get it: RFC 3339, UTC, to the millisecond.
pub fn stamp(now: Timestamp) -> String {
    format!("{now:.3}")
}

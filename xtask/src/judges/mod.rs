//! Judges: pure functions that say whether what happened was right. Each is tried on planted wrong histories.

pub(crate) mod aftermath;
pub(crate) mod attempts;
pub(crate) mod call_counts;
pub(crate) mod counting;
pub(crate) mod crash_state;
pub(crate) mod edits;
pub(crate) mod event_records;
pub(crate) mod exposition;
pub(crate) mod history;
pub(crate) mod journal;
pub(crate) mod leftovers;
pub(crate) mod lock_rooms;
pub(crate) mod lock_timeouts;
pub(crate) mod queue;
pub(crate) mod queue_fields;
pub(crate) mod queue_text;
pub(crate) mod reading;
pub(crate) mod registry;
pub(crate) mod trace;
pub(crate) mod write_order;

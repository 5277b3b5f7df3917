//! Which outcomes the registry has that its event log does not tell of.
//!
//! The registry is saved first and its event is appended after that, so whoever is killed in between leaves the log one entry short.
//! Each outcome that this crate writes has one event in the log, known by its task and its type. What is missing is added with the time of the outcome
//! and marked `recovered: true`. Nothing else is:
//!
//! - Other programs write outcomes too, and no events. What this crate wrote is known by its time, which has exactly three digits behind the point and ends with
//!   `Z`.
//! - A log tells of the time since it began, which is the time of its first record that was not itself recovered. What is older was cut off, or happened
//!   before there was a log.

use crate::event::{Event, EventKind, stamp};
use crate::history::TaskOutcome;
use jiff::Timestamp;
use serde_yaml::Value;
use std::collections::HashSet;

/// The events that `log` lacks: of `own`, which are being written down now, and of all other `outcomes`, each once.
pub(crate) fn missing_events(outcomes: &[TaskOutcome], own: &[Event], log: &[Value]) -> Vec<Event> {
    let mut told = told(log);
    let begins = begins(log);
    let is_told_of = |text: &str| {
        let time = text.parse::<Timestamp>().ok().filter(|time| stamp(*time) == text);
        time.is_some_and(|time| begins.is_none_or(|begins| begins <= time))
    };
    let own_tasks: HashSet<&str> = own.iter().map(|event| event.task_id.as_str()).collect();
    let mut missing = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| !own_tasks.contains(outcome.task_id.as_str())) {
        let time = outcome.updated_at.as_ref().or(outcome.timestamp.as_ref());
        if let Some(time) = time.filter(|time| is_told_of(time))
            && told.insert(outcome.task_id.clone())
        {
            missing.push(Event { recovered: true, ..Event::recorded(outcome, time.clone()) });
        }
    }
    missing.extend(own.iter().filter(|event| told.insert(event.task_id.clone())).cloned());
    missing
}

fn told(log: &[Value]) -> HashSet<String> {
    let is_ours =
        |record: &&Value| record.get("type").and_then(Value::as_str) == Some(EventKind::Recorded.word());
    let task = |record: &Value| record.get("task_id").and_then(Value::as_str).map(str::to_owned);
    log.iter().filter(is_ours).filter_map(task).collect()
}

fn begins(log: &[Value]) -> Option<Timestamp> {
    let was_there = |record: &&Value| record.get("recovered").and_then(Value::as_bool) != Some(true);
    let first = log.iter().find(was_there)?;
    first.get("timestamp").and_then(Value::as_str)?.parse().ok()
}

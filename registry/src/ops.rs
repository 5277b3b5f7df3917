//! What can be done to a registry: pure functions of the document, the time and their arguments.
//!
//! Nothing here reads a clock, takes a lock or touches a file. [`Registry::apply`](crate::Registry::apply) is the shell that does. Each
//! writes all that it has to write or, if it fails, is to be taken for not having happened: the shell saves nothing then.
//!
//! Whatever changes something also brings the section `metadata` up to date, if there is one: `last_updated`, `total_usage_records` and
//! `total_skills`.

mod counters;
mod mean;
mod metrics;
mod outcome;
mod recalculate;
mod record;
mod usage;

pub(crate) use counters::mended_counts;
pub use counters::{Counter, counters, sync_counters};
pub use metrics::{MetricEdit, update_metrics};
pub use outcome::{NewOutcome, Recorded, add_task_outcome};
pub use recalculate::{Recalculated, recalculate};
pub(crate) use recalculate::{SCHEMA, components};
pub use record::{milliseconds, record};
pub use usage::{NewUsage, log_usage};

use crate::event::{Event, stamp};
use crate::history::{USAGE_HISTORY, task_outcomes, usage_history};
use crate::section::{self, items, map};
use crate::{RegistryError, number::whole_or_float};
use atomic_io::{DocPath, Document, Node};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What an operation found or made, and the events to be written down for it.
#[derive(Clone, Debug)]
pub struct Change<T> {
    /// The operation's result.
    pub value: T,
    /// The events, each of which is written down unless the log has it already.
    pub events: Vec<Event>,
}

impl<T> Change<T> {
    /// A result without an event.
    pub fn none(value: T) -> Self {
        Self { value, events: Vec::new() }
    }
}

const METRICS_KEY: &str = "metrics";

fn skill_path(id: &str) -> DocPath {
    DocPath::root().key("skills").key(id)
}

/// Sets a key of a mapping that may not be there yet.
fn put(
    document: &mut Document,
    parent: &DocPath,
    key: &str,
    value: &(impl Serialize + ?Sized),
) -> Result<(), RegistryError> {
    if document.node(parent)?.is_some() {
        Ok(document.set(parent.clone().key(key), value)?)
    } else {
        Ok(document.set(parent, &BTreeMap::from([(key, value)]))?)
    }
}

fn put_number(document: &mut Document, parent: &DocPath, key: &str, value: f64) -> Result<(), RegistryError> {
    put(document, parent, key, &whole_or_float(value))
}

/// That what every operation relies on is as it should be. Asked before anything is written, so that the lines that are told are those of the
/// file.
fn look_first(document: &Document) -> Result<(), RegistryError> {
    section::skills(document)?;
    map(document.root(), "metadata", "")?;
    usage_history(document)?;
    task_outcomes(document)?;
    Ok(())
}

/// Brings `metadata` up to date.
fn touch(document: &mut Document, now: Timestamp) -> Result<(), RegistryError> {
    if map(document.root(), "metadata", "")?.is_none() {
        return Ok(());
    }
    let (skills, uses) = totals(document)?;
    let metadata = DocPath::root().key("metadata");
    document.set(metadata.clone().key("last_updated"), &stamp(now))?;
    document.set(metadata.clone().key("total_skills"), &skills)?;
    document.set(metadata.key("total_usage_records"), &uses)?;
    Ok(())
}

/// How many skills and how many uses there are.
fn totals(document: &Document) -> Result<(usize, usize), RegistryError> {
    Ok((section::skills(document)?.entries().count(), items(document.root(), USAGE_HISTORY)?.len()))
}

/// A counter of a skill; 0 where it is not there.
fn count(usage: Option<Node<'_>>, key: &str, id: &str) -> Result<u64, RegistryError> {
    usage.map_or(Ok(0), |usage| section::part(usage, key, &format!(" of the skill `{id}`")))
}

//! The slots that a dispatcher runs tasks in, as a file like `execution-state.yaml` describes them.
//!
//! Two forms are read, and each is written in its own terms:
//!
//! ```yaml
//! slots:                           execution_slots:
//!   slot_1:                          slot_1:
//!     id: slot_1                       id: slot_1
//!     status: idle                     status: idle
//!     profile: compute                 profile: cpu_bound
//!     max_duration: 30m                resource_profile: {max_duration: 30m}
//!     current_task:                    current_task: {task_id: , started_at: , heartbeat: , pid: }
//!     started_at:
//!     heartbeat_at:
//!     pid:
//! metrics: {tasks_dispatched: 0}   metrics: {tasks: {total_submitted: 0}}
//! ```
//!
//! The file is derived from the queue: it may lag behind it and is never relied on for what runs.

use crate::error::QueueError;
use crate::event::stamp;
use atomic_io::{DocPath, Document, Node};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What a slot is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Tasks that compute: `compute`, `cpu`, `cpu_bound`.
    Compute,
    /// Tasks that read and write files: `io`, `io_bound`.
    Io,
    /// Tasks that need memory: `memory`, `memory_bound`.
    Memory,
    /// Tasks that talk to other machines: `network`, `network_bound`.
    Network,
    /// Any task: `general`, `reserve`, or nothing.
    General,
    /// Any other word.
    Other(String),
}

impl Profile {
    /// Reads a word from the file, of a slot or of what a task uses most.
    pub fn from_word(word: &str) -> Self {
        let word = word.to_lowercase();
        match word.trim_end_matches("_bound") {
            "compute" | "cpu" => Self::Compute,
            "io" => Self::Io,
            "memory" => Self::Memory,
            "network" => Self::Network,
            "general" | "reserve" | "" => Self::General,
            _ => Self::Other(word),
        }
    }

    /// The word for it.
    pub fn word(&self) -> &str {
        match self {
            Self::Compute => "compute",
            Self::Io => "io",
            Self::Memory => "memory",
            Self::Network => "network",
            Self::General => "general",
            Self::Other(word) => word,
        }
    }

    /// How well a task that uses most what `resource` says fits into a slot of this profile: 100 if it is the same, 50 if the slot is for any
    /// task, 10 if it is for others. A task that says nothing fits a slot for any task best.
    pub fn fit(&self, resource: Option<&str>) -> u32 {
        let wanted = Self::from_word(resource.unwrap_or_default());
        match self {
            own if *own == wanted => 100,
            Self::General => 50,
            _ => 10,
        }
    }
}

/// One slot of the file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Slot {
    /// Its key in the file.
    pub name: String,
    /// What it is meant for.
    pub profile: Profile,
    /// Its status as it stands in the file.
    pub status: String,
    /// How long a task may take in it.
    pub max_duration: Option<SignedDuration>,
    /// The task that the file says is in it.
    pub current_task: Option<String>,
    path: DocPath,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Short,
    Long,
}

impl Slot {
    /// Whether tasks may be put into it: its status is `idle`, `active`, or nothing. A person marks it otherwise to keep it free.
    pub fn is_usable(&self) -> bool {
        ["", "idle", "active"].iter().any(|word| self.status.eq_ignore_ascii_case(word))
    }

    /// Where the field stands that says this of the slot.
    fn field(&self, short: &str, long: &str) -> DocPath {
        match self.form {
            Form::Short => self.path.clone().key(short),
            Form::Long => self.path.clone().key("current_task").key(long),
        }
    }
}

/// All slots, in the order of the file; none if it describes none.
///
/// # Errors
///
/// [`QueueError::NoSlots`] for something else than a mapping in the place of the slots; [`QueueError::BadSlot`] for one that is no mapping, or
/// whose `max_duration` is not a time.
pub fn slots(document: &Document) -> Result<Vec<Slot>, QueueError> {
    let mut found = Vec::new();
    for (key, form) in [("slots", Form::Short), ("execution_slots", Form::Long)] {
        let Some(map) = document.root().field(key).filter(|node| !node.is_null()) else { continue };
        if !map.is_map() {
            return Err(QueueError::NoSlots { key, line: map.line() });
        }
        for (name, node) in map.entries() {
            found.push(read(&name, node, DocPath::root().key(key).key(&*name), form)?);
        }
    }
    Ok(found)
}

fn read(name: &str, node: Node<'_>, path: DocPath, form: Form) -> Result<Slot, QueueError> {
    let bad = |why: &str| QueueError::BadSlot { slot: name.into(), line: node.line(), why: why.into() };
    if !node.is_map() {
        return Err(bad("is not a mapping"));
    }
    let text = |key: &str| node.field(key).and_then(|value| value.str()).map(std::borrow::Cow::into_owned);
    let limit = node.field("max_duration").or_else(|| node.field("resource_profile")?.field("max_duration"));
    let task = node.field("current_task");
    let current_task = match form {
        Form::Short => task,
        Form::Long => task.and_then(|task| task.field("task_id")),
    };
    Ok(Slot {
        name: name.into(),
        profile: Profile::from_word(&text("profile").unwrap_or_default()),
        status: text("status").unwrap_or_default(),
        max_duration: limit
            .and_then(|limit| limit.str())
            .map_or(Ok(None), |limit| duration(&limit).map_err(|why| bad(&why)))?,
        current_task: current_task.and_then(|task| task.str()).map(std::borrow::Cow::into_owned),
        path,
        form,
    })
}

/// `30m`, a bare number of seconds, or `unlimited`.
fn duration(text: &str) -> Result<Option<SignedDuration>, String> {
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(None);
    }
    let seconds = text.parse().ok().and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
    let time = seconds.or_else(|| text.parse().ok()).filter(|time: &SignedDuration| !time.is_negative());
    time.map(Some)
        .ok_or_else(|| format!("has the max_duration `{text}`; give a time such as 30m, or `unlimited`"))
}

/// What runs in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupant {
    /// The task.
    pub task: String,
    /// Its type.
    pub kind: Option<String>,
    /// The process that watches over it.
    pub pid: i32,
    /// Since when.
    pub since: Timestamp,
}

/// Writes down what is in a slot now, or that nothing is.
///
/// # Errors
///
/// [`QueueError::Document`].
pub fn set_occupant(
    document: &mut Document,
    now: Timestamp,
    slot: &Slot,
    occupant: Option<&Occupant>,
) -> Result<(), QueueError> {
    let status = if occupant.is_some() { "active" } else { "idle" };
    document.set(slot.path.clone().key("status"), status)?;
    let task = match slot.form {
        Form::Short => slot.path.clone().key("current_task"),
        Form::Long => {
            // `null`, a name alone: whatever somebody wrote by hand.
            let current = slot.path.clone().key("current_task");
            if !document.node(&current)?.is_some_and(|node| node.is_map()) {
                document.set(&current, &BTreeMap::from([("task_id", ())]))?;
            }
            let kind = occupant.map(|occupant| &occupant.kind);
            document.set(slot.field("", "task_type"), &kind)?;
            slot.field("", "task_id")
        }
    };
    document.set(&task, &occupant.map(|occupant| &occupant.task))?;
    document.set(slot.field("started_at", "started_at"), &occupant.map(|occupant| stamp(occupant.since)))?;
    document.set(slot.field("pid", "pid"), &occupant.map(|occupant| occupant.pid))?;
    beat(document, now, slot)
}

/// Writes down that what is in a slot lives.
///
/// # Errors
///
/// [`QueueError::Document`].
pub fn beat(document: &mut Document, now: Timestamp, slot: &Slot) -> Result<(), QueueError> {
    Ok(document.set(slot.field("heartbeat_at", "heartbeat"), &stamp(now))?)
}

/// What is counted in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// A task was started.
    Dispatched,
    /// A task ended well.
    Completed,
    /// A task failed.
    Failed,
    /// A task was stopped for a more urgent one.
    Preempted,
}

impl Metric {
    /// Its key in `metrics`, and its key in `metrics.tasks` of the longer form if that has it.
    fn keys(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Dispatched => ("tasks_dispatched", Some("total_submitted")),
            Self::Completed => ("tasks_completed", Some("total_completed")),
            Self::Failed => ("tasks_failed", Some("total_failed")),
            Self::Preempted => ("tasks_preempted", None),
        }
    }
}

/// Counts `by` more.
///
/// # Errors
///
/// [`QueueError::Document`].
pub fn count(document: &mut Document, metric: Metric, by: u64) -> Result<(), QueueError> {
    let (short, long) = metric.keys();
    let metrics = DocPath::root().key("metrics");
    let longer = long.map(|key| metrics.clone().key("tasks").key(key));
    let path = match longer {
        Some(path) if document.node(&path)?.is_some() => path,
        _ => metrics.key(short),
    };
    let counted = document.node(&path)?.and_then(|node| node.str()?.parse::<u64>().ok()).unwrap_or(0);
    if document.node("metrics")?.is_none() {
        document.set("metrics", &BTreeMap::from([(short, by)]))?;
        return Ok(());
    }
    Ok(document.set(&path, &counted.saturating_add(by))?)
}

/// Writes a field of the slot called `name`: what `queue slots set` does.
///
/// # Errors
///
/// [`QueueError::NoSuchSlot`]; [`QueueError::NoField`] for the path of the slot itself; [`QueueError::BadSlot`] if the slot cannot be
/// read with it; [`QueueError::Document`].
pub fn set_field<V: serde::Serialize>(
    document: &mut Document,
    name: &str,
    field: &DocPath,
    value: &V,
) -> Result<(), QueueError> {
    if field.first_key().is_none() {
        return Err(QueueError::NoField { given: field.to_string() });
    }
    let all = slots(document)?;
    let slot = all.iter().find(|slot| slot.name == name);
    let slot = slot.ok_or_else(|| QueueError::NoSuchSlot { slot: name.into() })?;
    document.set(slot.path.clone().join(field), value)?;
    slots(document).map(drop)
}

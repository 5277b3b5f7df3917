//! Why an operation on a queue was refused.

use crate::status::Status;
use atomic_io::{DocumentError, FileError, UpdateError};
use std::fmt;
use std::path::PathBuf;

/// Why an operation on a queue was refused. The queue is unchanged then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The file is no queue.
    #[error("{}there is no list of tasks, under `tasks` or `queue`", at(*.line))]
    NoTasks {
        /// The line of what stands in its place, from 1.
        line: Option<usize>,
    },
    /// The file has two lists of tasks, and nobody can say which is meant.
    #[error("{}there are two lists of tasks, `tasks` and `queue`{}; give one of them another name", at(*.tasks), queue.map(|line| format!(" on line {line}")).unwrap_or_default())]
    TwoLists {
        /// The line of the list `tasks`, from 1.
        tasks: Option<usize>,
        /// The line of the list `queue`, from 1.
        queue: Option<usize>,
    },
    /// An item of the list is no task.
    #[error("{}task {} of the list {why}", at(*.line), .index + 1)]
    BadTask {
        /// The place in the list, from 0.
        index: usize,
        /// The line, from 1.
        line: Option<usize>,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two tasks bear one id, so nobody can say which is meant.
    #[error("{}the id {id} is taken already{}; give one of the two another id", at(*.second), first.map(|line| format!(" on line {line}")).unwrap_or_default())]
    DuplicateId {
        /// The id.
        id: String,
        /// The line of the first, from 1.
        first: Option<usize>,
        /// The line of the second, from 1.
        second: Option<usize>,
    },
    /// No task has this id.
    #[error("there is no task {id}")]
    NoSuchTask {
        /// The id asked for.
        id: String,
    },
    /// A new task would wait for one that does not exist.
    #[error("there is no task {blocker}, which {id} is to wait for")]
    NoSuchBlocker {
        /// The new task.
        id: String,
        /// What it names.
        blocker: String,
    },
    /// A task to be added has the id of one that is there.
    #[error("a task {id} is there already")]
    IdTaken {
        /// The id.
        id: String,
    },
    /// A task would wait for itself.
    #[error("{} would wait for itself: {}", path.first().map_or("", String::as_str), path.join(" waits for "))]
    Cycle {
        /// The tasks, each waiting for the next; the first is the last.
        path: Vec<String>,
    },
    /// The field is kept by other verbs.
    #[error("`{field}` is not changed by hand; it is written by {instead}")]
    NotEditable {
        /// The field.
        field: String,
        /// What writes it.
        instead: &'static str,
    },
    /// The field is to be put into another that the task does not have.
    #[error("{id} has nothing to put `{field}` into; give what is around it, as in `roi={{effort: 30}}`")]
    NothingAround {
        /// The task.
        id: String,
        /// The path of the field.
        field: String,
    },
    /// What is to be changed is not a field.
    #[error("`{given}` is no field; name a field, as in `title` or `roi.effort`")]
    NoField {
        /// What was given as one.
        given: String,
    },
    /// The value does not fit the field.
    #[error("this value does not fit `{field}`: {why}")]
    BadValue {
        /// The field.
        field: String,
        /// What would.
        why: String,
    },
    /// No task is ready.
    #[error("no task is ready")]
    NothingReady,
    /// The task cannot be claimed now.
    #[error("{id} cannot be claimed: {why}")]
    NotReady {
        /// The task.
        id: String,
        /// Why it waits, or who has it.
        why: String,
    },
    /// The task is not in the state that the operation needs.
    #[error("{id} cannot be {verb}: it is {status}{}", holder(holder_name.as_deref()))]
    WrongState {
        /// The task.
        id: String,
        /// What was asked for, as a participle.
        verb: &'static str,
        /// What the task is now.
        status: Status,
        /// Who holds it.
        holder_name: Option<String>,
    },
    /// The claim is over: the task has been claimed again since.
    #[error("attempt {attempt} of {id} is over: it is {status}, attempt {now}{}", holder(holder_name.as_deref()))]
    StaleAttempt {
        /// The task.
        id: String,
        /// The attempt that was given.
        attempt: u64,
        /// The attempt the task is at now.
        now: u64,
        /// What the task is now.
        status: Status,
        /// Who holds it.
        holder_name: Option<String>,
    },
    /// Somebody else holds the task.
    #[error("{id} is not held by {agent}{}; give the attempt number that `claim` printed, or the agent that claimed it", holder(holder_name.as_deref()))]
    NotHolder {
        /// The task.
        id: String,
        /// Who asked.
        agent: String,
        /// Who holds it.
        holder_name: Option<String>,
    },
    /// There is no slot of this name.
    #[error("there is no slot {slot}")]
    NoSuchSlot {
        /// The slot asked for.
        slot: String,
    },
    /// Something else than slots stands in their place.
    #[error("{}`{key}` is no mapping from names to slots", at(*.line))]
    NoSlots {
        /// The key.
        key: &'static str,
        /// The line, from 1.
        line: Option<usize>,
    },
    /// A slot of the slots' file cannot be read.
    #[error("{}the slot {slot} {why}", at(*.line))]
    BadSlot {
        /// The slot.
        slot: String,
        /// The line, from 1.
        line: Option<usize>,
        /// What is wrong with it.
        why: String,
    },
    /// The archive beside the queue cannot be used.
    #[error("the archive {}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<QueueError>,
    },
    /// The archive has another task of the same id.
    #[error("{id} in {} is not the {id} in {}; give one of the two another id", queue.display(), archive.display())]
    OtherArchived {
        /// The id.
        id: String,
        /// The queue.
        queue: PathBuf,
        /// The archive.
        archive: PathBuf,
    },
    /// The document could not be read or changed at this place.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The file could not be locked, read or saved.
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<UpdateError<Self>> for QueueError {
    fn from(error: UpdateError<Self>) -> Self {
        match error {
            UpdateError::Operation(error) => error,
            UpdateError::File(error) => Self::File(error),
        }
    }
}

fn at(line: Option<usize>) -> impl fmt::Display {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}

fn holder(name: Option<&str>) -> String {
    name.map(|name| format!(", held by {name}")).unwrap_or_default()
}

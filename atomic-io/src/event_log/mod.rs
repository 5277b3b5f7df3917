//! A list of events that only grows.
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | [`EventLog`] |
//! | `record.rs`, `stamp.rs` | from an event to the bytes that are appended |
//! | `heal.rs`, `shape.rs` | from the bytes of a log to what is wrong with them: pure |
//! | `append.rs`, `tail.rs`, `mend.rs` | the system calls: one append, looking back, putting right |
//! | `once.rs` | knowing an event that is in the log already |
//! | `chosen.rs` | appending what the log turns out to lack |
//! | `read.rs`, `last.rs` | from the bytes of a log to [`Events`]; only its last records |
//! | `error.rs` | errors |

mod append;
#[cfg(test)]
mod append_tests;
mod chosen;
mod error;
mod heal;
#[cfg(test)]
mod heal_tests;
mod last;
mod mend;
mod once;
mod read;
mod record;
mod shape;
mod stamp;
mod tail;

pub use error::{AppendStep, EventError};
pub use once::Appended;
pub use read::Events;

use crate::target::Target;
use lock_core::{LockFile, Wait};
use once::Key;
use record::Record;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A YAML list in a file that several processes append to.
///
/// Each record is one item of the list, behind a comment with its length and checksum:
///
/// ```yaml
/// #@1 0000002a 5f3b21c7
/// - timestamp: "2026-11-23T04:11:09Z"
///   type: claimed
/// ```
///
/// so every YAML reader can read the file, appending costs the same at any length of it, and a record that a crash left half
/// written is known for what it is: the next append copies it to `.mooring/recovered/`, reports it, and overwrites it by a
/// comment. Other programs may append to the file with `>>` or `open('a')`, under the lock `NAME.lock` or without, or rewrite it.
/// The file never gets shorter, and no byte of a whole record moves.
///
/// Cheap to make: nothing is opened until something is asked of it.
///
/// ```
/// use atomic_io::EventLog;
/// use std::collections::BTreeMap;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("events.yaml");
/// let events = EventLog::at(&path);
/// events.append(&BTreeMap::from([("task_id", "A-1"), ("type", "claimed")]))?;
/// events.append(&BTreeMap::from([("task_id", "A-1"), ("type", "completed")]))?;
///
/// let read = events.read()?;
/// assert_eq!(read.records[1]["type"], "completed");
/// assert!(!read.unfinished);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EventLog {
    path: PathBuf,
    wait: Wait,
    also: Vec<PathBuf>,
}

impl EventLog {
    /// The log at `path`, whose lock is waited for at most 10 s unless [`wait`](Self::wait) says otherwise.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().into(), wait: Wait::AtMost(Duration::from_secs(10)), also: Vec::new() }
    }

    /// The same log with another bound on waiting for its lock.
    #[must_use]
    pub fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// The same log, whose lock is taken together with the lock file at `path`: for programs that know the lock under that name.
    #[must_use]
    pub fn also_lock(mut self, path: impl AsRef<Path>) -> Self {
        self.also.push(path.as_ref().into());
        self
    }

    fn lock_file(&self) -> LockFile {
        self.also.iter().fold(LockFile::guarding(&self.path), LockFile::also)
    }

    /// The path, as given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one event, which must serialize to a mapping. When this returns, it is on disk.
    ///
    /// A missing file is created (mode 0666 less the umask), with missing folders. A torn record at the end is healed first.
    /// If the log was rewritten by a program without a lock meanwhile, the event is appended to what stands there now.
    ///
    /// # Errors
    ///
    /// [`EventError::Emit`] if the event is no mapping; [`EventError::File`] if the file cannot be locked in time, is no regular file
    /// or does not parse where it had to be read, with line and column; [`EventError::NotAppendable`] if it holds something else than a block
    /// list; [`EventError::Append`] with the step that failed, also when the disk is full. The event is not in the log then.
    /// It is in [`EventError::DurabilityUnknown`] and wherever [`EventError::is_recorded`] says so.
    pub fn append(&self, event: &(impl Serialize + ?Sized)) -> Result<(), EventError> {
        let record = Record::of(event).map_err(|reason| EventError::Emit { reason })?;
        append::append(self, vec![record], None).map(drop)
    }

    /// Appends one event unless a record in the log has the same value in the field `key` already: so who does not know whether an
    /// append of his succeeded can just repeat it.
    ///
    /// The look for the key reads the log, and parses it where its bytes alone cannot tell; it happens under the same lock as the append.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); [`EventError::Emit`] too if the event has no field `key`.
    pub fn append_once(&self, event: &(impl Serialize + ?Sized), key: &str) -> Result<Appended, EventError> {
        let record = Record::of(event).map_err(|reason| EventError::Emit { reason })?;
        let Some(value) = record.value.get(key).cloned() else {
            return Err(EventError::Emit { reason: format!("it has no field `{key}`, which is its key") });
        };
        append::append(self, vec![record], Some(&Key { field: key, value }))
    }

    /// Appends several events under one lock, in one write, with one wait for the disk. None of them does nothing.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); if one cannot be written, none is.
    pub fn append_all(&self, events: &[impl Serialize]) -> Result<(), EventError> {
        let records: Result<Vec<_>, _> = events.iter().map(Record::of).collect();
        let records = records.map_err(|reason| EventError::Emit { reason })?;
        if records.is_empty() { Ok(()) } else { append::append(self, records, None).map(drop) }
    }

    /// Appends the events that `choose` picks when it has seen what is in the log, and returns how many. It sees the log as it is under
    /// the lock under which they are appended, so two processes that add what is missing add it once. A missing log holds nothing.
    ///
    /// `choose` is asked again where a program without a lock replaced the log meanwhile. It sees what came of the first time
    /// then.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append), and as [`read`](Self::read) but for a missing file; if one event cannot be written, none is.
    pub fn append_chosen<E: Serialize>(
        &self,
        choose: impl FnMut(&Events) -> Vec<E>,
    ) -> Result<usize, EventError> {
        chosen::append_chosen(self, choose)
    }

    /// Reads the log without a lock. A record that is just being written, or was torn by a crash, is left out, which
    /// [`Events::unfinished`] says.
    ///
    /// # Errors
    ///
    /// [`EventError::File`] if the file is missing, cannot be read or does not parse, with line and column;
    /// [`EventError::NotAppendable`] if it holds no list.
    pub fn read(&self) -> Result<Events, EventError> {
        let target = Target::resolve(&self.path)?;
        read::events(&target, target.read()?)
    }

    /// Reads the last `count` records without a lock, or all if there are fewer. What is read grows with them, not with the log, unless
    /// the log was not appended to by this crate or its end is torn: then it is read whole.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), for the part that was read.
    pub fn last(&self, count: usize) -> Result<Events, EventError> {
        last::last(&Target::resolve(&self.path)?, count)
    }
}

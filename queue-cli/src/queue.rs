//! The shell around the operations: lock, read, run, save, write the events down.

use crate::error::QueueError;
use crate::ops::Change;
use crate::run_lock::RunFolder;
use atomic_io::{Backup, Document, EventLog, FileError, SharedFile, Wait};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// A queue on disk, with its event log.
#[derive(Clone, Debug)]
pub struct Queue {
    file: SharedFile,
    events: Option<EventLog>,
    runs: RunFolder,
    wait: Wait,
}

impl Queue {
    /// The queue in the file at `path`, with its events in `events.yaml` beside it, and locks waited for at most as `wait` says.
    pub fn at(path: impl AsRef<Path>, wait: Wait) -> Self {
        let path = path.as_ref();
        // Beside the queue itself, not beside a link to it: who comes by another name must find the same history.
        let runs = RunFolder::beside(path);
        let events = EventLog::at(runs.queue_folder().join("events.yaml")).wait(wait);
        Self { file: SharedFile::at(path).wait(wait), events: Some(events), runs, wait }
    }

    /// The same queue with its events somewhere else, or nowhere.
    #[must_use]
    pub fn with_events(mut self, events: Option<EventLog>) -> Self {
        self.events = events;
        self
    }

    /// The same queue, whose lock is taken together with the lock file at `path`: for programs that know the lock under that name.
    #[must_use]
    pub fn also_lock(mut self, path: impl AsRef<Path>) -> Self {
        self.file = self.file.also_lock(path);
        self
    }

    /// How long locks are waited for.
    pub(crate) fn wait(&self) -> Wait {
        self.wait
    }

    /// The queue's file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The folder that the queue's file is in, which is where tasks run and where `.mooring` stands.
    pub fn folder(&self) -> PathBuf {
        self.runs.queue_folder().into()
    }

    /// The event log, if there is to be one.
    pub fn events(&self) -> Option<&EventLog> {
        self.events.as_ref()
    }

    /// The run locks of this queue's supervised tasks.
    pub fn runs(&self) -> &RunFolder {
        &self.runs
    }

    /// Reads the queue as it is now, without a lock.
    ///
    /// # Errors
    ///
    /// [`QueueError::File`].
    pub fn read(&self) -> Result<Document, QueueError> {
        Ok(self.file.read()?)
    }

    /// The versions of the queue that stand beside it, the one that was saved last first.
    ///
    /// # Errors
    ///
    /// [`QueueError::File`].
    pub fn backups(&self) -> Result<Vec<Backup>, QueueError> {
        Ok(self.file.backups()?)
    }

    /// Puts the version at `from` in the queue's place, byte for byte. Where the version that was replaced is now; `None` if there was
    /// none, or it was the same. Attempts go back with it: [`ops::keep_attempts`](crate::ops::keep_attempts) puts that right.
    ///
    /// # Errors
    ///
    /// [`QueueError::File`], which is [`FileError::Invalid`](atomic_io::FileError::Invalid) when what is at `from` does not parse.
    pub fn restore(&self, from: &Path) -> Result<Option<PathBuf>, QueueError> {
        Ok(self.file.restore(from)?)
    }

    /// Puts a new queue with this content where there is none.
    ///
    /// # Errors
    ///
    /// [`QueueError::File`], which is [`FileError::AlreadyExists`](atomic_io::FileError::AlreadyExists) if something stands there.
    pub fn create(&self, content: &Document) -> Result<(), QueueError> {
        Ok(self.file.create(content)?)
    }

    /// Runs `operation` on a fresh read of the queue under its lock, saves what it changed, and writes its events down.
    ///
    /// The time given to the operation is read after the lock was granted. The queue is saved first and is the truth. If its events
    /// cannot be written after that, the operation still stands: an error in the program's log says so, and the history is one entry short.
    ///
    /// # Errors
    ///
    /// The operation's own, and [`QueueError::File`]. With [`FileError::DurabilityUnknown`] the change is in place and its events are
    /// written; [`commit`](Self::commit) gives the result as well.
    pub fn apply<T>(
        &self,
        operation: impl FnMut(&mut Document, Timestamp) -> Result<Change<T>, QueueError>,
    ) -> Result<T, QueueError> {
        let committed = self.commit(operation)?;
        committed.durability?;
        Ok(committed.value)
    }

    /// As [`apply`](Self::apply), for operations whose result is needed also when it is not certain that the change is on disk: who has
    /// claimed a task must learn of it.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply), but for [`FileError::DurabilityUnknown`], which is in the result.
    pub fn commit<T>(
        &self,
        mut operation: impl FnMut(&mut Document, Timestamp) -> Result<Change<T>, QueueError>,
    ) -> Result<Committed<T>, QueueError> {
        let mut last = None;
        let saved = self.file.update(|document| {
            last = Some(operation(document, Timestamp::now())?);
            Ok(())
        });
        let durability = match saved.map_err(QueueError::from) {
            Ok(()) => Ok(()),
            Err(QueueError::File(error @ FileError::DurabilityUnknown { .. })) => Err(error),
            Err(error) => return Err(error),
        };
        // What was saved is what the last run made, and nothing is saved without a run: the other arm is never taken.
        let Some(change) = last else { return Err(QueueError::NothingReady) };
        if let Some(log) = self.events.as_ref().filter(|_| !change.events.is_empty())
            && let Err(error) = log.append_all(&change.events)
        {
            let reason =
                std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            tracing::error!("the queue is saved, but its events are not: {error}{reason}");
        }
        Ok(Committed { value: change.value, durability })
    }
}

/// An operation that is in place.
#[derive(Debug)]
#[must_use]
pub struct Committed<T> {
    /// The operation's result.
    pub value: T,
    /// An error ([`FileError::DurabilityUnknown`]) when a power cut now could undo it.
    pub durability: Result<(), FileError>,
}

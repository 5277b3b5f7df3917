//! The archive beside a queue: the shell around [`ops::shelvable`] and its kin.

use crate::error::QueueError;
use crate::ops::{self, Shelved};
use crate::queue::Queue;
use crate::task::tasks;
use atomic_io::{Document, FileError, SharedFile};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

impl Queue {
    /// Where finished tasks are moved to: `queue.archive.yaml` for `queue.yaml`, beside it. It is a queue of the same dialect.
    pub fn archive_path(&self) -> PathBuf {
        let path = self.path();
        let real = std::fs::canonicalize(path);
        archive_beside(real.as_deref().unwrap_or(path))
    }

    /// Moves finished tasks that no unfinished task names into the archive, and returns their ids.
    ///
    /// They are appended to the archive first, line by line as they stand, and then taken out of the queue if they still are
    /// what was appended. Who is killed in between leaves them in both; the next archiving mends that.
    ///
    /// # Errors
    ///
    /// [`QueueError::File`] for either file; [`QueueError::Archive`] if the archive is no queue or cannot be edited;
    /// [`QueueError::OtherArchived`] if it has another task of the id of one of these; [`QueueError::Document`] if the queue cannot; those of
    /// [`tasks`].
    pub fn archive(&self) -> Result<Vec<String>, QueueError> {
        let document = self.read()?;
        let shelved = ops::shelvable(&document)?;
        if shelved.is_empty() {
            return Ok(Vec::new());
        }
        let archive = SharedFile::at(self.archive_path()).wait(self.wait());
        match archive.create(&ops::new_shelf(&document, &shelved)?) {
            Err(FileError::AlreadyExists { .. }) => self.put_on(&archive, &shelved),
            created => created.map_err(QueueError::from),
        }
        .map_err(|error| self.in_archive(error))?;
        self.apply(|document, now| ops::take_off(document, now, &shelved))
    }

    /// The ids in the archive, which must not be given to other tasks; none if there is no archive.
    ///
    /// # Errors
    ///
    /// [`QueueError::File`]; [`QueueError::Archive`] if it is no queue.
    pub fn archived_ids(&self) -> Result<HashSet<String>, QueueError> {
        match SharedFile::at(self.archive_path()).read() {
            Err(FileError::NotFound { .. }) => Ok(HashSet::new()),
            archive => {
                let tasks = tasks(&archive?).map_err(|error| self.in_archive(error))?;
                Ok(tasks.into_iter().map(|task| task.id).collect())
            }
        }
    }

    fn put_on(&self, archive: &SharedFile, shelved: &[Shelved]) -> Result<(), QueueError> {
        let put_on = |shelf: &mut Document| match ops::other_on_shelf(shelf, shelved)? {
            Some(id) => Err(QueueError::OtherArchived {
                id: id.into(),
                queue: self.path().into(),
                archive: archive.path().into(),
            }),
            None => ops::put_on_shelf(shelf, shelved),
        };
        archive.update(put_on).map_err(QueueError::from)
    }

    fn in_archive(&self, error: QueueError) -> QueueError {
        match error {
            // They name the file themselves.
            QueueError::File(_) | QueueError::OtherArchived { .. } => error,
            error => QueueError::Archive { path: self.archive_path(), source: Box::new(error) },
        }
    }
}

fn archive_beside(path: &Path) -> PathBuf {
    let mut name = path.file_stem().map_or_else(|| OsString::from("queue"), Into::into);
    name.push(".archive");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_named_after_its_queue() {
        assert_eq!(archive_beside(Path::new("a/queue.yaml")), Path::new("a/queue.archive.yaml"));
        assert_eq!(archive_beside(Path::new("q")), Path::new("q.archive"));
    }
}

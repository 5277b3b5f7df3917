//! Naming a lock, and taking it.

use crate::LockError;
use crate::acquire::{Locked, Mode, acquire};
use crate::guard::{ExclusiveLock, Held, SharedLock};
use crate::open::folder_of;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for a lock that somebody else has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all: a lock that is taken is [`LockError::Held`].
    Never,
    /// For this long: after that it is [`LockError::TimedOut`].
    AtMost(Duration),
    /// Until the lock is free, however long that takes.
    Forever,
}

/// The name of a lock. Cheap to make; no file is touched until the lock is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    path: PathBuf,
    /// The file it stands beside, if it guards one: that may be a symbolic link.
    guarded: Option<PathBuf>,
}

impl LockFile {
    /// The lock that guards the file at `path`: `queue.yaml` is guarded by `queue.yaml.lock`.
    ///
    /// If `path` is a symbolic link, some programs lock beside the link and some beside the file it points to;
    /// both locks are taken then.
    pub fn guarding(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        Self { path: with_lock_suffix(path), guarded: Some(path.into()) }
    }

    /// The lock file at exactly `path`.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().into(), guarded: None }
    }

    /// Takes the lock for this caller alone, if the file is there: it is not created.
    ///
    /// For a lock on a file that holds data, where an empty file in its place would be a loss.
    ///
    /// # Errors
    ///
    /// As [`exclusive`](Self::exclusive); a missing file is [`LockError::Open`].
    pub fn exclusive_on_existing(&self, wait: Wait) -> Result<ExclusiveLock, LockError> {
        self.take(Mode::ExclusiveOnExisting, wait).map(ExclusiveLock)
    }

    /// The path of the lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock for this caller alone, waiting as `wait` says.
    ///
    /// The lock file is created if it is missing, its folder too, and stays in place afterwards.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] or [`LockError::TimedOut`] when somebody else has the lock; otherwise the operation that failed:
    /// making the folder, opening the lock file, locking it, or something that is no regular file in its place.
    pub fn exclusive(&self, wait: Wait) -> Result<ExclusiveLock, LockError> {
        self.take(Mode::Exclusive, wait).map(ExclusiveLock)
    }

    /// Takes the lock together with other holders of shared locks, waiting as `wait` says.
    ///
    /// # Errors
    ///
    /// As [`exclusive`](Self::exclusive), but a missing folder is not created and is an error.
    pub fn shared(&self, wait: Wait) -> Result<SharedLock, LockError> {
        self.take(Mode::Shared, wait).map(SharedLock)
    }

    /// All locks or none, in one order for every process, under one deadline.
    fn take(&self, mode: Mode, wait: Wait) -> Result<Held, LockError> {
        let started = Instant::now();
        // A deadline past what the clock can say is no deadline.
        let deadline = match wait {
            Wait::AtMost(time) => started.checked_add(time),
            Wait::Never | Wait::Forever => None,
        };
        let mut locks: Vec<Locked> = Vec::with_capacity(1);
        for path in self.paths()? {
            match acquire(&path, mode, wait != Wait::Never, deadline)? {
                Some(locked) => locks.push(locked),
                None if wait == Wait::Never => return Err(LockError::Held { path }),
                None => {
                    let waited = started.elapsed();
                    tracing::warn!(path = %path.display(), waited_ms = waited.as_millis(), "gave up waiting for a lock");
                    return Err(LockError::TimedOut { path, waited });
                }
            }
        }
        let waited = started.elapsed();
        tracing::trace!(path = %self.path.display(), ?mode, waited_us = waited.as_micros(), "locked");
        Ok(Held { locks, waited })
    }

    /// The lock files to take, in the order of their canonical paths: two processes that need the same two then never
    /// wait for each other.
    fn paths(&self) -> Result<Vec<PathBuf>, LockError> {
        let own = vec![self.path.clone()];
        let Some(guarded) = &self.guarded else { return Ok(own) };
        if !fs::symlink_metadata(guarded).is_ok_and(|found| found.is_symlink()) {
            return Ok(own);
        }
        let inspect = |source| LockError::Inspect { path: guarded.clone(), source };
        let target = fs::canonicalize(guarded).map_err(inspect)?;
        let beside_link = fs::canonicalize(folder_of(&self.path)).map_err(inspect)?;
        let mut paths = vec![with_lock_suffix(&target)];
        paths.extend(self.path.file_name().map(|name| beside_link.join(name)));
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}

fn with_lock_suffix(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    name.into()
}

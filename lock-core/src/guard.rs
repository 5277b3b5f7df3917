//! Guards: a lock is held exactly as long as one of these lives.

use crate::LockError;
use crate::acquire::Locked;
use std::path::Path;
use std::time::Duration;

/// What both guards hold: one lock, or two where the guarded file is a symbolic link.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) locks: Vec<Locked>,
    pub(crate) waited: Duration,
}

impl Held {
    fn path(&self) -> &Path {
        self.locks.first().map_or(Path::new(""), |locked| &locked.path)
    }
}

/// An exclusive lock: no other process has it, exclusive or shared, while this lives.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct ExclusiveLock(pub(crate) Held);

/// A shared lock: other processes may share it, none has it exclusively, while this lives.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct SharedLock(pub(crate) Held);

impl ExclusiveLock {
    /// How long it took to get the lock.
    pub fn waited(&self) -> Duration {
        self.0.waited
    }

    /// The lock file (the first in their order, where two are held).
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Makes sure that the lock still means something: nobody removed or replaced its file since it was taken.
    ///
    /// People do run `rm -f *.lock`. Whoever comes after that locks another file and does not see this lock, so ask right
    /// before work done under the lock is made final.
    ///
    /// # Errors
    ///
    /// [`LockError::Replaced`] if the path names another file now or none, [`LockError::Inspect`] if it cannot be looked at.
    pub fn verify(&self) -> Result<(), LockError> {
        for locked in &self.0.locks {
            if !locked.is_current()? {
                return Err(LockError::Replaced { path: locked.path.clone() });
            }
        }
        Ok(())
    }

    /// Makes programs that this process starts from now on hold the lock too, on purpose.
    ///
    /// The lock is then free when this guard is gone *and* the last such program, with all it started in turn, has ended or
    /// closed the descriptor. By default a started program does not inherit the lock.
    ///
    /// # Errors
    ///
    /// [`LockError::Inspect`] if the flags of the descriptor cannot be changed.
    pub fn inherit_on_exec(&mut self) -> Result<(), LockError> {
        self.0.locks.iter_mut().try_for_each(Locked::inherit_on_exec)
    }
}

impl SharedLock {
    /// How long it took to get the lock.
    pub fn waited(&self) -> Duration {
        self.0.waited
    }

    /// The lock file (the first in their order, where two are held).
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

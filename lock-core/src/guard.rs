//! Guards: a lock is held exactly as long as one of these lives.

use crate::LockError;
use crate::acquire::Locked;
use crate::observe;
use crate::record::OwnRecord;
use crate::table::{Hold, table};
use std::path::Path;
use std::time::{Duration, Instant};

/// What both guards hold: one lock, or several where the lock file has further names.
#[derive(Debug)]
pub(crate) struct Held {
    locks: Vec<HeldLock>,
    waited: Duration,
    since: Instant,
    long_hold: Duration,
}

#[derive(Debug)]
struct HeldLock {
    locked: Locked,
    record: Option<OwnRecord>,
    hold: Hold,
}

impl Held {
    pub(crate) fn new(long_hold: Duration) -> Self {
        Self { locks: Vec::with_capacity(1), waited: Duration::ZERO, since: Instant::now(), long_hold }
    }

    pub(crate) fn add(&mut self, locked: Locked, record: Option<OwnRecord>) {
        let hold = Hold::by_this_thread(locked.id);
        table().add(hold);
        self.locks.push(HeldLock { locked, record, hold });
    }

    /// From here on the time counts as held.
    pub(crate) fn complete(&mut self, waited: Duration) {
        self.waited = waited;
        self.since = Instant::now();
    }

    fn path(&self) -> &Path {
        self.locks.first().map_or(Path::new(""), |held| &held.locked.path)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let held = self.since.elapsed();
        // The last one first: who waits for the first would wait for the others as well.
        while let Some(HeldLock { locked, record, hold }) = self.locks.pop() {
            // A forked child, and who left the lock to a program it started, has nothing to tell.
            if locked.is_ours_alone() {
                if let Some(record) = record {
                    record.release(&locked.file, held);
                }
                observe::released(&locked.path, held, self.long_hold);
            }
            table().remove(hold);
        }
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
        for HeldLock { locked, .. } in &self.0.locks {
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
        self.0.locks.iter_mut().try_for_each(|held| held.locked.inherit_on_exec())
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

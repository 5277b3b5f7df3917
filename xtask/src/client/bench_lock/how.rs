//! One lock, taken and given back in the ways that are measured beside each other.

use crate::engine::{Explain, Failure};
use clap::ValueEnum;
use lock_core::{LockFile, Wait};
use rustix::fs::{FlockOperation, Mode, OFlags, flock, fstat, lstat, open};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// What people write around `try_lock` when they need a bound, and the interval that Python's filelock has by default.
const POLL: Duration = Duration::from_millis(50);

/// A bound, as everybody has one who uses our locks, and far longer than any wait.
const LONG: Wait = Wait::AtMost(Duration::from_secs(60));

/// Who locks, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum How {
    /// The system calls that a careful lock needs: open, flock, fstat, stat, close.
    Calls,
    /// And an explicit unlock before the close.
    CallsAndUnlock,
    /// open, flock, close: what the simplest program does.
    Flock,
    Ours,
    OursWithoutRecord,
    /// `File::lock` of the standard library.
    Std,
    /// `File::try_lock`, again every 50 ms.
    StdPolled,
    FdLock,
    Fs4,
}

impl How {
    /// Its word on the command line.
    pub(crate) fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// A lock file, and how to take it.
pub(super) struct Lock<'a> {
    how: How,
    path: &'a Path,
    ours: LockFile,
}

impl<'a> Lock<'a> {
    pub(super) fn new(how: How, path: &'a Path) -> Self {
        let ours = LockFile::at(path);
        let ours = if how == How::OursWithoutRecord { ours.without_record() } else { ours };
        Self { how, path, ours }
    }

    /// Takes the lock, runs `inside`, gives the lock back.
    pub(super) fn turn<T>(&self, inside: impl FnOnce() -> T) -> Result<T, Failure> {
        match self.how {
            How::Calls => self.careful(inside, false),
            How::CallsAndUnlock => self.careful(inside, true),
            How::Flock => {
                let file = self.open()?;
                flock(&file, FlockOperation::LockExclusive)?;
                Ok(inside())
            }
            How::Ours | How::OursWithoutRecord => {
                let _held = self.ours.exclusive(LONG)?;
                Ok(inside())
            }
            How::Std => {
                let file = self.open()?;
                file.lock()?;
                Ok(inside())
            }
            How::StdPolled => self.polled(inside),
            How::FdLock => {
                let mut lock = fd_lock::RwLock::new(self.open()?);
                let _held = lock.write()?;
                Ok(inside())
            }
            How::Fs4 => {
                let file = self.open()?;
                fs4::FileExt::lock(&file)?;
                Ok(inside())
            }
        }
    }

    fn careful<T>(&self, inside: impl FnOnce() -> T, unlock: bool) -> Result<T, Failure> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = open(self.path, flags, Mode::empty())?;
        flock(&file, FlockOperation::LockExclusive)?;
        let (locked, found) = (fstat(&file)?, lstat(self.path)?);
        debug_assert_eq!(locked.st_ino, found.st_ino);
        let outcome = inside();
        if unlock {
            flock(&file, FlockOperation::Unlock)?;
        }
        Ok(outcome)
    }

    fn polled<T>(&self, inside: impl FnOnce() -> T) -> Result<T, Failure> {
        let file = self.open()?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(inside()),
                Err(TryLockError::WouldBlock) => thread::sleep(POLL),
                Err(TryLockError::Error(error)) => return Err(error).explain(self.path.display()),
            }
        }
    }

    fn open(&self) -> Result<File, Failure> {
        File::options().read(true).write(true).open(self.path).explain(self.path.display())
    }
}

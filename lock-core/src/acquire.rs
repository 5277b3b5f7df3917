//! Taking one lock: the attempt that never blocks, the one that does, and the check after both.

use crate::LockError;
use crate::observe;
use crate::open::open;
use crate::table::{FileId, table};
use crate::waiter;
use fd_lock::RwLock;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{mem, process, thread};

/// How often a taken lock is tried again before a thread is put to waiting: a lock held for microseconds is free by then.
const SPINS: u32 = 3;
/// How many removed lock files in a row one attempt follows before it lets the waiter, which has a deadline, go on.
const REOPENS: u32 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Exclusive,
    Shared,
    /// Exclusive, on a file that is never created for it.
    ExclusiveOnExisting,
    /// The same, shared.
    SharedOnExisting,
}

/// A descriptor that holds the lock on the file which stood at `path` when the lock was granted.
#[derive(Debug)]
pub(crate) struct Locked {
    pub(crate) file: File,
    pub(crate) path: PathBuf,
    pub(crate) id: FileId,
    pid: u32,
    inherited: bool,
}

impl Locked {
    /// Whether the path still names the file that this lock is on.
    pub(crate) fn is_current(&self) -> Result<bool, LockError> {
        match fs::symlink_metadata(&self.path) {
            Ok(found) => Ok(self.id == id_of(&found)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(source) => Err(LockError::Inspect { path: self.path.clone(), source }),
        }
    }

    /// Whether this process took it, and nobody else was given it.
    pub(crate) fn is_ours_alone(&self) -> bool {
        self.pid == process::id() && !self.inherited
    }

    /// Lets programs started from now on keep the descriptor, and with it the lock.
    pub(crate) fn inherit_on_exec(&mut self) -> Result<(), LockError> {
        rustix::io::fcntl_setfd(&self.file, rustix::io::FdFlags::empty())
            .map_err(|errno| LockError::Inspect { path: self.path.clone(), source: errno.into() })?;
        self.inherited = true;
        Ok(())
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // The lock belongs to the open file, which a forked child and a program that inherited it share. Only who
        // took it may give it back for all; for the others, and for an inherited lock, closing is enough.
        if self.is_ours_alone() {
            // Cannot fail on a descriptor that is open and locked; if it did, the close right after has the same effect.
            let _ = flock(&self.file, FlockOperation::Unlock);
        }
    }
}

/// What came of asking for a lock.
pub(crate) enum Acquired {
    /// It was free.
    AtOnce(Locked),
    AfterWaiting(Locked),
    /// Somebody else had it all the time.
    Not,
}

/// Takes the lock at `path`, waiting until `deadline` (`None`: for ever), or not at all if `wait` is false.
pub(crate) fn acquire(
    path: &Path,
    mode: Mode,
    wait: bool,
    deadline: Option<Instant>,
) -> Result<Acquired, LockError> {
    let spins = if wait { SPINS } else { 0 };
    match try_acquire(path, mode, spins)? {
        Attempt::Locked(locked) => return Ok(Acquired::AtOnce(locked)),
        Attempt::Busy(Some(id)) if wait && table().holds(id) => {
            return Err(LockError::WouldDeadlock { path: path.into() });
        }
        Attempt::Busy(_) => {}
    }
    if !wait {
        return Ok(Acquired::Not);
    }
    Ok(waiter::wait(path, mode, deadline)?.map_or(Acquired::Not, Acquired::AfterWaiting))
}

enum Attempt {
    Locked(Locked),
    /// Somebody has the lock on this file; which file it is cannot be told while somebody holds a lease on it.
    Busy(Option<FileId>),
}

fn try_acquire(path: &Path, mode: Mode, spins: u32) -> Result<Attempt, LockError> {
    for _ in 0..REOPENS {
        let Some((mut file, id)) = open(path, mode)? else { return Ok(Attempt::Busy(None)) };
        let mut spun = 0;
        let locked = loop {
            match lock(path, file, mode, Blocking::No)? {
                Ok(file) => break file,
                Err(busy) if spun < spins => {
                    spun += 1;
                    thread::yield_now();
                    file = busy;
                }
                Err(_) => return Ok(Attempt::Busy(Some(id))),
            }
        };
        if let Some(locked) = confirm(path, locked, id)? {
            return Ok(Attempt::Locked(locked));
        }
    }
    Ok(Attempt::Busy(None))
}

pub(crate) fn id_of(found: &Metadata) -> FileId {
    (found.dev(), found.ino())
}

/// Takes the lock at `path` by blocking in the kernel. `Ok(None)`: a lease kept it from being opened; try again shortly.
pub(crate) fn acquire_blocking(path: &Path, mode: Mode) -> Result<Option<Locked>, LockError> {
    loop {
        let Some((file, id)) = open(path, mode)? else { return Ok(None) };
        let Ok(file) = lock(path, file, mode, Blocking::Yes)? else { return Ok(None) };
        if let Some(locked) = confirm(path, file, id)? {
            return Ok(Some(locked));
        }
    }
}

/// The lock is granted, but on what? While we waited the file may have been removed and another one made in its place. A lock on
/// the removed one excludes nobody who comes now, so it counts for nothing. (jj, lib/src/lock/unix.rs, does the same.)
fn confirm(path: &Path, file: File, id: FileId) -> Result<Option<Locked>, LockError> {
    let locked = Locked { file, path: path.into(), id, pid: process::id(), inherited: false };
    if locked.is_current()? {
        return Ok(Some(locked));
    }
    observe::ghost(path);
    Ok(None)
}

#[derive(Clone, Copy)]
enum Blocking {
    Yes,
    No,
}

/// One lock call. The inner `Err` gives the file back: somebody else has the lock.
fn lock(path: &Path, file: File, mode: Mode, blocking: Blocking) -> Result<Result<File, File>, LockError> {
    let mut lock = RwLock::new(file);
    // fd-lock's guards borrow. Forgetting one leaves the descriptor locked, and `into_inner` gives it back to be owned.
    let outcome = loop {
        let outcome = match (mode, blocking) {
            (Mode::Exclusive | Mode::ExclusiveOnExisting, Blocking::No) => lock.try_write().map(mem::forget),
            (Mode::Exclusive | Mode::ExclusiveOnExisting, Blocking::Yes) => lock.write().map(mem::forget),
            (Mode::Shared | Mode::SharedOnExisting, Blocking::No) => lock.try_read().map(mem::forget),
            (Mode::Shared | Mode::SharedOnExisting, Blocking::Yes) => lock.read().map(mem::forget),
        };
        match outcome {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => break other,
        }
    };
    match outcome {
        Ok(()) => Ok(Ok(lock.into_inner())),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Err(lock.into_inner())),
        Err(error) => Err(refused(path, error)),
    }
}

fn refused(path: &Path, source: io::Error) -> LockError {
    let path = path.into();
    match Errno::from_io_error(&source) {
        Some(Errno::NOSYS | Errno::NOLCK | Errno::OPNOTSUPP) => LockError::Unsupported { path, source },
        _ => LockError::Lock { path, source },
    }
}

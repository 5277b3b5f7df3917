//! What is known of each lock file that was found.

use crate::rules::Rules;
use crate::scan::{Found, FoundLock, Trouble};
use crate::state::State;
use lock_core::{LockProcess, LockTotals};
use std::fmt;
use std::time::Duration;

/// All that a verdict depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What stands there.
    pub kind: Kind,
    /// How many names it has.
    pub links: u64,
    /// The size of its content, in bytes.
    pub size: u64,
    /// What it holds.
    pub content: Content,
    /// The user id of its owner.
    pub owner_uid: u32,
    /// Whose it is, as seen by this process.
    pub owner: Owner,
    /// How long ago the file or its attributes last changed.
    pub idle: Duration,
    /// Whether it is held.
    pub state: State,
    /// The processes that have it, as far as they can be seen.
    pub holders: Vec<LockProcess>,
    /// The processes that wait for it, as far as they can be seen.
    pub waiters: Vec<LockProcess>,
    /// For how long it is held, as far as is known.
    pub held_for: Option<Duration>,
    /// Somebody has it who seems not to know.
    pub leak: Option<Leak>,
    /// The lock's past, where its file has a record.
    pub totals: Option<LockTotals>,
    /// What knows no leases: the kind of its filesystem, or this system.
    pub without_leases: Option<&'static str>,
}

/// What stands under the name of a lock file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    Regular,
    /// A symbolic link.
    SymbolicLink,
    /// A folder.
    Folder,
    /// A FIFO.
    Fifo,
    /// A socket or a device.
    Special,
}

/// What a lock file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing, or a lock record and nothing else.
    Ours,
    /// The note of a supervisor, in a run lock.
    RunLock {
        /// Whether something of the task's process group still lives.
        task_lives: bool,
    },
    /// Something else.
    Foreign,
    /// It could not be read.
    Unreadable,
}

/// Whose a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// That of the user we run as.
    Us,
    /// Another user's; we may have a lease on it all the same.
    Another,
    /// Another user's, and we may not.
    AnotherWithoutRight,
}

/// A lock that a process inherited and seems not to know of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// The living process.
    pub pid: i32,
    /// Its command line.
    pub command: String,
    /// Its descriptor that holds the lock.
    pub descriptor: i32,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, command, descriptor } = self;
        write!(
            f,
            "leaked to PID {pid} ({command}), fd {descriptor}: who took it has ended; start such programs with \
             `{descriptor}>&-` behind the command, or use `flock -o`"
        )
    }
}

/// A lock file with what is known of it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which.
    pub lock: FoundLock,
    /// What is known.
    pub facts: Facts,
}

/// Finds out about the lock files that were `found`. One that is gone meanwhile is left out. Nothing is changed, and no lock is taken
/// where the kernel's list tells (Linux).
pub fn survey(_found: &Found, _rules: &Rules) -> (Vec<Known>, Vec<Trouble>) {
    (Vec::new(), Vec::new())
}

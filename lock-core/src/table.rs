//! What this process knows of its own locks: who waits, and which thread holds what. The only global state.

use crate::acquire::Mode;
use crate::record::Own;
use crate::waiter::Caller;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// A file by what it is, not by its name: device and inode.
pub(crate) type FileId = (u64, u64);

/// Who took a lock, and on what. A guard carries it: it may be given back by another thread than took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    thread: ThreadId,
    file: FileId,
}

impl Hold {
    pub(crate) fn by_this_thread(file: FileId) -> Self {
        Self { thread: thread::current().id(), file }
    }
}

/// One waiter thread serves one of these.
pub(crate) type Key = (PathBuf, Mode);

pub(crate) struct Table {
    /// A forked child has this table but none of its threads: it starts with an empty one.
    pid: u32,
    /// Who waits. A key is present exactly as long as its thread lives.
    pub(crate) callers: BTreeMap<Key, VecDeque<Arc<Caller>>>,
    held: Vec<Hold>,
    /// What all records of this process begin with.
    own: Option<Arc<Own>>,
    /// The devices whose filesystem was looked at.
    looked_at: BTreeSet<u64>,
}

static TABLE: Mutex<Table> = Mutex::new(Table {
    pid: 0,
    callers: BTreeMap::new(),
    held: Vec::new(),
    own: None,
    looked_at: BTreeSet::new(),
});

/// The table of this very process.
pub(crate) fn table() -> MutexGuard<'static, Table> {
    // A panic elsewhere cannot leave it half changed, so a poisoned lock is as good as any.
    let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    if table.pid != process::id() {
        *table = Table {
            pid: process::id(),
            callers: BTreeMap::new(),
            held: Vec::new(),
            own: None,
            looked_at: BTreeSet::new(),
        };
    }
    table
}

impl Table {
    /// Whether the thread that asks took a lock on this file and has not given it back.
    pub(crate) fn holds(&self, file: FileId) -> bool {
        self.held.contains(&Hold::by_this_thread(file))
    }

    pub(crate) fn add(&mut self, hold: Hold) {
        self.held.push(hold);
    }

    pub(crate) fn remove(&mut self, hold: Hold) {
        if let Some(place) = self.held.iter().position(|held| *held == hold) {
            self.held.swap_remove(place);
        }
    }

    pub(crate) fn own(&mut self) -> Arc<Own> {
        Arc::clone(self.own.get_or_insert_with(|| Arc::new(Own::find())))
    }

    /// Whether nobody asked for this device before.
    pub(crate) fn is_first_on(&mut self, device: u64) -> bool {
        self.looked_at.insert(device)
    }
}

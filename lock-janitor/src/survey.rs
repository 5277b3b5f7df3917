//! Finding out about lock files, without touching them.

use crate::facts::{Facts, FileId, Kind, file_id, read_content};
use crate::leak::leaked_to;
use crate::openers::{Opener, Processes, openers_of};
use crate::scan::{Found, FoundLock, Trouble};
use crate::state::{State, probe};
use lock_core::{KernelLock, KernelLocks, LockMode, LockProcess, LockRecord, doubtful_filesystem};
use rustix::fs::OFlags;
use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A lock file with what is known of it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which.
    pub lock: FoundLock,
    /// What is known.
    pub facts: Facts,
}

/// How much is looked at to learn who has the locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The kernel's list; and the descriptors of all processes if a lock that was found is in it.
    Listed,
    /// The descriptors of all processes in any case: the kernel's list leaves out locks whose taker has ended if it is read in a container.
    Descriptors,
}

/// Finds out about the lock files that were `found`. One that is gone meanwhile is left out.
///
/// On Linux no lock is taken for it, so nobody's attempt to take one fails because of the question. Elsewhere a shared one is tried
/// for an instant. Once `stop` says yes, what was not looked at yet is left out.
pub fn survey(found: &Found, depth: Depth, stop: &dyn Fn() -> bool) -> (Vec<Known>, Vec<Trouble>) {
    let mut survey = Survey::default();
    // After the scan and in one go: the states are those of nearly one moment.
    let listed = KernelLocks::read();
    let mut looked = Vec::with_capacity(found.locks.len());
    for lock in found.locks.iter().take_while(|_| !stop()) {
        match fs::symlink_metadata(&lock.path) {
            Ok(file) => looked.push((lock, file)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => survey.troubles.push(Trouble::Inspect { path: lock.path.clone(), source }),
        }
    }
    let on = |file: &Metadata| listed.as_ref().map_or_else(Vec::new, |listed| listed.on(file));
    let is_asked = |file: &Metadata| file.is_file() && (depth == Depth::Descriptors || !on(file).is_empty());
    let asked: HashSet<FileId> =
        looked.iter().filter(|(_, file)| is_asked(file)).map(|(_, file)| file_id(file)).collect();
    survey.openers = openers_of(&asked);
    for (lock, file) in looked.into_iter().take_while(|_| !stop()) {
        let mut facts = survey.facts_of(lock, &file);
        if file.is_file() {
            match &listed {
                Some(_) => survey.holders(&mut facts, lock, &file, &on(&file)),
                None => survey.probe(&mut facts, lock),
            }
        }
        survey.known.push(Known { lock: lock.clone(), facts });
    }
    (survey.known, survey.troubles)
}

#[derive(Default)]
struct Survey {
    known: Vec<Known>,
    troubles: Vec<Trouble>,
    openers: HashMap<FileId, Vec<Opener>>,
    processes: Processes,
    /// By device.
    doubtful: HashMap<u64, Option<&'static str>>,
}

impl Survey {
    fn facts_of(&mut self, lock: &FoundLock, file: &Metadata) -> Facts {
        let content = if file.is_file() { self.content(&lock.path) } else { None };
        let facts = Facts::of_file(file, content.as_deref(), lock);
        let doubtful = self.doubtful.entry(file.dev()).or_insert_with(|| doubtful_filesystem(&lock.path));
        Facts { without_leases: facts.without_leases.or(*doubtful), ..facts }
    }

    fn content(&mut self, path: &Path) -> Option<Vec<u8>> {
        match read(path) {
            Ok(content) => Some(content),
            // Somebody holds a lease on it, or it is not ours to read: that is a fact, and told as such.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::PermissionDenied | ErrorKind::NotFound
                ) =>
            {
                None
            }
            Err(source) => {
                self.troubles.push(Trouble::Inspect { path: path.into(), source });
                None
            }
        }
    }

    fn holders(&mut self, facts: &mut Facts, lock: &FoundLock, file: &Metadata, listed: &[KernelLock]) {
        let openers = self.openers.remove(&file_id(file)).unwrap_or_default();
        let seen = openers.iter().filter_map(|opener| Some((opener.pid, opener.mode?)));
        for (pid, mode) in seen {
            if facts.holders.iter().all(|holder| holder.pid != Some(pid)) {
                let command = self.processes.command(pid);
                facts.holders.push(LockProcess::new(Some(pid), command, mode));
            }
        }
        let taken = |lock: &&KernelLock| !lock.is_waiting;
        if facts.holders.is_empty() {
            // Other users' descriptors are hidden from us; the list names who took the lock.
            for lock in listed.iter().filter(taken) {
                let command = lock.pid.map(|pid| self.processes.command(pid)).unwrap_or_default();
                facts.holders.push(LockProcess::new(lock.pid, command, lock.mode));
            }
        }
        for lock in listed.iter().filter(|lock| lock.is_waiting) {
            let command = lock.pid.map(|pid| self.waiting_command(pid)).unwrap_or_default();
            facts.waiters.push(LockProcess::new(lock.pid, command, lock.mode));
        }
        facts.state = match facts.holders.iter().map(|holder| holder.mode).max() {
            Some(LockMode::Exclusive) => State::Exclusive,
            Some(LockMode::Shared) => State::Shared,
            None => State::Free,
        };
        if facts.state == State::Free {
            return;
        }
        // A run lock is inherited on purpose.
        if !lock.is_run_lock {
            let takers: Vec<i32> = listed.iter().filter(taken).filter_map(|lock| lock.pid).collect();
            facts.leak = leaked_to(&openers, &takers, &mut self.processes);
        }
        facts.held_for = recorded_hold(&lock.path, &facts.holders);
    }

    /// A script waits by a `flock` command of its own: the script is what people know.
    fn waiting_command(&mut self, pid: i32) -> String {
        let command = self.processes.command(pid);
        let waits =
            self.processes.get(pid).filter(|process| process.is_flock()).map(|process| process.parent);
        match waits.map(|parent| (parent, self.processes.command(parent))) {
            Some((parent, of)) if !of.is_empty() => format!("{command}, of process {parent} ({of})"),
            _ => command,
        }
    }

    fn probe(&mut self, facts: &mut Facts, lock: &FoundLock) {
        match probe(&lock.path) {
            Ok(state) => facts.state = state,
            Err(source) => self.troubles.push(Trouble::Probe { path: lock.path.clone(), source }),
        }
    }
}

/// How long the holder has had the lock, by its own record. A record is believed only if its process is among the holders.
fn recorded_hold(path: &Path, holders: &[LockProcess]) -> Option<Duration> {
    let record = LockRecord::parse(&read(path).ok()?)?;
    let process = record.process.filter(|process| record.released.is_none() && process.is_alive())?;
    let since = record.since.filter(|_| holders.iter().any(|holder| holder.pid == Some(process.pid)))?;
    SystemTime::now().duration_since(since.into()).ok()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed();
    read_content(&OpenOptions::new().read(true).custom_flags(flags).open(path)?)
}

impl Facts {
    /// Whether it is a regular file that nobody has, as far as could be seen.
    pub fn is_free(&self) -> bool {
        self.kind == Kind::Regular && matches!(self.state, State::Free | State::NotExclusive)
    }
}

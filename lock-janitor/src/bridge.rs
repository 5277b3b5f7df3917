//! Two lock files for one name: a retired one that somebody still uses, and the new one that others have made meanwhile.
//!
//! Nobody can be told that the two mean the same, so they are let run in turns: one file's lock is held while the other's is given
//! back. That ends when nobody has the retired file open any more. A turn is short, because a script may keep its descriptor open all
//! its life and take the lock only now and then, and must not shut the others out meanwhile.

use crate::lease::{self, Asked};
use crate::retire::{Aside, PutBack};
use crate::scan::folder_of;
use lock_core::{LockError, LockFile, Wait};
use rustix::fs::{FlockOperation, flock};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long users of the retired file may take its lock at a time, and others have to wait at least.
const OLD_TURN: Duration = Duration::from_millis(10);
/// And those of the new file.
const NEW_TURN: Duration = Duration::from_millis(20);
/// How often is looked whether it is over: for openers in a grace, and for the end of the program in a wait.
const LOOK: Duration = Duration::from_millis(1);
const WAIT: Duration = Duration::from_millis(50);

/// All bridges of one janitor, each in a thread of its own: one may last as long as somebody's script.
#[derive(Debug, Default)]
pub(crate) struct Bridges {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The lock files, by canonical paths.
    open: Mutex<BTreeSet<PathBuf>>,
    give_up: AtomicBool,
}

impl Shared {
    fn names(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.give_up.load(Ordering::Relaxed)
    }
}

/// A retired file whose lock we have, or may not have, at the beginning.
#[derive(Debug)]
pub(crate) enum Old {
    Locked(Aside),
    InUse(Aside),
}

impl Bridges {
    /// Opens one. `Err` gives the file back if no thread can be started.
    pub(crate) fn open(&self, old: Old, grace: Duration) -> io::Result<()> {
        let (Old::Locked(aside) | Old::InUse(aside)) = &old;
        let name = one_path(&aside.lock.path);
        self.shared.names().insert(name.clone());
        let (shared, ended) = (Arc::clone(&self.shared), name.clone());
        let started = thread::Builder::new().name("bridge".into()).spawn(move || {
            serve(old, grace, &shared);
            shared.names().remove(&ended);
        });
        if let Err(error) = started {
            self.shared.names().remove(&name);
            return Err(error);
        }
        Ok(())
    }

    pub(crate) fn is_open_for(&self, path: &Path) -> bool {
        let open = self.shared.names();
        !open.is_empty() && open.contains(&one_path(path))
    }

    pub(crate) fn count(&self) -> usize {
        self.shared.names().len()
    }

    /// Waits until all are over, at most for `patience`, then gives them up; returns how many.
    pub(crate) fn finish(&self, patience: Duration) -> usize {
        self.are_over_within(patience);
        let left = self.count();
        self.shared.give_up.store(true, Ordering::Relaxed);
        left
    }

    /// Waits until all are over, at most for `patience`.
    pub(crate) fn are_over_within(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        while self.count() > 0 && Instant::now() < end {
            thread::sleep(LOOK);
        }
        self.count() == 0
    }
}

/// The same for one lock file by whichever root it was found: two bridges between the same two files would wait for each other.
fn one_path(path: &Path) -> PathBuf {
    folder_of(path)
        .canonicalize()
        .map_or_else(|_| path.into(), |folder| folder.join(path.file_name().unwrap_or_default()))
}

/// Ends when nobody uses the retired one any more, or when it is given up: the retired file then keeps its
/// aside name, by which the next janitor knows it.
fn serve(old: Old, grace: Duration, shared: &Shared) {
    let mut old = match old {
        Old::Locked(aside) => aside,
        Old::InUse(aside) => {
            if !lock_again(&aside.file, shared) {
                return;
            }
            aside
        }
    };
    let name = old.lock.path.clone();
    let mut is_said = false;
    while !shared.is_over() && old.has_folder() {
        let lock = LockFile::at(&name).without_record();
        let wait = Wait::AtMost(WAIT);
        // A retired file without any name cannot get one again; then there has to be a new one to hold.
        let taken = if old.has_name() { lock.exclusive_on_existing(wait) } else { lock.exclusive(wait) };
        let new = match taken {
            Ok(new) => new,
            Err(error) if error.is_contended() => continue,
            // The new file is gone, and its name free.
            Err(LockError::Open { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                match old.put_back() {
                    PutBack::Done => return,
                    PutBack::Taken(aside) | PutBack::Failed(aside, _) => old = aside,
                }
                thread::sleep(LOOK);
                continue;
            }
            Err(error) => {
                if !std::mem::replace(&mut is_said, true) {
                    tracing::warn!("a retired lock file is in use, and the new one cannot be taken: {error}");
                }
                thread::sleep(WAIT);
                continue;
            }
        };
        let_run(&old.file, OLD_TURN);
        if !lock_again(&old.file, shared) {
            return;
        }
        // Only now, with the old lock in our hands again, may the users of the new file go on.
        let is_alone = matches!(lease::take(&old.file), Asked::Granted);
        drop(new);
        if !is_alone {
            thread::sleep(NEW_TURN);
        } else if is_quiet(&old.file, grace) {
            match old.remove() {
                Ok(Err(wanted)) => old = wanted,
                Ok(Ok(())) | Err(_) => return,
            }
        }
    }
}

/// Gives the lock of `file` back, and lets whoever waits to open it do so, for the length of a turn.
fn let_run(file: &File, turn: Duration) {
    lease::give_up(file);
    // Cannot fail on a descriptor that is open and locked.
    let _ = flock(file, FlockOperation::Unlock);
    thread::sleep(turn);
}

/// Takes the lock of `file` again, however long its users keep it. `false` if the bridge is given up meanwhile.
///
/// By blocking in the kernel, where who waits is served in the order of arrival: who polls may never get a lock that others hand to
/// each other. The thread that blocks has the same open file, so what it gets is ours.
fn lock_again(file: &File, shared: &Shared) -> bool {
    if flock(file, FlockOperation::NonBlockingLockExclusive).is_ok() {
        return true;
    }
    let Ok(same) = file.try_clone() else { return false };
    let (tell, told) = mpsc::channel();
    let waiter = thread::Builder::new().name("bridge-lock".into()).spawn(move || {
        let locked = flock(&same, FlockOperation::LockExclusive).is_ok();
        if tell.send(locked).is_err() {
            let _ = flock(&same, FlockOperation::Unlock);
        }
    });
    if waiter.is_err() {
        return false;
    }
    loop {
        match told.recv_timeout(WAIT) {
            Ok(locked) => return locked,
            Err(mpsc::RecvTimeoutError::Timeout) if !shared.is_over() => {}
            Err(_) => return false,
        }
    }
}

/// Whether nobody comes for `file`, which is leased, during the grace.
fn is_quiet(file: &File, grace: Duration) -> bool {
    let end = Instant::now() + grace;
    while Instant::now() < end {
        if !lease::is_whole(file) {
            return false;
        }
        thread::sleep(LOOK.min(grace));
    }
    lease::is_whole(file)
}

//! Waiting without polling: one thread per process, lock file and mode blocks in the lock call for all who wait.
//!
//! A thread that blocks in `flock` is woken by the kernel in order of arrival and hands over in some 50 µs, where polling
//! either burns a processor or starves. It cannot be called back, though: a caller whose time is up leaves, the thread
//! stays until the lock is granted. That is why there is one thread for all callers: any number of timeouts on a stuck lock
//! leave one thread behind, which gives the lock back at once when nobody wants it any more.

use crate::LockError;
use crate::acquire::{Locked, Mode, acquire_blocking};
use crate::table::{Key, table};
use std::collections::VecDeque;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long to leave a lock file alone on which somebody holds a lease (the janitor does, for milliseconds).
const LEASE_PAUSE: Duration = Duration::from_millis(2);

/// One who waits.
#[derive(Default)]
pub(crate) struct Caller {
    handed: Mutex<Handed>,
    changed: Condvar,
}

#[derive(Default)]
enum Handed {
    #[default]
    NotYet,
    Over(Result<Locked, LockError>),
    /// The caller gave up, or has taken what was handed over.
    Gone,
}

/// Waits for the lock at `path` until `deadline`; `Ok(None)` when the time is up.
pub(crate) fn wait(path: &Path, mode: Mode, deadline: Option<Instant>) -> Result<Option<Locked>, LockError> {
    let key = (path.to_path_buf(), mode);
    let caller = Arc::new(Caller::default());
    enqueue(&key, &caller)?;
    let outcome = caller.wait_until(deadline);
    if outcome.is_none() {
        // Leave the line, or a stuck lock would collect every caller that ever timed out on it.
        if let Some(line) = table().callers.get_mut(&key) {
            line.retain(|other| !Arc::ptr_eq(other, &caller));
        }
    }
    outcome.transpose()
}

impl Caller {
    fn wait_until(&self, deadline: Option<Instant>) -> Option<Result<Locked, LockError>> {
        let mut handed = sound(self.handed.lock());
        loop {
            if let Handed::Over(outcome) = std::mem::replace(&mut *handed, Handed::NotYet) {
                *handed = Handed::Gone;
                return Some(outcome);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            handed = match left {
                None => sound(self.changed.wait(handed)),
                Some(Duration::ZERO) => {
                    *handed = Handed::Gone;
                    return None;
                }
                Some(left) => {
                    self.changed.wait_timeout(handed, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Hands `outcome` over, or gives it back when the caller is gone.
    fn offer(&self, outcome: Result<Locked, LockError>) -> Result<(), Result<Locked, LockError>> {
        let mut handed = sound(self.handed.lock());
        if matches!(*handed, Handed::Gone) {
            return Err(outcome);
        }
        *handed = Handed::Over(outcome);
        self.changed.notify_one();
        Ok(())
    }
}

fn enqueue(key: &Key, caller: &Arc<Caller>) -> Result<(), LockError> {
    let mut table = table();
    match table.callers.entry(key.clone()) {
        Entry::Occupied(mut line) => line.get_mut().push_back(Arc::clone(caller)),
        Entry::Vacant(line) => {
            let served = key.clone();
            thread::Builder::new()
                .name("lock-waiter".into())
                .spawn(move || serve(&served))
                .map_err(|source| LockError::StartWaiter { path: key.0.clone(), source })?;
            line.insert(VecDeque::from([Arc::clone(caller)]));
        }
    }
    Ok(())
}

/// The life of a waiter thread: take the lock, hand it to the first who still waits, until nobody does.
fn serve(key: &Key) {
    while anyone_waits(key) {
        match acquire_blocking(&key.0, key.1) {
            Ok(Some(locked)) => hand_over(key, Ok(locked)),
            Ok(None) => thread::sleep(LEASE_PAUSE),
            Err(error) => hand_over(key, Err(error)),
        }
    }
}

/// Says whether the thread of `key` still has callers; if not, its key is gone with the same look, so that the next caller
/// starts a thread of its own.
fn anyone_waits(key: &Key) -> bool {
    let mut table = table();
    let waited_for = table.callers.get(key).is_some_and(|line| !line.is_empty());
    if !waited_for {
        table.callers.remove(key);
    }
    waited_for
}

/// Nobody left to take it: `outcome` is dropped here, and a lock with it.
fn hand_over(key: &Key, mut outcome: Result<Locked, LockError>) {
    loop {
        let Some(caller) = table().callers.get_mut(key).and_then(VecDeque::pop_front) else { return };
        match caller.offer(outcome) {
            Ok(()) => return,
            Err(back) => outcome = back,
        }
    }
}

/// A panic elsewhere cannot leave these tables half changed, so a poisoned lock is as good as any.
fn sound<T>(lock: Result<T, PoisonError<T>>) -> T {
    lock.unwrap_or_else(PoisonError::into_inner)
}

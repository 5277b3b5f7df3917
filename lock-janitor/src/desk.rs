//! Where everything that can interrupt the service's sleep comes in: signals, and changes in the folders.
//!
//! What comes in is noted, not queued: a flood of changes takes no memory, and one look takes in all of them.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What has come in.
#[derive(Debug, Default)]
struct Notes {
    is_to_reload: bool,
    has_lost_track: bool,
    tree: Tree,
}

/// What is known of the folders since they were last walked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tree {
    /// Something came, went or was renamed.
    pub(crate) has_changed: bool,
    /// When the first lock file came.
    pub(crate) lock_came: Option<Instant>,
    /// A folder came, and what is in it is not known.
    pub(crate) has_new_folder: bool,
    /// How often the kernel had to drop notices because there were too many.
    pub(crate) overflows: u64,
}

/// Why the service woke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Stop,
    Reload,
    /// Notices were lost, which is to be said.
    LostTrack,
    /// The time was up.
    Time,
}

/// Shared by the service and those who have something to tell it.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    notes: Mutex<Notes>,
    came_in: Condvar,
    told_to_stop: OnceLock<Instant>,
}

impl Desk {
    /// A desk to which SIGTERM, SIGINT and SIGHUP are brought from now on.
    ///
    /// # Errors
    ///
    /// The system lets us not listen to signals, or not start a thread.
    pub(crate) fn open() -> io::Result<Arc<Self>> {
        let desk = Arc::new(Self::default());
        let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
        let inside = Arc::clone(&desk);
        let listen = move || {
            for signal in signals.forever() {
                if signal == SIGHUP {
                    inside.note(|notes| notes.is_to_reload = true);
                } else {
                    inside.told_to_stop.get_or_init(Instant::now);
                    inside.note(|_| {});
                }
            }
        };
        thread::Builder::new().name("signals".into()).spawn(listen)?;
        Ok(desk)
    }

    /// Whether this process was asked to come to its end.
    pub(crate) fn is_to_stop(&self) -> bool {
        self.told_to_stop.get().is_some()
    }

    /// How long ago that was.
    pub(crate) fn stopping_for(&self) -> Duration {
        self.told_to_stop.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    /// Notes what happened in the folders, and wakes the service if that cannot wait until the next sweep.
    pub(crate) fn note_tree(&self, note: impl FnOnce(&mut Tree)) {
        let mut notes = self.notes();
        let before = notes.tree;
        note(&mut notes.tree);
        let has_lost = notes.tree.overflows != before.overflows;
        notes.has_lost_track |= has_lost;
        let has_come =
            notes.tree.lock_came != before.lock_came || notes.tree.has_new_folder != before.has_new_folder;
        if has_lost || has_come {
            self.came_in.notify_all();
        }
    }

    /// What has been noted of the folders; it begins anew.
    pub(crate) fn take_tree(&self) -> Tree {
        std::mem::take(&mut self.notes().tree)
    }

    /// The same, and it goes on.
    pub(crate) fn tree(&self) -> Tree {
        self.notes().tree
    }

    /// Sleeps until there is a reason not to, at most until the moment that `until` gives for what is known of the folders.
    pub(crate) fn wait(&self, until: impl Fn(&Tree) -> Instant) -> Call {
        let mut notes = self.notes();
        loop {
            if self.is_to_stop() {
                return Call::Stop;
            }
            if std::mem::take(&mut notes.is_to_reload) {
                return Call::Reload;
            }
            if std::mem::take(&mut notes.has_lost_track) {
                return Call::LostTrack;
            }
            let left = until(&notes.tree).saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Call::Time;
            }
            notes = self.came_in.wait_timeout(notes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn note(&self, note: impl FnOnce(&mut Notes)) {
        note(&mut self.notes());
        self.came_in.notify_all();
    }

    /// Notes are whole at any time, so a thread that died with them did no harm.
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

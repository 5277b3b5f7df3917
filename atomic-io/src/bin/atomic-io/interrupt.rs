//! Ctrl-C and SIGTERM: at any moment but in a save, which takes milliseconds, and behind it: what
//! is saved is said to be.

use crate::exit::Failure;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What this process was asked to do by signals, and whether this is the moment for it.
#[derive(Debug, Default)]
pub(crate) struct Interrupts {
    /// The signal that came, or 0.
    asked: AtomicI32,
    /// Whether Ctrl-C is for somebody else: an editor, which has the terminal.
    is_for_editor: AtomicBool,
    /// Held in a save; whether one has been done, behind which there is nothing left to interrupt.
    saving: Mutex<bool>,
}

/// While this lives, the first signal is only noted.
#[must_use = "a signal ends the program when this is dropped"]
pub(crate) struct Saving<'a>(MutexGuard<'a, bool>);

impl Saving<'_> {
    /// What was to be saved is saved: the program says so and ends, whatever the first signal is.
    pub(crate) fn done(mut self) {
        *self.0 = true;
    }
}

impl Interrupts {
    fn take(&self, signal: i32) {
        if signal == SIGINT && self.is_for_editor.load(Ordering::SeqCst) {
            return;
        }
        let is_first = self.asked.swap(signal, Ordering::SeqCst) == 0;
        // Kept until the process is gone, so that no save begins.
        let saved = self.saving.try_lock();
        if saved.is_ok_and(|saved| !*saved) || !is_first {
            end_by(signal);
        }
    }

    /// A save begins. Whoever was told to end does not begin one.
    pub(crate) fn saving(&self) -> Result<Saving<'_>, Failure> {
        let saving = Saving(self.saving.lock().unwrap_or_else(PoisonError::into_inner));
        match self.asked.load(Ordering::SeqCst) {
            0 => Ok(saving),
            signal => Err(Failure::Interrupted { signal }),
        }
    }

    /// Runs `work`, in which Ctrl-C is for the editor on the same terminal.
    pub(crate) fn left_to_editor<T>(&self, work: impl FnOnce() -> T) -> T {
        self.is_for_editor.store(true, Ordering::SeqCst);
        let done = work();
        self.is_for_editor.store(false, Ordering::SeqCst);
        done
    }
}

/// Listens from now on. Signals that are ignored (as with `nohup`) stay so.
pub(crate) fn listen(interrupts: &Arc<Interrupts>) -> Result<(), Failure> {
    let listening = Arc::clone(interrupts);
    let mut signals = Signals::new(not_ignored(&[SIGINT, SIGTERM, SIGHUP]))
        .map_err(|error| Failure::because("cannot listen for signals", error))?;
    let listener = move || signals.forever().for_each(|signal| listening.take(signal));
    thread::Builder::new()
        .name("signals".into())
        .spawn(listener)
        .map(drop)
        .map_err(|error| Failure::because("cannot start the thread that listens for signals", error))
}

/// Ends this process as the signal would have, so that a shell sees what happened.
pub(crate) fn end_by(signal: i32) -> ! {
    let _ = low_level::emulate_default_handler(signal);
    std::process::exit(128 + signal)
}

/// Those of `signals` that this process was not started to ignore. A handler for one that is would take that from the programs
/// it starts, too.
pub(crate) fn not_ignored(signals: &[i32]) -> Vec<i32> {
    let ignored = std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        })
        .unwrap_or(0);
    signals.iter().copied().filter(|signal| ignored & (1 << (signal - 1)) == 0).collect()
}

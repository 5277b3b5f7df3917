//! Ctrl-C: what runs is ended, what came of the rest is told.

use crate::engine::{Explain, Failure};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether somebody wants the run to end.
pub(crate) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// From here on the signals are noted; a second one ends the program at once.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let number = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let listening = "cannot listen for signals";
            // In this order: the first signal finds `again` unset and sets it.
            flag::register_conditional_default(signal, Arc::clone(&again)).explain(listening)?;
            flag::register(signal, Arc::clone(&again)).explain(listening)?;
            let value = usize::try_from(signal)?;
            flag::register_usize(signal, Arc::clone(&number), value).explain(listening)?;
        }
        Ok(Self(number))
    }

    /// For a run that a signal ends as it ends any program.
    pub(crate) fn never() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// What a shell expects of a program that a signal ended; `None` if none came.
    pub(crate) fn code(&self) -> Option<ExitCode> {
        let signal = u8::try_from(self.0.load(Ordering::Relaxed)).ok()?;
        (signal != 0).then(|| ExitCode::from(128 + signal))
    }
}

//! How everybody writes into the one history.

use crate::engine::{Explain, Failure, fail};
use rustix::time::{ClockId, clock_gettime};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What one writer writes with.
pub(crate) struct Pen {
    history: PathBuf,
    who: String,
}

impl Pen {
    pub(crate) fn new(history: &Path, who: &str) -> Self {
        Self { history: history.into(), who: who.into() }
    }

    /// Appends a line with the time on the clock that all processes share. One write, so that a kill leaves all of it or nothing.
    pub(crate) fn write(&self, what: &str) -> Result<(), Failure> {
        let time = clock_gettime(ClockId::Monotonic);
        let nanoseconds = i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec);
        let line = format!("{nanoseconds} {} {what}\n", self.who);
        let mut file = File::options().create(true).append(true).open(&self.history);
        let file = file.as_mut().map_err(|error| fail(format!("{}: {error}", self.history.display())))?;
        file.write_all(line.as_bytes()).explain(self.history.display())
    }
}

//! Whether somebody without a lock is still writing.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// A program that writes in several calls, without our lock, needs microseconds between them. After this long without any
/// change nobody is writing any more.
const QUIET: Duration = Duration::from_millis(50);
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// A write is stamped with the time of the kernel's last tick, which is up to 10 ms old: two writes in one tick bear the same time.
const TICK: Duration = Duration::from_millis(20);

/// Whether a file stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stillness {
    /// Nothing changed for long enough.
    Quiet,
    /// It is not what it was: look again.
    Changed,
}

/// Waits until `file`, which was `size` bytes long, has not changed for a moment. Does not wait at all if its last change is
/// longer ago than that, or from `give_up` on: a program that never stops writing must not keep us for ever.
pub(crate) fn wait_until_quiet(file: &File, size: u64, give_up: Instant) -> io::Result<Stillness> {
    let started = Instant::now();
    let modified = file.metadata()?.modified()?;
    // An error means that it was changed in the future of a clock that was set back: then look at it.
    if modified.elapsed().is_ok_and(|age| age > QUIET) {
        return Ok(Stillness::Quiet);
    }
    while started.elapsed() < QUIET && Instant::now() < give_up {
        thread::sleep(LOOK_EVERY);
        let found = file.metadata()?;
        if found.len() != size || found.modified()? != modified {
            return Ok(Stillness::Changed);
        }
    }
    Ok(Stillness::Quiet)
}

/// A file as it was right before its content was read. It tells, in one look, that the content is still the same: reading 2 MB
/// again takes as long as a fifth of its fsync.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looked {
    file: (u64, u64),
    size: u64,
    pub(crate) modified: SystemTime,
    /// Another write now would bear another time.
    is_settled: bool,
}

impl Looked {
    pub(crate) fn at(found: &Metadata) -> io::Result<Self> {
        let modified = found.modified()?;
        let is_settled = modified.elapsed().is_ok_and(|age| age > TICK);
        Ok(Self { file: (found.dev(), found.ino()), size: found.len(), modified, is_settled })
    }

    /// Whether it is certain that nobody wrote since. If not, only reading tells.
    pub(crate) fn is_certainly(&self, found: &Metadata) -> bool {
        self.is_settled
            && self.file == (found.dev(), found.ino())
            && self.size == found.len()
            && found.modified().is_ok_and(|modified| modified == self.modified)
    }
}

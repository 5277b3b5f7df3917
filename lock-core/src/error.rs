//! What can go wrong with a lock, one variant per operation.

use crate::holders::LockProcess;
use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a lock was not taken, or is no longer what it was.
///
/// Every variant carries the path of the lock file; the operating system's own reason is the
/// [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody else has the lock, and the caller asked not to wait ([`Wait::Never`](crate::Wait::Never)).
    #[error("{} is held by another process", path.display())]
    Held {
        /// The lock file.
        path: PathBuf,
    },
    /// Somebody else kept the lock for the whole of [`Wait::AtMost`](crate::Wait::AtMost).
    #[error("{} is still held after {}, by {}; try again later", path.display(), span(*waited), name(holder.as_ref()))]
    TimedOut {
        /// The lock file.
        path: PathBuf,
        /// How long was waited.
        waited: Duration,
        /// One who had the lock when the time was up, where that could be found out.
        holder: Option<LockProcess>,
    },
    /// This thread has the lock itself, so waiting for it would never end.
    #[error("{} is held by this very thread, which would wait for itself", path.display())]
    WouldDeadlock {
        /// The lock file.
        path: PathBuf,
    },
    /// The folder of the lock file did not exist and could not be made.
    #[error("cannot create the folder {} for a lock file", path.display())]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The lock file could not be opened or created.
    #[error("cannot open the lock file {}", path.display())]
    Open {
        /// The lock file.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// Something that is not a regular file stands where the lock file belongs.
    #[error("{} is {what}, not a lock file; move it away or name another lock file", path.display())]
    NotALockFile {
        /// The path.
        path: PathBuf,
        /// What stands there.
        what: &'static str,
    },
    /// The path of the lock file, or of the file it guards, could not be looked at.
    #[error("cannot look at {}", path.display())]
    Inspect {
        /// The path.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The lock call itself failed.
    #[error("cannot lock {}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// This filesystem cannot do `flock`. Going on without a lock is no option.
    #[error("the filesystem of {} does not support flock; keep the file on a local filesystem", path.display())]
    Unsupported {
        /// The lock file.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The thread that waits in the lock call could not be started.
    #[error("cannot start the thread that waits for {}", path.display())]
    StartWaiter {
        /// The lock file.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The lock file was removed or replaced while the lock was held: others may hold a lock of the same name now.
    #[error("{} was removed or replaced while it was held; never remove a lock file that may be in use", path.display())]
    Replaced {
        /// The lock file.
        path: PathBuf,
    },
}

impl LockError {
    /// Whether somebody else has the lock ([`Held`](Self::Held) or [`TimedOut`](Self::TimedOut)): trying later may help.
    pub fn is_contended(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::TimedOut { .. })
    }
}

fn span(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

fn name(holder: Option<&LockProcess>) -> Cow<'static, str> {
    holder.map_or("another process".into(), |holder| holder.to_string().into())
}

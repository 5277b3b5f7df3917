//! What a save that succeeds has to tell nevertheless.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Something a person should know, though what was asked for was done: a version that stands beside the file now, or one that
/// could not be kept.
///
/// Each is logged as a warning through `tracing`; [`SharedFile::notices`](crate::SharedFile::notices) hands it to the caller as well.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// A version of the file was put aside.
    PutAside {
        /// The file, as given.
        file: PathBuf,
        /// Where the version is now.
        aside: PathBuf,
        /// How it came to be displaced.
        why: Displaced,
    },
    /// The backup before the last was due to be kept as a snapshot, and was not.
    NoSnapshot {
        /// The file, as given.
        file: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A snapshot that is not needed any more could not be removed.
    NotPruned {
        /// The snapshot, or their folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}

/// How a version came to be displaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Displaced {
    /// A writer that was killed had left it, and its bytes are kept nowhere else.
    KilledWriter,
    /// A program without a lock saved it in the middle of an update, and another version after it.
    SavedMeanwhile,
    /// A program without a lock wrote it into the version that an update had just replaced.
    WrittenLate,
    /// It is what an update had saved before it was run again on a version that was written late.
    RunAgain,
    /// `restore` replaced it.
    Restored,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PutAside { file, aside, why } => {
                write!(f, "a version of {}, {why}, is kept as {}", file.display(), aside.display())
            }
            Self::NoSnapshot { file, source } => {
                write!(f, "no snapshot of {} was kept: {source}", file.display())
            }
            Self::NotPruned { path, source } => {
                write!(f, "old snapshots were not removed: {}: {source}", path.display())
            }
        }
    }
}

impl fmt::Display for Displaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KilledWriter => "left by a writer that was killed",
            Self::SavedMeanwhile => "displaced by saves without a lock in the middle of an update",
            Self::WrittenLate => "written without a lock when an update had just replaced it",
            Self::RunAgain => "replaced because the update was run again on one that was written late",
            Self::Restored => "replaced by a backup",
        })
    }
}

/// Who is told of notices besides the log.
#[derive(Clone, Default)]
pub(crate) struct Observer(Option<Arc<Listener>>);

type Listener = dyn Fn(&Notice) + Send + Sync;

impl Observer {
    pub(crate) fn new(observer: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observer)))
    }

    pub(crate) fn tell(&self, notice: &Notice) {
        tracing::warn!("{notice}");
        if let Some(observer) = &self.0 {
            observer(notice);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Observer" } else { "no observer" })
    }
}

//! What can go wrong with an event log, one variant per operation.

use crate::FileError;
use lock_core::LockError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a log was not read, or an event not appended.
///
/// Every variant but [`Emit`](Self::Emit) carries the path; the operating system's own reason is the
/// [`source`](std::error::Error::source). Events already in the log are never harmed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The file could not be locked, read or replaced, or does not parse.
    #[error(transparent)]
    File(#[from] FileError),
    /// The event has no form as one item of a YAML list. Nothing was written.
    #[error("the event cannot be written: {reason}")]
    Emit {
        /// Why not.
        reason: String,
    },
    /// The file is no list that items can be appended to. Nothing was written.
    #[error("{}:{line}: {reason}", path.display())]
    NotAppendable {
        /// The log.
        path: PathBuf,
        /// The line that stands in the way, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A step of appending failed. The event does not count; what was written of it is healed by the next append.
    #[error("cannot append to {}: {step} failed", path.display())]
    Append {
        /// The log.
        path: PathBuf,
        /// The step that failed.
        step: AppendStep,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// **The event is in the log**, but it is not certain that it would survive a power cut now.
    #[error("the event is in {}, but whether it survives a power cut is unknown: fdatasync failed", path.display())]
    DurabilityUnknown {
        /// The log.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// **The event is in the log** and on disk, but looking once more whether it stands where others find it failed.
    #[error("the event is in {} and is saved, but looking at it once more failed", path.display())]
    Unconfirmed {
        /// The log.
        path: PathBuf,
        /// What failed.
        #[source]
        source: Box<EventError>,
    },
}

impl EventError {
    /// Whether the event is in the log nevertheless: only its durability, or its place, is in doubt. Appending again would double it.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        matches!(
            self,
            Self::DurabilityUnknown { .. }
                | Self::Unconfirmed { .. }
                | Self::File(FileError::DurabilityUnknown { .. })
        )
    }
}

impl From<LockError> for EventError {
    fn from(error: LockError) -> Self {
        Self::File(error.into())
    }
}

/// The steps of appending, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendStep {
    /// Opening the log for appending.
    Open,
    /// Looking back for the last stamp.
    LookBack,
    /// Overwriting what was torn by a comment.
    Fill,
    /// Writing the records, in one call.
    Write,
    /// Looking at the log once more after the write.
    Inspect,
}

impl fmt::Display for AppendStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "opening it",
            Self::LookBack => "reading its end",
            Self::Fill => "overwriting a torn record by a comment",
            Self::Write => "writing the record",
            Self::Inspect => "looking at it after the write",
        })
    }
}

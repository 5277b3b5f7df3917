//! What can go wrong with a file, one variant per operation.

use lock_core::LockError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a file was not read or not saved.
///
/// Every variant carries the path; the operating system's own reason is the [`source`](std::error::Error::source).
/// Unless the variant says otherwise the file is byte for byte as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The lock was not taken, or its file was removed while it was held.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// There is no such file.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// A file was to be created where one stands already.
    #[error("{} exists already; nothing was changed", path.display())]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// A folder, a device or the like stands in the file's place.
    #[error("{} is {what}, not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What stands there.
        what: &'static str,
    },
    /// A symbolic link that points nowhere. Which file was meant is not ours to guess.
    #[error("{} is a symbolic link to nothing; make its target or remove it", path.display())]
    DanglingLink {
        /// The link.
        path: PathBuf,
    },
    /// The file has other names, which a replacement would leave behind with the old content.
    #[error("{} has {links} names (hard links); a replacement would separate them, so remove the others first", path.display())]
    HardLinked {
        /// The file.
        path: PathBuf,
        /// The number of its names.
        links: u64,
    },
    /// The file is mounted by itself, as containers do with single files. Its name is the mount's and cannot be given to a replacement.
    #[error("{} is a mount of its own (a bind mount), which cannot be replaced; mount its folder instead; nothing was changed", path.display())]
    MountPoint {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The content is not what this file should hold. It is never overwritten and never taken for empty.
    #[cfg(feature = "yaml")]
    #[error("{}:{}:{}: {}\n  {}", path.display(), error.line, error.column, error.message, error.line_text)]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: crate::ParseError,
    },
    /// Saving failed before the new content was in place.
    #[error("cannot save {}: {step} failed; nothing was changed", path.display())]
    Save {
        /// The file.
        path: PathBuf,
        /// The step that failed.
        step: SaveStep,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// **The new content is in place**, but it is not certain that it would survive a power cut now.
    #[error("{} is saved, but whether that survives a power cut is unknown: {step} failed", path.display())]
    DurabilityUnknown {
        /// The file.
        path: PathBuf,
        /// The step that failed.
        step: SaveStep,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// Programs that take no lock saved the file again and again while it was being updated.
    #[error("{} was changed by a program without a lock {times} times while it was updated; stop that program and try again", path.display())]
    Unsettled {
        /// The file.
        path: PathBuf,
        /// How often the update was run.
        times: u32,
    },
    /// A version that is kept nowhere else could not be put aside, so nothing was written over it.
    #[error("cannot put {} aside; nothing was changed", path.display())]
    PutAside {
        /// What stood in the way.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
}

/// The steps of a save, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SaveStep {
    /// Creating the temporary file beside the target.
    CreateTemporary,
    /// Giving the temporary the target's owner, extended attributes and mode.
    CopyMetadata,
    /// Writing the new content into the temporary.
    Write,
    /// Forcing the temporary to disk.
    SyncFile,
    /// Putting the temporary in the target's place.
    Rename,
    /// Looking at the version that was replaced.
    Compare,
    /// Keeping the replaced version as the backup.
    Backup,
    /// Forcing the folder, and with it the new name, to disk.
    SyncFolder,
    /// Looking once more whether somebody went on writing to the replaced version, and putting that aside.
    LookAgain,
}

impl fmt::Display for SaveStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateTemporary => "creating the temporary file",
            Self::CopyMetadata => "copying owner, attributes and mode",
            Self::Write => "writing the temporary file",
            Self::SyncFile => "fsync of the temporary file",
            Self::Rename => "renaming the temporary file over it",
            Self::Compare => "reading the replaced version",
            Self::Backup => "keeping the replaced version as backup",
            Self::SyncFolder => "fsync of its folder",
            Self::LookAgain => "looking once more at the replaced version",
        })
    }
}

/// Why [`SharedFile::update`](crate::SharedFile::update) did not save: the operation's own error, or the file's.
#[cfg(feature = "yaml")]
#[derive(Debug, thiserror::Error)]
pub enum UpdateError<E> {
    /// The operation refused. Nothing was written.
    #[error(transparent)]
    Operation(E),
    /// The file could not be locked, read or saved.
    #[error(transparent)]
    File(#[from] FileError),
}

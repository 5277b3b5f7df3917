//! Shared files that are never half written, never overwritten unseen, and edited without being rewritten.
//!
//! # Model
//!
//! A [`SharedFile`] is a YAML file that several processes use. Readers need no lock: every save replaces the file whole
//! (temporary, fsync, exchange, fsync of the folder), so they see the version before or the version after. Who changes it passes an
//! operation to [`SharedFile::update`], which runs it on a fresh [`Document`] under the file's lock and keeps the
//! version before as `NAME.backup`. A document holds the text; setting a value changes the bytes of that value and no others, so
//! comments, order and quoting stay. An event log is a YAML list that only grows: appending costs the same at the millionth
//! record as at the first, and what a crash left half written is put aside. [`replace()`] is the plain building block for any format.
//!
//! # Limitations
//!
//! - Processes of one machine, on a local filesystem; Linux and macOS.
//! - Every save rewrites the file and waits for the disk twice. Beyond some ten thousand records a database is the better store.
//! - What the outline is not sure of (anchors, tags, tabs …) can be read but is refused for writing, with line and
//!   reason, because writing it back would lose something.
//! - A save by a program without a lock that was complete when we looked is never overwritten. One that was being written in place at that
//!   instant is not lost, but may have to be fetched from `.mooring/recovered/`: see `docs/durability.md`.
//!
//! # Example
//!
//! ```
//! use atomic_io::{Document, DocumentError, SharedFile};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("queue.yaml");
//! let queue = SharedFile::at(&path);
//! queue.create(&Document::parse("tasks:\n  - id: A-1\n    status: pending  # not yet\n")?)?;
//!
//! queue.update(|document| document.set("tasks[id=A-1].status", "claimed"))?;
//!
//! assert_eq!(std::fs::read_to_string(&path)?, "tasks:\n  - id: A-1\n    status: claimed  # not yet\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `yaml` (default): everything but [`replace()`]. Without it the crate has no YAML dependency. `cli`: the binary `atomic-io`.
#![forbid(unsafe_code)]

#[cfg(feature = "yaml")]
mod backups;
#[cfg(feature = "yaml")]
mod beside;
#[cfg(feature = "yaml")]
mod document;
mod error;
#[cfg(feature = "yaml")]
mod event_log;
#[cfg(feature = "yaml")]
mod history;
mod metadata;
#[cfg(feature = "yaml")]
mod notice;
mod replace;
#[cfg(feature = "yaml")]
mod replaced;
#[cfg(feature = "yaml")]
mod save;
#[cfg(feature = "yaml")]
mod shared_file;
#[cfg(feature = "yaml")]
mod stillness;
mod target;

#[cfg(feature = "yaml")]
pub use backups::{Backup, BackupKind};
#[cfg(feature = "yaml")]
pub use document::{DocPath, Document, DocumentError, Node, ParseError, ToPath};
#[cfg(feature = "yaml")]
pub use error::UpdateError;
pub use error::{FileError, SaveStep};
#[cfg(feature = "yaml")]
pub use event_log::{AppendStep, Appended, EventError, EventLog, Events};
pub use lock_core::{LockError, Wait};
#[cfg(feature = "yaml")]
pub use notice::{Displaced, Notice};
pub use replace::replace;
#[cfg(feature = "yaml")]
pub use shared_file::SharedFile;

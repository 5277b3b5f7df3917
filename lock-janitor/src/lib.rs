//! Finds lock files and says which are held, which are free, and for how long nothing happened to them.
//!
//! # Model
//!
//! [`scan()`] walks folders and collects what is a lock file by its name: `*.yaml.lock`, `*.yml.lock`, and `*.lock` in a folder
//! `.mooring/run`. [`look`] says of each whether it is held. On Linux that is read from `/proc/locks`, by device and inode, so nobody's
//! attempt to take a lock is disturbed by the question. Elsewhere a shared lock is tried for an instant.
//!
//! # Limitations
//!
//! - It reports. Nothing is removed.
//! - `/proc/locks` shows the locks of processes that are visible from here: a lock held in another container looks free.
//! - Where `/proc/locks` names another device than the file has (btrfs, overlayfs), locks are told apart by inode alone. A free lock file
//!   may then be taken for a held one, never the other way round.
//! - Without `/proc/locks`, a shared lock cannot be told from none ([`State::NotExclusive`]), and for an instant the question itself
//!   keeps others from an exclusive lock.
//! - Taking a lock leaves no trace in its file: `idle` counts from the last change of the file.
//!
//! # Features
//!
//! `cli` (default): the binary `lock-janitor`.
#![deny(unsafe_code)]

mod bank;
mod bridge;
mod facts;
mod grace;
mod leak;
mod lease;
mod leftovers;
mod openers;
mod retire;
mod rules;
mod scan;
mod state;
mod survey;
mod sweep;
mod verdict;

pub use bank::banked;
pub use facts::{Content, Facts, Kind, Leak, Owner};
pub use leftovers::Leftover;
pub use rules::{Deletion, Owners, Root, Rules};
pub use scan::{Found, FoundLock, Trouble, scan};
pub use state::State;
pub use survey::{Depth, Known, survey};
pub use sweep::{Janitor, Judged, Outcome, Sweep};
pub use verdict::{Finding, Reason, Verdict, judge};

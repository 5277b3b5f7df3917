//! Finds lock files, says who holds them, and retires those that nobody uses without letting two programs hold one lock.
//!
//! # Model
//!
//! [`scan()`] walks folders and collects what bears the name of a lock file: `*.yaml.lock`, `*.yml.lock`, `*.lock` in a folder
//! `.mooring/run`, and names it is given. [`survey`] finds out about each: whether it is held, by whom, who waits, what it holds. On Linux that
//! is read from `/proc`, so nobody's attempt to take a lock is disturbed by the question. [`judge`] says what follows, and touches nothing. A
//! [`Janitor`] does it: a lock file is retired by a lease, which the kernel gives only if nobody else has the file open, its lock, and a rename
//! aside; it is watched for a grace, for somebody who had looked up its name just before, and then removed. Who comes finds it put back; and if
//! others have made a new one meanwhile, both are served in turns.
//!
//! # Limitations
//!
//! - The grace is an argument about time: a process that stands still between looking up a name and opening the file, for longer than the grace, is
//!   not seen.
//! - A janitor that is killed within a grace while somebody uses the file leaves that one unprotected until [`Janitor::put_right`].
//! - Without leases (macOS, network filesystems, other users' files without `CAP_LEASE`) nothing is retired; it is said why.
//! - The first lease makes this process ignore SIGIO, unless somebody handles it: the kernel announces by it who wants in.
//! - `/proc` shows processes that are visible from here: a lock held in another container looks free. It is not retired all the same.
//! - Where `/proc/locks` names another device than the file has (btrfs, overlayfs), locks are told apart by inode alone. A free lock file
//!   may then be taken for a held one, never the other way round.
//! - Without `/proc/locks`, a shared lock cannot be told from none ([`State::NotExclusive`]), and for an instant the question itself
//!   keeps others from an exclusive lock.
//! - Taking a lock leaves no trace in its file: `idle` counts from the last change of the file.
//!
//! # Example
//!
//! ```
//! use lock_core::{LockFile, Wait};
//! use lock_janitor::{Janitor, Outcome, Reason, Root, Rules, scan};
//! use std::time::Duration;
//!
//! # let folder = tempfile::tempdir()?;
//! # let at = |name: &str| folder.path().join(name);
//! let used = LockFile::guarding(at("used.yaml")).exclusive(Wait::Never)?;
//! drop(LockFile::guarding(at("idle.yaml")).exclusive(Wait::Never)?);
//!
//! let rules = Rules { min_idle: Duration::ZERO, grace: Duration::from_millis(2), ..Rules::default() };
//! let janitor = Janitor::new();
//! let sweep = janitor.sweep(&scan(&[Root::at(folder.path())], &rules, &|| false), &rules, &|| false);
//! # if cfg!(target_os = "linux") {
//! assert_eq!(sweep.judged[0].outcome, Outcome::Retired);
//! # }
//! # if cfg!(target_os = "linux") {
//! assert_eq!(sweep.judged[1].outcome, Outcome::Kept(Reason::Held));
//! # }
//! assert!(at("used.yaml.lock").exists());
//! # drop(used);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
mod own_folder;
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
pub use own_folder::OwnFolder;
pub use rules::{Deletion, Owners, Root, Rules};
pub use scan::{Found, FoundLock, Trouble, scan};
pub use state::State;
pub use survey::{Depth, Known, survey};
pub use sweep::{Janitor, Judged, Outcome, Sweep};
pub use verdict::{Finding, Reason, Verdict, judge};

//! Advisory file locks with bounded waiting, on the protocol that `flock(1)` and `fcntl.flock` use.
//!
//! # Model
//!
//! A file `queue.yaml` is guarded by a lock file `queue.yaml.lock` beside it. A [`LockFile`] names it; an
//! exclusive or a shared lock is taken on it with `flock(2)`, which excludes every other program that
//! takes the same lock, in whatever language. How long to wait is always said: [`Wait::Never`],
//! [`Wait::AtMost`] or [`Wait::Forever`]. The lock lives as long as its guard, [`ExclusiveLock`] or
//! [`SharedLock`], and ends with the process that holds it, however that ends. After the lock was granted its
//! file is compared with the path again: a lock on a file that somebody removed meanwhile is a lock on
//! nothing, and is taken anew.
//!
//! The holder notes in the lock file who it is, so that `cat queue.yaml.lock` tells ([`LockRecord`]); that is advice for people. Who
//! really has the lock, or waits for it, the kernel tells: [`LockFile::holders`], [`LockFile::waiters`].
//!
//! Who waits does not poll: one helper thread per process, lock file and mode blocks in the lock call, and hands
//! the lock to its callers in the order in which they came.
//!
//! # Limitations
//!
//! - The lock is advisory: a program that does not ask for it is not kept out.
//! - Lock files stay in place on release, on purpose. Removing one that is *held* lets two programs in at once; no lock
//!   library can prevent that. [`ExclusiveLock::verify`] tells, so that the work can be dropped before it is saved.
//! - `flock` is for processes of one machine. On network filesystems it may be emulated or missing; where it is
//!   missing the error is [`LockError::Unsupported`].
//! - A thread that waits for a lock which it took and has not given back gets an error at once, [`LockError::WouldDeadlock`]; also if it
//!   has handed the guard to another thread meanwhile.
//! - Linux and macOS only.
//!
//! # Example
//!
//! ```
//! use lock_core::{LockFile, Wait};
//! use std::time::Duration;
//!
//! # let folder = tempfile::tempdir()?;
//! # let queue = folder.path().join("queue.yaml");
//! let lock = LockFile::guarding(&queue);
//! let held = lock.exclusive(Wait::AtMost(Duration::from_secs(5)))?;
//! assert!(lock.exclusive(Wait::Never).is_err_and(|error| error.is_contended()));
//! drop(held);
//! assert!(lock.exclusive(Wait::Never).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("lock-core needs flock(2) as Linux and macOS have it");

mod acquire;
mod doubtful;
mod error;
mod guard;
mod holders;
mod kernel_list;
mod lock_file;
mod observe;
mod open;
mod process;
mod record;
mod table;
mod waiter;

pub use doubtful::doubtful_filesystem;
pub use error::LockError;
pub use guard::{ExclusiveLock, SharedLock};
pub use holders::LockProcess;
pub use kernel_list::{KernelLock, KernelLocks, LockMode};
pub use lock_file::{LockFile, Wait};
pub use process::{NotAnIdentity, ProcessIdentity};
pub use record::{LockRecord, LockTotals};

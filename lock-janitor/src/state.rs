//! Whether locks are held: from the kernel's list, or by trying.

use lock_core::{LockError, LockFile, Wait};
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// Whether a lock is held, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Nobody has it.
    Free,
    /// Nobody has it exclusively; whether it is shared cannot be told on this system.
    NotExclusive,
    /// At least one process has it shared.
    Shared,
    /// One process has it for itself.
    Exclusive,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Free => "free",
            Self::NotExclusive => "not excl.",
            Self::Shared => "shared",
            Self::Exclusive => "exclusive",
        })
    }
}

/// Asks by taking the lock, shared and only for an instant.
pub(crate) fn probe(path: &Path) -> Result<State, LockError> {
    match LockFile::at(path).shared(Wait::Never) {
        Ok(_) => Ok(State::NotExclusive),
        Err(error) if error.is_contended() => Ok(State::Exclusive),
        Err(error) => Err(error),
    }
}

//! Facts about each lock file that was found.

use crate::scan::{Found, Trouble};
use crate::state::{State, probe};
use lock_core::{KernelLocks, LockError};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What is known of one lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lock {
    /// The lock file.
    pub path: PathBuf,
    /// Whether it is held.
    pub state: State,
    /// The processes that took the lock, as far as they can be seen. One that ended may have left it to a child.
    pub holders: Vec<i32>,
    /// Seconds since the file or its attributes last changed.
    pub idle_s: u64,
    /// The size of its content, in bytes.
    pub size: u64,
    /// The user id of its owner.
    pub owner_uid: u32,
}

/// What a look at lock files gave.
#[derive(Debug, Default)]
pub struct Report {
    /// The lock files, sorted by path.
    pub locks: Vec<Lock>,
    /// What could not be looked at, while scanning and now.
    pub troubles: Vec<Trouble>,
}

/// Looks at the lock files that were `found`. One that is gone meanwhile is left out.
pub fn look(found: Found) -> Report {
    let mut report = Report { locks: Vec::with_capacity(found.files.len()), troubles: found.troubles };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    // After the scan and in one go: the states are those of nearly one moment.
    let held = KernelLocks::read();
    for path in found.files {
        match fs::symlink_metadata(&path) {
            Ok(file) if file.is_file() => match state_of(held.as_ref(), &path, &file) {
                Ok((state, holders)) => report.locks.push(Lock {
                    state,
                    holders,
                    idle_s: now.saturating_sub(last_change_s(&file)),
                    size: file.len(),
                    owner_uid: file.uid(),
                    path,
                }),
                Err(source) => report.troubles.push(Trouble::Probe { path, source }),
            },
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => report.troubles.push(Trouble::Inspect { path, source }),
        }
    }
    report
}

fn state_of(
    held: Option<&KernelLocks>,
    path: &Path,
    file: &Metadata,
) -> Result<(State, Vec<i32>), LockError> {
    let Some(held) = held else { return Ok((probe(path)?, Vec::new())) };
    let locks = held.on(file);
    let mut holders: Vec<_> =
        locks.iter().filter(|lock| !lock.is_waiting).filter_map(|lock| lock.pid).collect();
    holders.sort_unstable();
    holders.dedup();
    Ok((State::listed(&locks), holders))
}

fn last_change_s(file: &Metadata) -> u64 {
    u64::try_from(file.mtime().max(file.ctime())).unwrap_or_default()
}

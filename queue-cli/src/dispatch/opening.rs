//! What must be so before a dispatch begins.

use crate::cli::How;
use crate::commands::Context;
use crate::exit::{Exit, Failure, with_causes};
use atomic_io::{FileError, LockError, Wait};
use lock_core::{ExclusiveLock, LockProcess};
use queue_cli::recovery::{Depth, add_missing, find_missing};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the lock of a dispatcher that was killed may outlive it: a supervisor that it was just starting has its descriptors
/// until it is a program of its own. Without the wait, one start in fifty right after a kill was refused.
const LAST_BREATH: Duration = Duration::from_secs(2);

/// A folder or a program that is not there would fail every task of the queue, one after the other.
pub(crate) fn check_how(context: &Context, how: &How) -> Result<(), Failure> {
    let folder = context.queue.folder();
    let cwd = how.cwd.as_deref().unwrap_or(&folder);
    let is_folder = match fs::metadata(cwd) {
        Ok(found) => found.is_dir(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => false,
        Err(error) => return Err(Failure::because(format!("cannot look at {}", cwd.display()), error)),
    };
    if !is_folder {
        let message = format!("{} is no folder to run tasks in", cwd.display());
        return Err(Failure::new(Exit::NotFound, message));
    }
    match how.command.first() {
        Some(program) if !is_there(program, cwd) => {
            let program = program.display();
            let message = format!("there is no program {program}; no task was claimed");
            Err(Failure::new(Exit::NotFound, message))
        }
        _ => Ok(()),
    }
}

fn is_there(program: &OsStr, cwd: &Path) -> bool {
    if program.as_encoded_bytes().contains(&b'/') {
        return may_exist(&cwd.join(program));
    }
    // Without a PATH the system has one of its own, which is not ours to know.
    let Some(path) = env::var_os("PATH") else { return true };
    env::split_paths(&path).any(|folder: PathBuf| may_exist(&cwd.join(folder).join(program)))
}

/// What cannot be looked at is left for the start of the task to find out.
fn may_exist(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}

/// Takes the lock that the one dispatcher of a queue holds.
pub(crate) fn one_dispatcher(context: &Context) -> Result<ExclusiveLock, Failure> {
    let lock = context.queue.runs().dispatcher_lock();
    lock.exclusive(Wait::AtMost(LAST_BREATH)).map_err(|error| match error {
        LockError::Held { path } | LockError::TimedOut { path, .. } => {
            let who = who(&lock.holders()).unwrap_or_else(|| format!("whoever holds {}", path.display()));
            let queue = context.queue.path().display();
            Failure::new(
                Exit::Conflict,
                format!("{queue} has a dispatcher already: {who}; `queue stop` ends it"),
            )
        }
        error => FileError::from(error).into(),
    })
}

fn who(holders: &[LockProcess]) -> Option<String> {
    let holder = holders.first()?;
    let process = holder.pid.map_or_else(|| "a process".to_owned(), |pid| format!("process {pid}"));
    Some(format!("{process} ({})", holder.command))
}

/// What somebody who was killed could not write down. A history that stays short is no reason not to run tasks.
pub(crate) fn add_missing_events(context: &Context) {
    let added = find_missing(&context.queue, Depth::LastRecords)
        .and_then(|missing| add_missing(&context.queue, &missing));
    match added {
        Ok(0) => {}
        Ok(added) => tracing::info!("{added} events that were missing are added, marked as recovered"),
        Err(error) => tracing::warn!("events that are missing were not added: {}", with_causes(&error)),
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::Queue(error.into())
    }
}

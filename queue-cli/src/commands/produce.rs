//! What a command made, on its way to a file or to standard output.

use super::Context;
use crate::exit::{Exit, Failure};
use crate::folder::folder_of;
use crate::output::{print_json, print_text, say};
use lock_core::LockFile;
use queue_cli::QueueError;
use serde_json::json;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Prints what a command made, or puts it into the file asked for, in one step, and says so.
pub(crate) fn produce(context: &Context, output: Option<&Path>, text: &str) -> Result<Exit, Failure> {
    let Some(path) = output else {
        print_text(text);
        return Ok(Exit::Done);
    };
    if let Some((_, what)) = own_files(context).into_iter().find(|(own, _)| are_same(path, own)) {
        let message = format!("{} is {what}; give another file", path.display());
        return Err(Failure::new(Exit::Usage, message));
    }
    atomic_io::replace(path, text.as_bytes()).map_err(QueueError::from)?;
    if context.global.json {
        print_json(&json!({ "file": path.display().to_string() }));
    } else if !context.global.quiet {
        say(&format!("queue: written to {}", path.display()));
    }
    Ok(Exit::Done)
}

/// What must not be replaced. Of a lock file least of all: who has it locked would go on beside whoever locks the new one.
fn own_files(context: &Context) -> Vec<(PathBuf, &'static str)> {
    let mut own: Vec<(PathBuf, &'static str)> = Vec::new();
    let saved = [
        (context.queue.path().into(), ["the queue's lock file", "the queue's backup", "the queue itself"]),
        (context.queue.archive_path(), ["its archive's lock file", "its archive's backup", "its archive"]),
        (
            context.usual_slots_file(),
            ["the lock file of its slots", "the backup of its slots", "the file of its slots"],
        ),
    ];
    for (path, [its_lock, its_backup, itself]) in saved {
        // A link is locked beside itself and beside what it points to, where the backup is.
        for file in with_target(&path) {
            own.push((LockFile::guarding(&file).path().into(), its_lock));
            own.push((backup(&file), its_backup));
            own.push((file, itself));
        }
    }
    for log in context.queue.events().into_iter().flat_map(|log| with_target(log.path())) {
        own.push((LockFile::guarding(&log).path().into(), "the lock file of its event log"));
        own.push((log, "its event log"));
    }
    own.extend(context.global.also_lock.iter().map(|lock| (lock.clone(), "a lock file of the queue")));
    own
}

fn with_target(path: &Path) -> Vec<PathBuf> {
    [path.into()].into_iter().chain(fs::canonicalize(path)).collect()
}

fn backup(file: &Path) -> PathBuf {
    let mut name: OsString = file.file_name().unwrap_or_default().into();
    name.push(".backup");
    file.with_file_name(name)
}

/// Whether both are one file, or would be if they were there.
fn are_same(one: &Path, other: &Path) -> bool {
    let found = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let place = |path: &Path| Some((fs::canonicalize(folder_of(path)).ok()?, path.file_name()?.to_owned()));
    found(one).is_some_and(|it| Some(it) == found(other))
        || place(one).is_some_and(|it| Some(it) == place(other))
}

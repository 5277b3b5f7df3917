//! `queue backups`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use crate::table::{print_table, table};
use atomic_io::{Backup, BackupKind, Document, SharedFile};
use jiff::Timestamp;
use queue_cli::{QueueError, Task, tasks};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(context: &Context) -> Result<Exit, Failure> {
    let mut rows = table(&["saved", "kind", "tasks", "name"]);
    let mut versions = Vec::new();
    for backup in context.queue.backups()? {
        let (time, kind) = (time(&backup), word(backup.kind));
        let tasks = read(&backup.path).map(|(_, tasks)| tasks.len()).ok();
        let count = match tasks {
            Some(count) => count.to_string(),
            None if backup.parses => "no queue".to_owned(),
            None => "does not parse".to_owned(),
        };
        rows.add_row([time.clone(), kind.to_owned(), count, printable(&name(&backup))]);
        versions.push(json!({
            "name": name(&backup), "path": backup.path.display().to_string(), "kind": kind, "time": time,
            "size": backup.size, "parses": backup.parses, "tasks": tasks,
        }));
    }
    if context.global.json {
        let file = context.queue.path().display().to_string();
        print_json(&json!({ "file": file, "backups": versions }));
    } else if versions.is_empty() {
        print_text("there is no version to go back to\n");
    } else {
        print_table(&rows);
    }
    Ok(Exit::Done)
}

/// The version at `path`, which must be a queue.
pub(super) fn read(path: &Path) -> Result<(Document, Vec<Task>), QueueError> {
    let document = SharedFile::at(path).read()?;
    let tasks = tasks(&document)?;
    Ok((document, tasks))
}

/// How a version is called on the command line.
pub(super) fn name(backup: &Backup) -> String {
    backup.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

pub(super) fn saved(backup: &Backup) -> Timestamp {
    Timestamp::try_from(backup.time).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// In UTC, to the second.
fn time(backup: &Backup) -> String {
    saved(backup).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn word(kind: BackupKind) -> &'static str {
    match kind {
        BackupKind::Backup => "backup",
        BackupKind::Snapshot => "snapshot",
        BackupKind::Recovered => "recovered",
        _ => "other",
    }
}

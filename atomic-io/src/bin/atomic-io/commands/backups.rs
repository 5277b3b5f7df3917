//! `atomic-io backups`

use crate::cli::Backups;
use crate::context::Context;
use crate::exit::Failure;
use crate::output::{Answer, printable};
use atomic_io::{Backup, BackupKind};
use jiff::Timestamp;
use serde_json::json;

pub(crate) fn run(context: &Context, args: &Backups) -> Result<Answer, Failure> {
    let backups = context.file(&args.file).backups()?;
    let mut text = String::new();
    let mut versions = Vec::new();
    for backup in &backups {
        let (time, kind) = (time(backup), word(backup.kind));
        let note = if backup.parses { "" } else { "  (does not parse)" };
        let path = backup.path.display().to_string();
        text.push_str(&format!("{time}  {kind:<9}  {:>8}  {}{note}\n", backup.size, printable(&path)));
        versions.push(json!({
            "path": path, "kind": kind, "time": time, "size": backup.size, "parses": backup.parses,
        }));
    }
    Ok(Answer::new(text, json!({"file": args.file.display().to_string(), "backups": versions})))
}

/// In UTC, to the second.
fn time(backup: &Backup) -> String {
    let time = Timestamp::try_from(backup.time).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn word(kind: BackupKind) -> &'static str {
    match kind {
        BackupKind::Backup => "backup",
        BackupKind::Snapshot => "snapshot",
        BackupKind::Recovered => "recovered",
        _ => "other",
    }
}

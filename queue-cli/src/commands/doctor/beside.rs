//! What stands beside the queue and its log: versions, and what killed writers left.

use super::finding::{Finding, shown};
use crate::commands::Context;
use crate::exit::with_causes;
use atomic_io::{BackupKind, SharedFile};
use lock_core::LockFile;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Of a queue that is not `usable` the way back is told already.
pub(super) fn look(context: &Context, usable: bool) -> Vec<Finding> {
    let queue = real(context.queue.path());
    let mut findings = versions(&queue, true);
    findings.retain(|finding| usable || finding.kind != "no-backup");
    findings.extend(temporaries(&queue));
    if let Some(log) = context.queue.events() {
        let log = real(log.path());
        findings.extend(versions(&log, false));
        findings.extend(temporaries(&log));
    }
    findings
}

/// Where it points to, if it is a link: versions stand there.
fn real(path: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let real = if is_link { fs::canonicalize(path).ok() } else { None };
    real.unwrap_or_else(|| path.into())
}

fn versions(file: &Path, has_backups: bool) -> Vec<Finding> {
    let versions = match SharedFile::at(file).backups() {
        Ok(versions) => versions,
        Err(error) => return vec![Finding::not_looked_at(shown(file), with_causes(&error))],
    };
    let (mut aside, kept): (Vec<_>, Vec<_>) =
        versions.into_iter().partition(|version| version.kind == BackupKind::Recovered);
    aside.sort_by(|one, other| one.path.cmp(&other.path));
    let mut findings: Vec<Finding> = aside
        .iter()
        .map(|version| {
            let what = format!(
                "{} bytes that a kill, a crash, a save without a lock or a restore displaced are kept here, maybe the only copy of somebody's work",
                version.size
            );
            Finding::problem("put-aside", shown(&version.path), what)
                .remedy("look what is in it, take over what is missed, and remove it")
        })
        .collect();
    if has_backups && kept.is_empty() && file.exists() {
        let what =
            "there is no version of it to go back to; the next change of the queue keeps the one before";
        findings.push(Finding::note("no-backup", shown(file), what));
    }
    findings.extend(kept.iter().filter(|version| has_backups && !version.parses).map(|version| {
        let what = "this version is not YAML, so it cannot be restored";
        Finding::problem("backup-broken", shown(&version.path), what).remedy("mend it, or remove it")
    }));
    findings
}

/// Where a save is going on, its temporary is none that was abandoned.
fn temporaries(file: &Path) -> Vec<Finding> {
    let name = file.file_name().unwrap_or_default();
    let hidden = |suffix: &str| {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(suffix);
        file.with_file_name(hidden)
    };
    let is_abandoned =
        |path: &PathBuf| path.is_file() && LockFile::guarding(file).holders().is_empty() && path.is_file();
    [hidden(".new"), hidden(".backup.new")]
        .into_iter()
        .filter(is_abandoned)
        .map(|path| {
            let what = "a writer that was killed left this; the next save puts it aside, or removes it if its bytes are kept elsewhere";
            Finding::note("temporary", shown(path), what)
        })
        .collect()
}

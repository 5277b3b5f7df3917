//! Whether the locks exclude everybody whom they are meant to.

use super::finding::{Finding, shown};
use crate::commands::Context;
use atomic_io::{LockError, Wait};
use lock_core::{LockFile, doubtful_filesystem};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn look(context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    let queue = context.queue.path();
    let mut files = vec![queue.to_path_buf()];
    // A link is locked beside itself and beside what it points to, so lock files beside either matter.
    files.extend(fs::canonicalize(queue).ok().filter(|real| real.file_name() != queue.file_name()));
    files.extend(context.queue.events().map(|log| log.path().to_path_buf()));
    for file in &files {
        let ours = LockFile::guarding(file);
        let others = other_names(file).into_iter().filter(|name| !is_taken(context, name));
        findings.extend(others.map(|name| other_lock(file, &ours, &name)));
        findings.extend(works(&ours));
    }
    if let Some(kind) = doubtful_filesystem(context.queue.folder()) {
        let what = format!(
            "it is on {kind}, where locks may exclude nobody, or not those on other machines: that depends on the server and on how it is mounted"
        );
        let remedy = "keep the queue on a filesystem of this machine, or make sure that all its users are on one machine";
        findings.push(Finding::problem("filesystem", shown(context.queue.folder()), what).remedy(remedy));
    }
    findings
}

/// The names under which other programs are known to lock a file, as far as there are such lock files.
fn other_names(file: &Path) -> Vec<PathBuf> {
    let (Some(name), Some(stem)) = (file.file_name(), file.file_stem()) else { return Vec::new() };
    let joined = |parts: [&std::ffi::OsStr; 3]| parts.into_iter().collect::<OsString>();
    let (none, dot, lock) = ("".as_ref(), ".".as_ref(), ".lock".as_ref());
    let mut names = vec![joined([dot, name, lock]), joined([none, stem, lock]), joined([dot, stem, lock])];
    names.dedup();
    names.into_iter().map(|name| file.with_file_name(name)).filter(|path| path.is_file()).collect()
}

/// Whether it is one that was named to be taken too.
fn is_taken(context: &Context, lock: &Path) -> bool {
    let same = |one: &Path| match (fs::canonicalize(one), fs::canonicalize(lock)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == lock,
    };
    context.global.also_lock.iter().any(|also| same(also))
}

fn other_lock(file: &Path, ours: &LockFile, other: &Path) -> Finding {
    let name = shown(other.file_name().unwrap_or_default());
    let holder = LockFile::at(other).holders().first().map(|holder| format!(" It is held now, by {holder}."));
    let what = format!(
        "{} is locked by {}; programs that lock {name} instead are not kept out.{}",
        shown(file),
        shown(ours.path().file_name().unwrap_or_default()),
        holder.unwrap_or_default()
    );
    Finding::problem("lock-name", shown(other), what).remedy(format!(
        "take both, with --also-lock {} or QUEUE_ALSO_LOCK, or remove it once nobody locks it any more",
        shown(other)
    ))
}

/// Whether the filesystem has locks at all, found out on the lock file that is there. Nobody is kept waiting for longer than the call takes.
fn works(ours: &LockFile) -> Option<Finding> {
    if !ours.path().exists() {
        return None;
    }
    match ours.exclusive_on_existing(Wait::Never) {
        Ok(_) => None,
        Err(error) if error.is_contended() => None,
        Err(error @ LockError::Unsupported { .. }) => {
            let remedy = "keep the queue on a filesystem that has them";
            Some(Finding::problem("filesystem", shown(ours.path()), error.to_string()).remedy(remedy))
        }
        Err(error) => Some(Finding::not_looked_at(shown(ours.path()), crate::exit::with_causes(&error))),
    }
}

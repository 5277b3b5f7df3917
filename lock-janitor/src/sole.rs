//! One janitor for each root: it holds a lock of its own there as long as it runs.

use crate::exit::{Exit, Failure};
use lock_core::{ExclusiveLock, LockError, LockFile, Wait};
use lock_janitor::Root;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The roots of this janitor, each with its lock.
#[must_use = "others may look after the roots when this is dropped"]
#[derive(Debug, Default)]
pub(crate) struct Sole {
    /// By canonical path. `None`: nothing can be written there, so nobody can remove anything there either.
    held: BTreeMap<PathBuf, Option<ExclusiveLock>>,
}

impl Sole {
    /// Claims all `roots` or none. A root that does not exist is passed over.
    ///
    /// # Errors
    ///
    /// Another janitor has one of them: exit code 4.
    pub(crate) fn claim(roots: &[Root]) -> Result<Self, Failure> {
        let mut sole = Self::default();
        sole.change_to(roots)?;
        Ok(sole)
    }

    /// Claims `roots` instead of those that it has; in an error nothing has changed.
    ///
    /// # Errors
    ///
    /// As [`claim`](Self::claim).
    pub(crate) fn change_to(&mut self, roots: &[Root]) -> Result<(), Failure> {
        let mut new = BTreeMap::new();
        let mut wanted = Vec::new();
        for root in roots {
            let Ok(place) = root.folder.canonicalize() else { continue };
            wanted.push(place.clone());
            if !self.held.contains_key(&place) && !new.contains_key(&place) {
                let lock = claim(root, &place)?;
                new.insert(place, lock);
            }
        }
        self.held.retain(|place, _| wanted.contains(place));
        self.held.append(&mut new);
        Ok(())
    }

    /// Claims `root` too, if it exists and is not claimed yet: a folder may come, or be made anew, while the service runs.
    ///
    /// # Errors
    ///
    /// As [`claim`](Self::claim).
    pub(crate) fn claim_too(&mut self, root: &Root) -> Result<(), Failure> {
        let Ok(place) = root.folder.canonicalize() else { return Ok(()) };
        let has_it = match self.held.get(&place) {
            Some(Some(lock)) => lock.verify().is_ok(),
            Some(None) => true,
            None => false,
        };
        if !has_it {
            // First, because a thread that has a lock does not get it once more.
            self.held.remove(&place);
            let lock = claim(root, &place)?;
            self.held.insert(place, lock);
        }
        Ok(())
    }
}

fn claim(root: &Root, place: &Path) -> Result<Option<ExclusiveLock>, Failure> {
    make_own_folder(root);
    // For months is not long.
    let lock = LockFile::at(root.own_folder().join("lock")).long_hold(Duration::MAX);
    match lock.exclusive(Wait::Never) {
        Ok(held) => Ok(Some(held)),
        Err(error) if error.is_contended() => {
            let holder = lock.holders().into_iter().next();
            let who = holder.map_or_else(|| "another process".into(), |holder| holder.to_string());
            Err(Failure::new(
                Exit::Conflict,
                format!(
                    "{} is looked after by another janitor: {who}; there is one for each root",
                    place.display()
                ),
            ))
        }
        Err(error) if is_not_writable(&error) => {
            tracing::warn!("{} is not writable: locks there are reported and never removed", place.display());
            Ok(None)
        }
        Err(error) => Err(Failure::because(format!("cannot claim {}", place.display()), error)),
    }
}

/// Folders in a user's folder belong to that user, also if the janitor is the system's: `.mooring` is used by others too. What does not
/// succeed here fails when the lock is made.
fn make_own_folder(root: &Root) {
    let Ok(whose) = root.folder.metadata() else { return };
    let own = root.own_folder();
    for folder in [own.parent().unwrap_or(&own), &own] {
        if fs::create_dir(folder).is_ok() && whose.uid() != rustix::process::geteuid().as_raw() {
            let _ = chown(folder, Some(whose.uid()), Some(whose.gid()));
        }
    }
}

fn is_not_writable(error: &LockError) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem);
        }
        cause = error.source();
    }
    false
}

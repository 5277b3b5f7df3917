//! One janitor for each root: it holds a lock of its own there as long as it runs. Roots of two janitors do not lie in each other either:
//! each of the two would serve the users of a retired lock file in turns, and wait for the other for ever.

use crate::exit::{Exit, Failure};
use lock_core::{LockFile, Wait};
use lock_janitor::{OwnFolder, Root, Rules, scan};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The roots of this janitor, each with its lock.
#[must_use = "others may look after the roots when this is dropped"]
#[derive(Debug, Default)]
pub(crate) struct Sole {
    /// By canonical path. `None`: nothing can be written there, so nobody can remove anything there either.
    held: BTreeMap<PathBuf, Option<File>>,
}

impl Sole {
    /// Claims all `roots` or none. A root that does not exist is passed over. The folders of a new one are walked through; `stop` ends that.
    ///
    /// # Errors
    ///
    /// Another janitor has one of them, or one that lies in or around it: exit code 4.
    pub(crate) fn claim(roots: &[Root], stop: &dyn Fn() -> bool) -> Result<Self, Failure> {
        let mut sole = Self::default();
        sole.change_to(roots, stop)?;
        Ok(sole)
    }

    /// Claims `roots` instead of those that it has; in an error nothing has changed.
    ///
    /// # Errors
    ///
    /// As [`claim`](Self::claim).
    pub(crate) fn change_to(&mut self, roots: &[Root], stop: &dyn Fn() -> bool) -> Result<(), Failure> {
        let mut new = BTreeMap::new();
        let mut wanted = Vec::new();
        let places: Vec<_> = roots.iter().filter_map(|root| root.folder.canonicalize().ok()).collect();
        let is_ours = |place: &Path| places.iter().any(|ours| ours == place) || self.held.contains_key(place);
        for root in roots {
            let Ok(place) = root.folder.canonicalize() else { continue };
            wanted.push(place.clone());
            if !self.held.contains_key(&place) && !new.contains_key(&place) {
                let lock = claim(root, &place, &is_ours, stop)?;
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
    pub(crate) fn claim_too(&mut self, root: &Root, stop: &dyn Fn() -> bool) -> Result<(), Failure> {
        let Ok(place) = root.folder.canonicalize() else { return Ok(()) };
        let has_it = match self.held.get(&place) {
            Some(Some(lock)) => OwnFolder::open(&place).is_ok_and(|folder| folder.has_lock(lock)),
            Some(None) => true,
            None => false,
        };
        if !has_it {
            self.held.remove(&place);
            let lock = claim(root, &place, &|place| self.held.contains_key(place), stop)?;
            self.held.insert(place, lock);
        }
        Ok(())
    }
}

/// Claims one root. First its own lock, then the look at others: of two that come at once, at least one sees the other.
fn claim(
    root: &Root,
    place: &Path,
    is_ours: &dyn Fn(&Path) -> bool,
    stop: &dyn Fn() -> bool,
) -> Result<Option<File>, Failure> {
    let held = claim_alone(root, place)?;
    let below = scan(std::slice::from_ref(root), &Rules::default(), stop).folders;
    let below = below.iter().filter_map(|folder| OwnFolder::root_of(folder));
    let around = place.ancestors().skip(1);
    for other in around.map(PathBuf::from).chain(below.filter_map(|below| below.canonicalize().ok())) {
        let lock = LockFile::at(OwnFolder::lock_path(&other));
        if other == place || is_ours(&other) || !is_held(&lock) {
            continue;
        }
        let (lies, other) =
            (if place.starts_with(&other) { "lies in" } else { "has in it" }, other.display());
        let message = format!(
            "{} {lies} {other}, which is looked after by another janitor: {}; roots of two janitors must not lie in each other",
            place.display(),
            holder(&lock)
        );
        return Err(Failure::new(Exit::Conflict, message));
    }
    Ok(held)
}

/// Shared, because several may ask at once, and none of them is to be taken for the holder.
fn is_held(lock: &LockFile) -> bool {
    lock.shared_on_existing(Wait::Never).is_err_and(|error| error.is_contended())
}

fn holder(lock: &LockFile) -> String {
    let holder = lock.holders().into_iter().next();
    holder.map_or_else(|| "another process".into(), |holder| holder.to_string())
}

fn claim_alone(root: &Root, place: &Path) -> Result<Option<File>, Failure> {
    match OwnFolder::make(&root.folder).and_then(|folder| folder.lock()) {
        Ok(Some(held)) => Ok(Some(held)),
        Ok(None) => Err(Failure::new(
            Exit::Conflict,
            format!(
                "{} is looked after by another janitor: {}; there is one for each root",
                place.display(),
                holder(&LockFile::at(OwnFolder::lock_path(&root.folder)))
            ),
        )),
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            tracing::warn!("{} is not writable: locks there are reported and never removed", place.display());
            Ok(None)
        }
        Err(error) => Err(Failure::because(format!("cannot claim {}", place.display()), error)),
    }
}

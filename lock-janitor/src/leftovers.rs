//! What killed writers and killed janitors leave behind.

use crate::bridge::{Bridges, Old};
use crate::own_folder::{give, give_recovered};
use crate::retire::{Aside, PutBack, failed};
use crate::rules::{Owners, Rules};
use crate::scan::{FoundLock, Trouble, folder_of, retired_name, written_name};
use crate::sweep::Outcome;
use crate::verdict::Reason;
use atomic_io::{FileError, Notice, SharedFile, Wait};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Something that was left behind, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leftover {
    /// A killed writer's temporary, which was empty or whose bytes are kept elsewhere: it is gone.
    Removed(PathBuf),
    /// A killed writer's temporary that may be the only copy of something.
    PutAside {
        /// Where it stood.
        from: PathBuf,
        /// Where it is now.
        to: PathBuf,
    },
    /// A lock file that a killed janitor had moved aside: it has its name again.
    Restored(PathBuf),
    /// The same, where others had made a new one meanwhile and nobody used the old one: it is gone.
    Cleared(PathBuf),
    /// The same, and somebody still used it: both are served in turns.
    Bridged(PathBuf),
    /// It stays for this time, and why.
    Kept(PathBuf, Reason),
    /// It would be cleared, but this was to be a report only.
    Found(PathBuf),
}

impl Leftover {
    /// Where it stood.
    pub fn path(&self) -> &Path {
        match self {
            Self::Removed(path) | Self::Restored(path) | Self::Cleared(path) => path,
            Self::Bridged(path) | Self::Kept(path, _) | Self::Found(path) => path,
            Self::PutAside { from, .. } => from,
        }
    }

    /// One word for programs. It never changes its meaning.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Removed(_) => "removed",
            Self::PutAside { .. } => "put_aside",
            Self::Restored(_) => "restored",
            Self::Cleared(_) => "cleared",
            Self::Bridged(_) => "bridged",
            Self::Kept(..) => "kept",
            Self::Found(_) => "found",
        }
    }

    /// The same file, once its grace is over.
    pub(crate) fn but(self, outcome: &Outcome) -> Self {
        let path = self.path().to_path_buf();
        match outcome {
            Outcome::Retired => Self::Cleared(path),
            Outcome::PutBack => Self::Restored(path),
            Outcome::Bridged => Self::Bridged(path),
            Outcome::Kept(reason) => Self::Kept(path, reason.clone()),
            Outcome::Reported | Outcome::WouldRetire => self,
        }
    }
}

/// What can be done at once with a retired lock file that was left.
pub(crate) enum Restored {
    Done(Leftover),
    /// It is ours again, and its grace begins anew.
    Watched(Aside),
    Left(Reason),
}

/// The lock file that `retired` was.
pub(crate) fn original(retired: &FoundLock) -> FoundLock {
    let name = retired.path.file_name().and_then(retired_name).unwrap_or_default();
    FoundLock { path: retired.path.with_file_name(name), ..retired.clone() }
}

/// Puts a lock file right that a killed janitor had moved aside. While its name is free, giving it back is right whoever uses it.
pub(crate) fn restore(retired: &FoundLock, rules: &Rules, bridges: &Bridges) -> Restored {
    let lock = original(retired);
    // Nothing happened to the file since, so for the rules it is as idle as it was.
    let at_once = Rules { min_idle: std::time::Duration::ZERO, ..rules.clone() };
    match Aside::left(&lock, retired.path.clone(), &at_once) {
        Ok(aside) => match aside.put_back() {
            PutBack::Done => Restored::Done(Leftover::Restored(retired.path.clone())),
            PutBack::Taken(aside) => Restored::Watched(aside),
            PutBack::Failed(_, error) => Restored::Left(failed("cannot give it its name back", &error)),
        },
        Err(Reason::Held | Reason::Open) => in_use(lock, retired, rules, bridges),
        Err(reason) => Restored::Left(reason),
    }
}

/// Somebody uses it, and has done so unprotected since the other janitor was killed.
fn in_use(lock: FoundLock, retired: &FoundLock, rules: &Rules, bridges: &Bridges) -> Restored {
    let aside = match Aside::in_use(lock, retired.path.clone()) {
        Ok(aside) => aside,
        Err(reason) => return Restored::Left(reason),
    };
    let path = retired.path.clone();
    match aside.put_back() {
        PutBack::Done => Restored::Done(Leftover::Restored(path)),
        PutBack::Taken(aside) => match bridges.open(Old::InUse(aside), rules.grace) {
            Ok(()) => Restored::Done(Leftover::Bridged(path)),
            Err(error) => Restored::Left(failed("cannot start a thread that serves its users", &error)),
        },
        PutBack::Failed(_, error) => Restored::Left(failed("cannot give it its name back", &error)),
    }
}

/// Clears the temporary of a writer that was killed, if its document's lock can be had: then no writer is at work. A young one is left,
/// because programs that know of no lock may use such names too.
pub(crate) fn clear_temporary(temporary: &Path, rules: &Rules) -> Result<Option<Leftover>, Trouble> {
    let failed = |path: &Path, source| Trouble::Clear { path: path.into(), source: Box::new(source) };
    let Some(name) = temporary.file_name().and_then(written_name) else { return Ok(None) };
    let document = temporary.with_file_name(name);
    let Ok(found) = fs::symlink_metadata(temporary) else { return Ok(None) };
    if !found.is_file() {
        return Ok(None);
    }
    // A save writes beside what a link leads to, so this is not from one, and what it would clear stands where we were not sent.
    let beside = [".mooring", ".mooring/recovered"].map(|name| document.with_file_name(name));
    if document.is_symlink() || beside.iter().any(|folder| folder.is_symlink()) {
        return Ok(Some(Leftover::Kept(temporary.into(), Reason::SymbolicLink)));
    }
    let idle = found.modified().ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
    let idle = idle.unwrap_or_default();
    if idle < rules.min_idle {
        return Ok(Some(Leftover::Kept(temporary.into(), Reason::Young { idle })));
    }
    let is_anothers = found.uid() != rustix::process::geteuid().as_raw();
    if is_anothers && rules.owners == Owners::Us {
        return Ok(Some(Leftover::Kept(temporary.into(), Reason::SomebodyElses { uid: found.uid() })));
    }
    if is_anothers {
        // The lock file is made by asking for the lock, and has to be one that its users may open.
        let mut lock = document.clone().into_os_string();
        lock.push(".lock");
        if let Ok(lock) = File::options().write(true).create_new(true).mode(0o666).open(&lock) {
            belongs_to_its_user(give(&lock, found.uid(), found.gid()));
        }
    }
    let told = Arc::new(Mutex::new(None));
    let tell = Arc::clone(&told);
    let file = SharedFile::at(&document).wait(Wait::Never).notices(move |notice| {
        if let Notice::PutAside { aside, .. } = notice {
            *tell.lock().unwrap_or_else(PoisonError::into_inner) = Some(aside.clone());
        }
    });
    match file.clear_leftovers() {
        Ok(()) => {}
        Err(FileError::Lock(error)) if error.is_contended() => {
            return Ok(Some(Leftover::Kept(temporary.into(), Reason::Held)));
        }
        Err(error) => return Err(failed(&document, error)),
    }
    let to = told.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(to) = to.as_deref().filter(|_| is_anothers) {
        let name = to.file_name().unwrap_or_default();
        belongs_to_its_user(give_recovered(folder_of(&document), name, found.uid(), found.gid()));
    }
    Ok(match to {
        Some(to) => Some(Leftover::PutAside { from: temporary.into(), to }),
        None if !temporary.exists() => Some(Leftover::Removed(temporary.into())),
        None => None,
    })
}

/// What we made in a user's folder is to belong to that user. What does not succeed shows when the user is refused, and is nothing to stop at.
fn belongs_to_its_user(given: io::Result<()>) {
    if let Err(error) = given {
        tracing::debug!("what was made in a user's folder could not be given to that user: {error}");
    }
}

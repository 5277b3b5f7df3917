//! Taking one lock file away without breaking exclusion among programs that never look whether their lock file is still there.
//!
//! A lock file is retired by its lock, a lease that says that nobody else has it open, and a rename. All three are kept for a while:
//! somebody may have looked up the old name just before, and opens the old file only now. Such an open waits in the kernel as long as the
//! lease is held, and shows; the file then gets its name back and nothing has happened. With no such while at all, overlaps were
//! measured.

use crate::facts::{file_id, leases_missing_for, read_content};
use crate::lease::{self, Asked};
use crate::rules::Rules;
use crate::scan::FoundLock;
use crate::verdict::{Reason, Verdict, judge};
use crate::{Content, Facts, State};
use lock_core::{LockRecord, LockTotals};
use rustix::fs::{CWD, FlockOperation, OFlags, RenameFlags, flock, renameat_with};
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A lock file that has lost its name, and is locked, leased and watched.
#[derive(Debug)]
pub(crate) struct Aside {
    pub(crate) lock: FoundLock,
    pub(crate) file: File,
    /// Its name meanwhile.
    pub(crate) path: PathBuf,
    /// What its record says of its past.
    pub(crate) totals: Option<LockTotals>,
}

/// What became of an attempt to give a file its name back.
pub(crate) enum PutBack {
    Done,
    /// Others have made a new lock file meanwhile: it is still aside.
    Taken(Aside),
    /// It is still aside for another reason.
    Failed(Aside, io::Error),
}

impl Aside {
    /// Moves the lock file aside if nobody uses it; otherwise says why it stays.
    pub(crate) fn begin(lock: &FoundLock, rules: &Rules) -> Result<Self, Reason> {
        let (file, totals) = claim(lock, &lock.path, rules)?;
        let path = aside_name(&lock.path);
        rename(&lock.path, &path).map_err(|errno| match errno {
            Errno::NOENT => Reason::Changed,
            Errno::EXIST => Reason::Bridged,
            errno => failed("cannot move it aside", &errno.into()),
        })?;
        let moved = Self { lock: lock.clone(), file, path, totals };
        // Between the look and the rename somebody may have run `rm`, and another one made a new file: then that one was moved.
        if moved.is_named(&moved.path) {
            return Ok(moved);
        }
        match moved.put_back() {
            PutBack::Done => Err(Reason::Changed),
            PutBack::Taken(_) => Err(Reason::Bridged),
            PutBack::Failed(_, error) => Err(failed("cannot give it its name back", &error)),
        }
    }

    /// The same for a file that a killed janitor has left aside under the name `path`.
    pub(crate) fn left(lock: &FoundLock, path: PathBuf, rules: &Rules) -> Result<Self, Reason> {
        let (file, totals) = claim(lock, &path, rules)?;
        Ok(Self { lock: lock.clone(), file, path, totals })
    }

    /// The same for one that somebody uses: it is neither locked nor leased.
    pub(crate) fn in_use(lock: FoundLock, path: PathBuf) -> Result<Self, Reason> {
        let file = open(&path)?;
        let found = file.metadata().map_err(|error| failed("cannot look at it", &error))?;
        let content = read_content(&file).map_err(|error| failed("cannot read it", &error))?;
        match Facts::of_file(&found, Some(&content), &lock).content {
            Content::Ours | Content::RunLock { .. } => Ok(Self { lock, file, path, totals: None }),
            Content::Foreign | Content::Unreadable => Err(Reason::ForeignContent { size: found.len() }),
        }
    }

    /// Whether somebody came for it.
    pub(crate) fn is_wanted(&self) -> bool {
        !lease::is_whole(&self.file)
    }

    /// Gives it its name back, unless a new lock file bears it; then lets go.
    pub(crate) fn put_back(self) -> PutBack {
        match rename(&self.path, &self.lock.path) {
            // The name first, and only then lease and lock, which end with the descriptor: who gets in finds all as it was.
            Ok(()) => PutBack::Done,
            // Somebody took the aside name away, or the whole folder. Who uses the file still has to be kept apart from who comes later.
            Err(Errno::NOENT) if self.is_wanted() && self.has_folder() => PutBack::Taken(self),
            Err(Errno::NOENT) => PutBack::Done,
            Err(Errno::EXIST) => PutBack::Taken(self),
            Err(errno) => PutBack::Failed(self, errno.into()),
        }
    }

    /// Empties it, because its totals are kept elsewhere now: they would count twice if it got its name back, by us or by the next janitor.
    pub(crate) fn forget_totals(&self) {
        // We have its lock, and who opens it waits for the lease. Should that have been broken, what came after our look stays.
        if self.totals.is_some_and(|kept| {
            read_content(&self.file).is_ok_and(|now| LockRecord::totals_in(&now) == Some(kept))
        }) {
            // Then they count twice, and that is all.
            let _ = self.file.set_len(0);
        }
    }

    /// Removes it, for good.
    ///
    /// Somebody may come between the last look and this. That shows here, and is served by a bridge: `Err` gives the file back then.
    pub(crate) fn remove(self) -> io::Result<Result<(), Self>> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ if self.is_wanted() => Ok(Err(self)),
            _ => Ok(Ok(())),
        }
    }

    /// Whether it has any name that it could be renamed from.
    pub(crate) fn has_name(&self) -> bool {
        self.is_named(&self.path)
    }

    /// Whether the folder of the lock file is there.
    pub(crate) fn has_folder(&self) -> bool {
        self.path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
    }

    fn is_named(&self, path: &Path) -> bool {
        let ours = self.file.metadata().map(|found| file_id(&found));
        let named = fs::symlink_metadata(path).map(|found| file_id(&found));
        ours.is_ok_and(|ours| named.is_ok_and(|named| ours == named))
    }
}

/// The lock file at `path`, locked and leased, if nobody uses it and all is still as it was judged.
fn claim(lock: &FoundLock, path: &Path, rules: &Rules) -> Result<(File, Option<LockTotals>), Reason> {
    let file = open(path)?;
    let found = file.metadata().map_err(|error| failed("cannot look at it", &error))?;
    // The lease before the lock: where somebody has the file open it is refused, and nobody's attempt to take the lock has met ours.
    match lease::take(&file) {
        Asked::Granted => {}
        Asked::Open => return Err(Reason::Open),
        Asked::Refused(error) => return Err(leases_missing_for(&found, &error)),
    }
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|errno| match errno {
        Errno::WOULDBLOCK => Reason::Held,
        errno => failed("cannot lock it", &errno.into()),
    })?;
    // From here on nobody can change the file without being seen, so this look is the one that counts.
    let content = read_content(&file).map_err(|error| failed("cannot read it", &error))?;
    let now = file.metadata().map_err(|error| failed("cannot look at it", &error))?;
    if let Verdict::Keep(reason) = judge(&Facts::of_free_file(&now, &content, lock), rules) {
        return Err(reason);
    }
    let is_there = fs::symlink_metadata(path).is_ok_and(|there| file_id(&there) == file_id(&now));
    if !is_there {
        return Err(Reason::Changed);
    }
    if lease::is_whole(&file) { Ok((file, LockRecord::totals_in(&content))) } else { Err(Reason::Open) }
}

/// Never with O_CREAT, and never through a link. O_NONBLOCK: another lease on it must not keep us waiting, nor a FIFO.
fn open(path: &Path) -> Result<File, Reason> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed();
    OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).map_err(|error| {
        match Errno::from_io_error(&error) {
            Some(Errno::NOENT) => Reason::Changed,
            Some(Errno::LOOP) => Reason::SymbolicLink,
            Some(Errno::WOULDBLOCK) => Reason::Open,
            _ => failed("cannot open it", &error),
        }
    })
}

/// Beside the file, hidden, and telling whose it is: `.queue.yaml.lock.retired.4711`.
fn aside_name(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".retired.{}", std::process::id()));
    path.with_file_name(name)
}

/// A rename that replaces nothing. Where there is none, nothing is retired.
fn rename(from: &Path, to: &Path) -> rustix::io::Result<()> {
    renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)
}

pub(crate) fn failed(what: &str, error: &io::Error) -> Reason {
    Reason::Failed { what: format!("{what}: {error}") }
}

impl Facts {
    /// Those of a lock file that we have locked ourselves.
    fn of_free_file(found: &Metadata, content: &[u8], lock: &FoundLock) -> Self {
        Self { state: State::Free, ..Self::of_file(found, Some(content), lock) }
    }
}

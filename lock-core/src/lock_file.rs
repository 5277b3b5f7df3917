//! Naming a lock, and taking it.

use crate::LockError;
use crate::acquire::{Acquired, Mode, acquire};
use crate::doubtful::warn_once;
use crate::guard::{ExclusiveLock, Held, SharedLock};
use crate::holders::{LockProcess, holder, holders_of, waiters_of};
use crate::observe;
use crate::open::{create_folder, folder_of, read_content};
use crate::record::{LockRecord, OwnRecord, note_timeout};
use crate::table::table;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for a lock that somebody else has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all: a lock that is taken is [`LockError::Held`].
    Never,
    /// For this long: after that it is [`LockError::TimedOut`].
    AtMost(Duration),
    /// Until the lock is free, however long that takes.
    Forever,
}

/// After how long a hold is worth a warning, unless somebody says otherwise: every wait in this project is shorter.
const LONG_HOLD: Duration = Duration::from_secs(10);

/// The name of a lock. Cheap to make; no file is touched until the lock is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    path: PathBuf,
    /// The file it stands beside, if it guards one: that may be a symbolic link.
    guarded: Option<PathBuf>,
    further: Vec<PathBuf>,
    has_record: bool,
    long_hold: Duration,
}

impl LockFile {
    /// The lock that guards the file at `path`: `queue.yaml` is guarded by `queue.yaml.lock`.
    ///
    /// If `path` is a symbolic link, some programs lock beside the link and some beside the file it points to;
    /// both locks are taken then.
    pub fn guarding(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        Self { guarded: Some(path.into()), ..Self::at(with_lock_suffix(path)) }
    }

    /// The lock file at exactly `path`.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().into(),
            guarded: None,
            further: Vec::new(),
            has_record: true,
            long_hold: LONG_HOLD,
        }
    }

    /// And the lock file at `path` too: for programs that know this lock under another name.
    ///
    /// All are taken or none, in an order that is the same for every process, under one deadline.
    #[must_use]
    pub fn also(mut self, path: impl AsRef<Path>) -> Self {
        self.further.push(path.as_ref().into());
        self
    }

    /// Leaves the content of the lock file alone: no [`LockRecord`] of the holder, no totals.
    #[must_use]
    pub fn without_record(self) -> Self {
        Self { has_record: false, ..self }
    }

    /// A hold that lasts longer than this is logged as a warning when it ends; 10 s by default.
    #[must_use]
    pub fn long_hold(self, threshold: Duration) -> Self {
        Self { long_hold: threshold, ..self }
    }

    /// Takes the lock for this caller alone, if the file is there: it is not created.
    ///
    /// For a lock on a file that holds data, where an empty file in its place would be a loss.
    ///
    /// # Errors
    ///
    /// As [`exclusive`](Self::exclusive); a missing file is [`LockError::Open`].
    pub fn exclusive_on_existing(&self, wait: Wait) -> Result<ExclusiveLock, LockError> {
        self.take(Mode::ExclusiveOnExisting, wait).map(ExclusiveLock)
    }

    /// The path of the lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock for this caller alone, waiting as `wait` says.
    ///
    /// The lock file is created if it is missing, its folder too, and stays in place afterwards.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] or [`LockError::TimedOut`] when somebody else has the lock; otherwise the operation that failed:
    /// making the folder, opening the lock file, locking it, or something that is no regular file in its place.
    pub fn exclusive(&self, wait: Wait) -> Result<ExclusiveLock, LockError> {
        self.take(Mode::Exclusive, wait).map(ExclusiveLock)
    }

    /// Takes the lock together with other holders of shared locks, waiting as `wait` says.
    ///
    /// # Errors
    ///
    /// As [`exclusive`](Self::exclusive), but a missing folder is not created and is an error.
    pub fn shared(&self, wait: Wait) -> Result<SharedLock, LockError> {
        self.take(Mode::Shared, wait).map(SharedLock)
    }

    /// The same, if the file is there: it is not created.
    ///
    /// For a question that is to leave no trace and to disturb nobody who asks the same.
    ///
    /// # Errors
    ///
    /// As [`shared`](Self::shared); a missing file is [`LockError::Open`].
    pub fn shared_on_existing(&self, wait: Wait) -> Result<SharedLock, LockError> {
        self.take(Mode::SharedOnExisting, wait).map(SharedLock)
    }

    /// The processes that have this lock now, exclusively or shared, in whatever language they are written. Where the lock has
    /// further names, those of the first. Linux only; elsewhere, and if there is no lock file, none.
    ///
    /// A process of another user may show without its number.
    pub fn holders(&self) -> Vec<LockProcess> {
        fs::metadata(&self.path).map_or_else(|_| Vec::new(), |file| holders_of(&file))
    }

    /// The processes that wait for this lock now, by blocking in the kernel as `flock(1)` and this crate do: who polls is not
    /// seen. Linux only; elsewhere, and if there is no lock file, none.
    pub fn waiters(&self) -> Vec<LockProcess> {
        fs::metadata(&self.path).map_or_else(|_| Vec::new(), |file| waiters_of(&file))
    }

    /// What stands in the lock file about its holder and its past; `None` if there is no file, or no record in it.
    ///
    /// # Errors
    ///
    /// [`LockError::Inspect`] if the file is there and cannot be read, as while somebody holds a lease on it (fcntl `F_SETLEASE`).
    pub fn record(&self) -> Result<Option<LockRecord>, LockError> {
        match read_content(&self.path) {
            Ok(content) => Ok(LockRecord::parse(&content)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LockError::Inspect { path: self.path.clone(), source }),
        }
    }

    /// All locks or none, in one order for every process, under one deadline.
    fn take(&self, mode: Mode, wait: Wait) -> Result<Held, LockError> {
        let started = Instant::now();
        // A deadline past what the clock can say is no deadline.
        let deadline = match wait {
            Wait::AtMost(time) => started.checked_add(time),
            Wait::Never | Wait::Forever => None,
        };
        let has_record = self.has_record && mode == Mode::Exclusive;
        let mut held = Held::new(self.long_hold);
        for path in self.paths(mode)? {
            let asked = Instant::now();
            let (locked, waited) = match acquire(&path, mode, wait != Wait::Never, deadline)? {
                Acquired::AtOnce(locked) => (locked, None),
                Acquired::AfterWaiting(locked) => (locked, Some(asked.elapsed())),
                Acquired::Not if wait == Wait::Never => return Err(LockError::Held { path }),
                Acquired::Not => {
                    let waited = started.elapsed();
                    if has_record {
                        note_timeout(&path, waited);
                    }
                    observe::timed_out(&path, waited);
                    return Err(LockError::TimedOut { holder: one_holder(&path), path, waited });
                }
            };
            observe::acquired(&path, mode, waited);
            warn_once(&locked);
            let own = has_record.then(|| table().own());
            let record = own.and_then(|own| OwnRecord::write(&locked.file, own, waited));
            held.add(locked, record);
        }
        held.complete(started.elapsed());
        Ok(held)
    }

    /// The lock files to take, in the order of their canonical paths: two processes that need the same two then never
    /// wait for each other.
    fn paths(&self, mode: Mode) -> Result<Vec<PathBuf>, LockError> {
        let link = self.guarded.as_ref().filter(|path| is_link(path));
        if link.is_none() && self.further.is_empty() {
            return Ok(vec![self.path.clone()]);
        }
        let mut paths = Vec::with_capacity(2 + self.further.len());
        if let Some(link) = link {
            let target = fs::canonicalize(link);
            let target = target.map_err(|source| LockError::Inspect { path: link.clone(), source })?;
            paths.push(with_lock_suffix(&target));
        }
        for path in std::iter::once(&self.path).chain(&self.further) {
            let folder = folder_of(path);
            if mode == Mode::Exclusive {
                create_folder(path)?;
            }
            let canonical = fs::canonicalize(folder);
            let canonical = canonical.map_err(|source| LockError::Inspect { path: folder.into(), source })?;
            let Some(name) = path.file_name() else {
                return Err(LockError::NotALockFile { path: path.clone(), what: "a folder" });
            };
            paths.push(canonical.join(name));
        }
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Somebody who has the lock at `path`. The one that the record names is asked first: that takes one process's descriptors
/// instead of those of all.
fn one_holder(path: &Path) -> Option<LockProcess> {
    let file = fs::metadata(path).ok()?;
    let recorded = read_content(path).ok().and_then(|content| LockRecord::parse(&content)?.process);
    let recorded = recorded.and_then(|process| holder(process.pid, &file));
    recorded.or_else(|| holders_of(&file).into_iter().next())
}

fn with_lock_suffix(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    name.into()
}

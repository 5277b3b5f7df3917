//! Finding lock files by their names.

use crate::rules::{Root, Rules, without_dots};
use crate::verdict::Reason;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a scan found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Found {
    /// The folders that were read: what comes into being in one of them, the next scan finds.
    pub folders: Vec<PathBuf>,
    /// What bears the name of a lock file, whatever it is, sorted by path.
    pub locks: Vec<FoundLock>,
    /// What killed writers may have left: `.NAME.new`, sorted.
    pub temporaries: Vec<PathBuf>,
    /// What killed janitors may have left: `.NAME.retired.PID`, sorted.
    pub retired: Vec<FoundLock>,
    /// What is named like a lock but not looked after, sorted.
    pub passed_over: Vec<(PathBuf, Reason)>,
    /// What could not be looked at.
    pub troubles: Vec<Trouble>,
}

/// Something that bears the name of a lock file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct FoundLock {
    /// Its path.
    pub path: PathBuf,
    /// The folder of the root that it was found in.
    pub root: Arc<Path>,
    /// Whether it is the run lock of a task.
    pub is_run_lock: bool,
}

/// A path that could not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// A folder to start from does not exist.
    #[error("{} does not exist", path.display())]
    NoSuchFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A folder to start from lies below `.git`, where lock files have another meaning.
    #[error("{} lies below .git and is not looked at", path.display())]
    BelowGit {
        /// The folder.
        path: PathBuf,
    },
    /// A folder could not be read.
    #[error("cannot read the folder {}", path.display())]
    ReadFolder {
        /// The folder.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// A lock file could not be looked at.
    #[error("cannot look at {}", path.display())]
    Inspect {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// What a killed writer left could not be cleared.
    #[error("cannot clear what a killed writer left beside {}", path.display())]
    Clear {
        /// The file that it was to become.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Box<atomic_io::FileError>,
    },
    /// Whether a lock is held could not be found out.
    #[error("cannot tell whether {} is held", path.display())]
    Probe {
        /// The lock file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: lock_core::LockError,
    },
}

/// Collects what bears the name of a lock file in the roots and below them. Symbolic links are not followed (a folder that is given may be
/// one), and nothing is looked at below `.git`. What cannot be read is a [`Trouble`]; the rest is scanned all the same. `stop` is asked often:
/// once it says yes, the rest is left out.
pub fn scan(roots: &[Root], rules: &Rules, stop: &dyn Fn() -> bool) -> Found {
    let mut found = Found::default();
    for root in roots {
        let folder = &root.folder;
        match fs::canonicalize(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                found.troubles.push(Trouble::NoSuchFolder { path: folder.into() });
            }
            Err(source) => found.troubles.push(Trouble::ReadFolder { path: folder.into(), source }),
            Ok(path) if path.iter().any(|part| part == ".git") => {
                found.troubles.push(Trouble::BelowGit { path: folder.into() });
            }
            Ok(_) => {
                // What is left out is known by the path below the root, so entries have to begin as their root does.
                let folder = without_dots(folder);
                Walk { root, rules, stop, folder: folder.into(), found: &mut found }.all();
            }
        }
    }
    found.sort();
    found
}

impl Found {
    /// A file may lie below two roots.
    fn sort(&mut self) {
        for locks in [&mut self.locks, &mut self.retired] {
            locks.sort();
            locks.dedup_by(|b, a| a.path == b.path);
        }
        self.temporaries.sort();
        self.temporaries.dedup();
        self.passed_over.sort_by(|a, b| a.0.cmp(&b.0));
        self.passed_over.dedup_by(|b, a| a.0 == b.0);
    }
}

struct Walk<'a> {
    root: &'a Root,
    rules: &'a Rules,
    stop: &'a dyn Fn() -> bool,
    folder: Arc<Path>,
    found: &'a mut Found,
}

impl Walk<'_> {
    /// A list of folders still to read instead of recursion: depth is no danger then.
    fn all(&mut self) {
        let mut folders = vec![(self.folder.to_path_buf(), 0)];
        while let Some((folder, depth)) = folders.pop().filter(|_| !(self.stop)()) {
            let failed = |source| Trouble::ReadFolder { path: folder.clone(), source };
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                // A folder that was there a moment ago and is gone now holds no locks.
                Err(error) if depth > 0 && error.kind() == ErrorKind::NotFound => continue,
                Err(source) => {
                    self.found.troubles.push(failed(source));
                    continue;
                }
            };
            self.found.folders.push(folder.clone());
            let in_run_folder = is_run_folder(&folder);
            for entry in entries.take_while(|_| !(self.stop)()) {
                match entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind.is_dir()))) {
                    Ok((entry, is_folder)) => {
                        let path = self.entry(&entry, in_run_folder);
                        if is_folder && self.is_entered(&path, depth) {
                            folders.push((path, depth + 1));
                        }
                    }
                    Err(source) => self.found.troubles.push(failed(source)),
                }
            }
        }
    }

    /// Notes what an entry is, and returns its path.
    fn entry(&mut self, entry: &DirEntry, in_run_folder: bool) -> PathBuf {
        // `.` is where people are: they do not want to see it in front of every path.
        let path = entry.path();
        let path = path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path);
        let name = entry.file_name();
        let lock =
            || FoundLock { path: path.clone(), root: Arc::clone(&self.folder), is_run_lock: in_run_folder };
        match Name::of(&name, in_run_folder, self.rules) {
            _ if name == ".git" => self.found.passed_over.push((path.clone(), Reason::BelowGit)),
            Name::Lock | Name::Other if !self.is_wanted(&path, &name) => {}
            Name::Retired(of) if !self.is_wanted(&path, of) => {}
            Name::Temporary(of) if !self.is_wanted(&path, &lock_of(of)) => {}
            Name::Lock => self.found.locks.push(lock()),
            Name::Retired(_) => self.found.retired.push(lock()),
            Name::Temporary(_) => self.found.temporaries.push(path.clone()),
            Name::Other => self.found.passed_over.push((path.clone(), Reason::NotOurName)),
            Name::NoLock => {}
        }
        path
    }

    fn is_entered(&self, path: &Path, depth: usize) -> bool {
        path.file_name() != Some(OsStr::new(".git"))
            && self.root.depth.is_none_or(|deepest| depth < deepest)
            && !self.root.exclude.is_match(self.below_root(path))
    }

    /// Whether `path`, which is the lock file `lock` in the same folder or was left beside it, is to be looked after.
    fn is_wanted(&self, path: &Path, lock: &OsStr) -> bool {
        let path = self.below_root(path);
        let lock = path.with_file_name(lock);
        let Root { include, exclude, .. } = self.root;
        (include.is_empty() || include.is_match(&lock)) && !exclude.is_match(&lock) && !exclude.is_match(path)
    }

    fn below_root<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.folder).unwrap_or(path)
    }
}

/// What a name says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name<'a> {
    Lock,
    /// A lock file that a janitor has moved aside; what it was called.
    Retired(&'a OsStr),
    /// What a save writes before it replaces a file; what that is called.
    Temporary(&'a OsStr),
    /// A lock of another kind.
    Other,
    NoLock,
}

impl<'a> Name<'a> {
    fn of(name: &'a OsStr, in_run_folder: bool, rules: &Rules) -> Self {
        let is_lock = |name: &OsStr| {
            ends(name, ".yaml.lock")
                || ends(name, ".yml.lock")
                || ends(name, ".lock") && in_run_folder
                || rules.names.is_match(Path::new(name))
        };
        // A name is anybody's to give: `.employees.retired.2023` was no lock file.
        if let Some(lock) = retired_name(name).filter(|lock| is_lock(lock)) {
            Self::Retired(lock)
        } else if is_lock(name) {
            Self::Lock
        } else if ends(name, ".lock") {
            Self::Other
        } else if let Some(document) = written_name(name) {
            Self::Temporary(document)
        } else {
            Self::NoLock
        }
    }
}

fn ends(name: &OsStr, suffix: &str) -> bool {
    name.len() > suffix.len() && name.as_bytes().ends_with(suffix.as_bytes())
}

/// The folder that `path` is in; a bare name, whose parent is the empty path, is in `.`.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name of the lock file that guards the document `name`.
fn lock_of(name: &OsStr) -> OsString {
    let mut lock = name.to_os_string();
    lock.push(".lock");
    lock
}

/// The name of the document that a temporary was to become: `.NAME.new`, or its backup, `.NAME.backup.new`.
pub(crate) fn written_name(name: &OsStr) -> Option<&OsStr> {
    let bytes = name.as_bytes().strip_prefix(b".")?.strip_suffix(b".new")?;
    let bytes = bytes.strip_suffix(b".backup").unwrap_or(bytes);
    let is_ours =
        [".yaml", ".yml"].iter().any(|end| bytes.len() > end.len() && bytes.ends_with(end.as_bytes()));
    is_ours.then(|| OsStr::from_bytes(bytes))
}

/// The name that a lock file had before a janitor moved it aside: `.NAME.retired.PID`.
pub(crate) fn retired_name(name: &OsStr) -> Option<&OsStr> {
    let bytes = name.as_bytes().strip_prefix(b".")?;
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let before = bytes.get(..bytes.len() - digits)?.strip_suffix(b".retired.")?;
    (digits > 0 && !before.is_empty()).then(|| OsStr::from_bytes(before))
}

/// Where supervisors keep one lock for each task that runs.
fn is_run_folder(folder: &Path) -> bool {
    // The name alone would not do for `.`: then the path says nothing.
    let whole = fs::canonicalize(folder);
    let folder = whole.as_deref().unwrap_or(folder);
    folder.file_name() == Some(OsStr::new("run"))
        && folder.parent().and_then(Path::file_name) == Some(OsStr::new(".mooring"))
}

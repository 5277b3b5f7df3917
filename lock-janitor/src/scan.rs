//! Finding lock files by their names.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What a scan found.
#[derive(Debug, Default)]
pub struct Found {
    /// The lock files, sorted by path.
    pub files: Vec<PathBuf>,
    /// What could not be looked at.
    pub troubles: Vec<Trouble>,
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

/// Collects the lock files in `folders` and below them. Symbolic links are not followed (a folder that is given may be one), and
/// nothing is looked at below `.git`. What cannot be read is a [`Trouble`]; the rest is scanned all the same.
pub fn scan(folders: &[impl AsRef<Path>]) -> Found {
    let mut found = Found::default();
    for folder in folders {
        let folder = folder.as_ref();
        match fs::canonicalize(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                found.troubles.push(Trouble::NoSuchFolder { path: folder.into() });
            }
            Err(source) => found.troubles.push(Trouble::ReadFolder { path: folder.into(), source }),
            Ok(path) if path.iter().any(|part| part == ".git") => {
                found.troubles.push(Trouble::BelowGit { path: folder.into() });
            }
            Ok(_) => found.walk(folder),
        }
    }
    found.files.sort();
    found.files.dedup();
    found
}

impl Found {
    /// A list of folders still to read instead of recursion: depth is no danger then.
    fn walk(&mut self, folder: &Path) {
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            let failed = |source| Trouble::ReadFolder { path: folder.clone(), source };
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(source) => {
                    self.troubles.push(failed(source));
                    continue;
                }
            };
            for entry in entries {
                match entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) {
                    Ok((entry, kind)) if kind.is_dir() && entry.file_name() != ".git" => {
                        folders.push(entry.path());
                    }
                    Ok((entry, kind)) if kind.is_file() && is_lock(&folder, &entry) => {
                        // `.` is where people are: they do not want to see it in front of every path.
                        let path = entry.path();
                        self.files.push(path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path));
                    }
                    Ok(_) => {}
                    Err(source) => self.troubles.push(failed(source)),
                }
            }
        }
    }
}

fn is_lock(folder: &Path, entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let ends = |suffix: &str| name.len() > suffix.len() && name.as_bytes().ends_with(suffix.as_bytes());
    ends(".yaml.lock") || ends(".yml.lock") || ends(".lock") && is_run_folder(folder)
}

/// Where supervisors keep one lock for each task that runs.
fn is_run_folder(folder: &Path) -> bool {
    // The name alone would not do for `.`: then the path says nothing.
    let whole = fs::canonicalize(folder);
    let folder = whole.as_deref().unwrap_or(folder);
    folder.file_name() == Some(OsStr::new("run"))
        && folder.parent().and_then(Path::file_name) == Some(OsStr::new(".mooring"))
}

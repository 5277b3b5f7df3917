//! What stands beside a shared file: its backup, and `.mooring/recovered/`, where nothing is thrown away.

use crate::FileError;
use crate::target::{Target, joined, sync_folder};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

impl Target {
    pub(crate) fn open(&self) -> Result<File, FileError> {
        File::open(&self.path).map_err(|error| self.read_error(error))
    }

    pub(crate) fn read(&self) -> Result<Vec<u8>, FileError> {
        let mut content = Vec::new();
        self.open()?.read_to_end(&mut content).map_err(|error| self.read_error(error))?;
        Ok(content)
    }

    fn read_error(&self, source: io::Error) -> FileError {
        let path = self.given.clone();
        if source.kind() == ErrorKind::NotFound {
            FileError::NotFound { path }
        } else {
            FileError::Read { path, source }
        }
    }

    /// The version before the last save, under the name that existing scripts know.
    pub(crate) fn backup(&self) -> PathBuf {
        self.folder.join(joined(OsStr::new(""), &self.name, ".backup"))
    }

    /// The backup while it is being copied, where there is no exchange.
    pub(crate) fn temporary_backup(&self) -> PathBuf {
        self.folder.join(joined(OsStr::new("."), &self.name, ".backup.new"))
    }

    /// Moves `stray` to `.mooring/recovered/`, under a name that was not used before. Whoever has it open still writes to it there.
    pub(crate) fn move_aside(&self, stray: &Path) -> Result<PathBuf, FileError> {
        let failed = |source| FileError::PutAside { path: stray.into(), source };
        let folder = self.hidden_folder("recovered").map_err(failed)?;
        for aside in self.unused_names(&folder) {
            if move_to_new(stray, &aside).map_err(failed)? {
                return Ok(aside);
            }
        }
        Err(failed(io::Error::from(ErrorKind::AlreadyExists)))
    }

    /// Copies `bytes`, which are about to be overwritten in the file, to `.mooring/recovered/`. They are on disk when this returns.
    pub(crate) fn keep_copy(&self, bytes: &[u8]) -> Result<PathBuf, FileError> {
        let failed = |source| FileError::PutAside { path: self.given.clone(), source };
        let folder = self.hidden_folder("recovered").map_err(failed)?;
        // Nobody else may read what nobody else may read in the file itself.
        let mut private = OpenOptions::new();
        private.write(true).create_new(true).mode(0o600);
        for aside in self.unused_names(&folder) {
            match private.open(&aside) {
                Ok(mut file) => {
                    let permissions = self.metadata.as_ref().map(fs::Metadata::permissions);
                    let kept = (permissions.map_or(Ok(()), |mode| file.set_permissions(mode)))
                        .and_then(|()| file.write_all(bytes))
                        .and_then(|()| file.sync_all())
                        .and_then(|()| sync_folder(&folder));
                    return match kept {
                        Ok(()) => Ok(aside),
                        Err(error) => {
                            // A piece of a version is none. What cannot be removed is listed as one, and does not parse.
                            let _ = fs::remove_file(&aside);
                            Err(failed(error))
                        }
                    };
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(io::Error::from(ErrorKind::AlreadyExists)))
    }

    /// A folder in `.mooring`. It is on disk itself, or what is in it could be gone after a power cut.
    pub(crate) fn hidden_folder(&self, name: &str) -> io::Result<PathBuf> {
        let hidden = self.folder.join(".mooring");
        let folder = hidden.join(name);
        if !folder.is_dir() {
            fs::create_dir_all(&folder)?;
            sync_folder(&hidden)?;
            sync_folder(&self.folder)?;
        }
        Ok(folder)
    }

    fn unused_names(&self, folder: &Path) -> impl Iterator<Item = PathBuf> {
        let now = stamp(Timestamp::now());
        (0_u32..1000).map(move |number| {
            let suffix = if number == 0 { format!(".{now}") } else { format!(".{now}.{number}") };
            folder.join(joined(OsStr::new(""), &self.name, &suffix))
        })
    }
}

/// A time as it stands in the names of files.
pub(crate) fn stamp(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Moves a file to another folder, but replaces nothing. `false` if something bears the name `to`. The new name is on disk before
/// the old one goes: where names change one by one, a power cut in the middle of a rename could leave neither.
pub(crate) fn move_to_new(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::hard_link(from, to) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        // No hard links here, or none to this file.
        Err(_) => return rename_to_new(from, to),
    }
    sync_folder(folder_of(to))?;
    fs::remove_file(from).map(|()| true)
}

fn rename_to_new(from: &Path, to: &Path) -> io::Result<bool> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(Errno::EXIST) => return Ok(false),
        // Only who holds the lock makes names in these folders, so looking before is as good.
        Err(errno) if is_missing(errno) => {
            if to.symlink_metadata().is_ok() {
                return Ok(false);
            }
            fs::rename(from, to)?;
        }
        Err(errno) => return Err(errno.into()),
    }
    sync_folder(folder_of(to)).map(|()| true)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Whether the filesystem has no rename with flags.
pub(crate) fn is_missing(errno: Errno) -> bool {
    matches!(errno, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

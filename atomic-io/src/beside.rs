//! What stands beside a shared file: its backup, and `.mooring/recovered/`, where nothing is thrown away.

use crate::FileError;
use crate::target::{Target, joined, sync_folder};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
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

    /// Moves `stray` to `.mooring/recovered/`, under a name that was not used before, and reports it.
    pub(crate) fn put_aside(&self, stray: &Path) -> Result<PathBuf, FileError> {
        let failed = |source| FileError::PutAside { path: stray.into(), source };
        let folder = self.folder.join(".mooring").join("recovered");
        fs::create_dir_all(&folder).map_err(failed)?;
        let now = Timestamp::now().to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
        for number in 0_u32..1000 {
            let suffix = if number == 0 { format!(".{now}") } else { format!(".{now}.{number}") };
            let aside = folder.join(joined(OsStr::new(""), &self.name, &suffix));
            match renameat_with(CWD, stray, CWD, &aside, RenameFlags::NOREPLACE) {
                Ok(()) => {
                    sync_folder(&folder).map_err(failed)?;
                    tracing::warn!(
                        "a version of {} that was never completed or was displaced is kept as {}",
                        self.given.display(),
                        aside.display()
                    );
                    return Ok(aside);
                }
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(failed(errno.into())),
            }
        }
        Err(failed(io::Error::from(ErrorKind::AlreadyExists)))
    }
}

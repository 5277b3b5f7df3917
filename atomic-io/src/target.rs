//! Which file a path means, and what stands beside it.

use crate::FileError;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A regular file, or the place of one that does not exist yet, with symbolic links followed.
#[derive(Debug)]
pub(crate) struct Target {
    /// The path as the caller gave it, for messages.
    pub(crate) given: PathBuf,
    pub(crate) path: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) name: OsString,
    /// Owner and mode of what stands there; a replacement gets them.
    pub(crate) metadata: Option<Metadata>,
    /// The file whose extended attributes a replacement gets.
    pub(crate) attributes_of: PathBuf,
}

impl Target {
    pub(crate) fn resolve(given: &Path) -> Result<Self, FileError> {
        let read = |source| FileError::Read { path: given.into(), source };
        let (path, metadata) = match fs::symlink_metadata(given) {
            Ok(found) if found.is_symlink() => match fs::canonicalize(given) {
                Ok(path) => {
                    let metadata = fs::metadata(&path).map_err(read)?;
                    (path, Some(metadata))
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return Err(FileError::DanglingLink { path: given.into() });
                }
                Err(error) => return Err(read(error)),
            },
            Ok(found) => (given.to_path_buf(), Some(found)),
            Err(error) if error.kind() == ErrorKind::NotFound => (given.to_path_buf(), None),
            Err(error) => return Err(read(error)),
        };
        if let Some(what) = metadata.as_ref().and_then(|found| not_regular(found.file_type())) {
            return Err(FileError::NotAFile { path: given.into(), what });
        }
        let Some(name) = path.file_name().map(OsStr::to_os_string) else {
            return Err(FileError::NotAFile { path: given.into(), what: "a folder" });
        };
        // The parent of a bare file name is the empty path, which cannot be opened and so cannot be synced.
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .to_path_buf();
        Ok(Self { given: given.into(), attributes_of: path.clone(), path, folder, name, metadata })
    }

    /// A replacement takes one name away from the old content. With several names the others would keep it.
    pub(crate) fn refuse_hard_links(&self) -> Result<(), FileError> {
        match self.metadata.as_ref().map_or(1, MetadataExt::nlink) {
            0 | 1 => Ok(()),
            links => Err(FileError::HardLinked { path: self.given.clone(), links }),
        }
    }

    /// The temporary of a save under the lock. One fixed name, so that what a killed writer leaves is found by the next.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder.join(joined(OsStr::new("."), &self.name, ".new"))
    }
}

/// Forces the names in `folder` to disk: without it a rename may be undone by a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

pub(crate) fn joined(prefix: &OsStr, name: &OsStr, suffix: &str) -> OsString {
    let mut whole = prefix.to_os_string();
    whole.push(name);
    whole.push(suffix);
    whole
}

fn not_regular(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("a folder")
    } else if kind.is_fifo() {
        Some("a FIFO")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}

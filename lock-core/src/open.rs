//! Opening a lock file without harming what is in it, and without hanging.

use crate::LockError;
use crate::acquire::{Mode, id_of};
use crate::table::FileId;
use rustix::fs::OFlags;
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Opens the lock file at `path`, creating it (and for a writer its folder) when it is missing.
///
/// With it comes which file it is, which never changes for an open one.
/// `None` means busy: somebody holds a lease on the file, and the open would have blocked.
///
/// The order of the attempts matters. Without `O_CREAT` first, because in a sticky folder
/// (`fs.protected_regular`) `O_CREAT` on somebody else's file is refused although a plain open is allowed.
/// Never `O_TRUNC`: what stands in the file belongs to its holder. `O_NONBLOCK`, because opening a file under lease
/// blocks in the kernel for up to 45 s otherwise. Read-only at last: `flock` needs no write permission.
pub(crate) fn open(path: &Path, mode: Mode) -> Result<Option<(File, FileId)>, LockError> {
    let mut result = open_once(path, true, false);
    if is(&result, Errno::NOENT) && matches!(mode, Mode::Exclusive | Mode::Shared) {
        result = open_once(path, true, true);
        if is(&result, Errno::NOENT) && mode == Mode::Exclusive {
            create_folder(path)?;
            result = open_once(path, true, true);
        }
    }
    if is(&result, Errno::ACCESS) || is(&result, Errno::ROFS) || is(&result, Errno::PERM) {
        // The first reason is the one that helps ("read-only file system"), not "no such file" of this second try.
        result = open_once(path, false, false).or(result);
    }
    match result {
        Ok(file) => regular(path, &file).map(|id| Some((file, id))),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => {
            Err(not_a_lock_file(path).unwrap_or_else(|| LockError::Open { path: path.into(), source: error }))
        }
    }
}

/// The folder part of `path`; `.` for a bare file name, whose parent is the empty path.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn open_once(path: &Path, write: bool, create: bool) -> io::Result<File> {
    without_waiting().read(true).write(write).create(create).truncate(false).mode(0o666).open(path)
}

/// The content of the lock file at `path`. While somebody holds a lease on it, that is an error: it does not wait.
pub(crate) fn read_content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    without_waiting().read(true).open(path)?.read_to_end(&mut content)?;
    Ok(content)
}

/// The lock file at `path`, to add to its end; an error while somebody holds a lease on it.
pub(crate) fn open_to_append(path: &Path) -> io::Result<File> {
    without_waiting().append(true).open(path)
}

fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    options
}

fn is<T>(result: &io::Result<T>, errno: Errno) -> bool {
    result.as_ref().is_err_and(|error| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Makes the folder of the lock file at `path`, if it is missing.
pub(crate) fn create_folder(path: &Path) -> Result<(), LockError> {
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(|source| LockError::CreateFolder { path: folder.into(), source })
}

/// A FIFO or a device opens without complaint; a lock on it would guard nothing that others look at.
fn regular(path: &Path, file: &File) -> Result<FileId, LockError> {
    let found = file.metadata().map_err(|source| LockError::Inspect { path: path.into(), source })?;
    if found.is_file() {
        Ok(id_of(&found))
    } else {
        Err(LockError::NotALockFile { path: path.into(), what: describe(found.file_type()) })
    }
}

fn not_a_lock_file(path: &Path) -> Option<LockError> {
    let kind = fs::symlink_metadata(path).ok()?.file_type();
    (!kind.is_file()).then(|| LockError::NotALockFile { path: path.into(), what: describe(kind) })
}

fn describe(kind: fs::FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

//! The folder of the janitor's own, `.mooring/janitor` in a root: opened step by step, never through a link.
//!
//! The root may belong to a user while the janitor is the system's. Whatever that user puts in the way, at whatever moment, must not lead
//! the janitor to another user's files: so what was opened is used, and no path is looked up twice.

use rustix::fs::{AtFlags, CWD, Dir, FlockOperation, Mode, OFlags};
use rustix::fs::{fchown, flock, fstat, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, geteuid};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const NAMES: [&str; 2] = [".mooring", "janitor"];
const LOCK: &str = "lock";

/// The opened folder.
#[derive(Debug)]
pub struct OwnFolder(OwnedFd);

impl OwnFolder {
    /// Where that of the root folder `root` is, for messages: by its path it is never used.
    #[must_use]
    pub fn path(root: &Path) -> PathBuf {
        NAMES.iter().fold(root.to_path_buf(), |path, name| path.join(name))
    }

    /// Where the janitor's lock of the root folder `root` is, to ask who has it.
    #[must_use]
    pub fn lock_path(root: &Path) -> PathBuf {
        Self::path(root).join(LOCK)
    }

    /// The root folder whose own folder has the path `path`; `None`: it has another name.
    #[must_use]
    pub fn root_of(path: &Path) -> Option<&Path> {
        NAMES.iter().rev().try_fold(path, |path, name| path.parent().filter(|_| path.ends_with(name)))
    }

    /// That of the root folder `root`.
    ///
    /// # Errors
    ///
    /// It is missing, or no folder, or a link.
    pub fn open(root: &Path) -> io::Result<Self> {
        let root = openat(CWD, root, FOLDER, Mode::empty())?;
        NAMES.iter().try_fold(root, |folder, name| enter(&folder, name)).map(Self)
    }

    /// The same; what is missing is made, and belongs to the owner of the root: `.mooring` is used by others too.
    ///
    /// # Errors
    ///
    /// It cannot be made, or is no folder, or a link.
    pub fn make(root: &Path) -> io::Result<Self> {
        let root = openat(CWD, root, FOLDER, Mode::empty())?;
        let whose = fstat(&root)?;
        NAMES
            .iter()
            .try_fold(root, |folder, name| {
                let is_made = match mkdirat(&folder, *name, Mode::from_raw_mode(0o777)) {
                    Ok(()) => true,
                    Err(Errno::EXIST) => false,
                    Err(errno) => return Err(errno.into()),
                };
                let folder = enter(&folder, name)?;
                if is_made {
                    // What does not succeed here shows when that user is refused.
                    let _ = give_if_new(&folder, whose.st_uid, whose.st_gid, &[]);
                }
                Ok(folder)
            })
            .map(Self)
    }

    /// The janitor's lock, which ends with the file; `None`: another janitor has it.
    ///
    /// # Errors
    ///
    /// The lock file cannot be made or locked.
    pub fn lock(&self) -> io::Result<Option<File>> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = |access| openat(&self.0, LOCK, flags | access, Mode::from_raw_mode(0o666));
        let made = open(OFlags::RDWR | OFlags::CREATE);
        // Another user's janitor may have made it; a lock needs no right to write. The first reason is the one that helps.
        let file = if made.is_err() { open(OFlags::RDONLY).or(made) } else { made };
        let file = regular(file?.into())?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Whether `file` is the lock that stands there.
    pub fn has_lock(&self, file: &File) -> bool {
        let there = rustix::fs::statat(&self.0, LOCK, AtFlags::SYMLINK_NOFOLLOW);
        there.is_ok_and(|there| {
            fstat(file).is_ok_and(|ours| (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino))
        })
    }

    pub(crate) fn read(&self, name: &str) -> io::Result<String> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut text = String::new();
        regular(openat(&self.0, name, flags, Mode::empty())?.into())?.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Puts a file with this text in the place of the one that is there.
    pub(crate) fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        let fresh = format!("{name}.{}.tmp", std::process::id());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let make = || openat(&self.0, &*fresh, flags, Mode::from_raw_mode(0o666));
        let file = make().or_else(|errno| {
            // Left by a janitor of this number that was killed; or a user's, who may not have it here.
            if errno == Errno::EXIST {
                unlinkat(&self.0, &*fresh, AtFlags::empty())?;
                return make();
            }
            Err(errno)
        })?;
        let written = File::from(file).write_all(text.as_bytes());
        written.and_then(|()| Ok(renameat(&self.0, &*fresh, &self.0, name)?)).inspect_err(|_| {
            let _ = unlinkat(&self.0, &*fresh, AtFlags::empty());
        })
    }
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

fn enter(folder: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    openat(folder, name, FOLDER.union(OFlags::NOFOLLOW), Mode::empty()).map_err(|errno| match errno {
        Errno::NOTDIR | Errno::LOOP => io::Error::other(format!("{name} is a symbolic link or no folder")),
        errno => errno.into(),
    })
}

/// A FIFO or a device would keep us waiting, or worse.
fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
}

/// Gives a folder that we have made away. Ours and with nothing in it but `expected`: another one that a user has moved there meanwhile stays
/// whose it is.
fn give_if_new(folder: &OwnedFd, uid: u32, gid: u32, expected: &[&OsStr]) -> io::Result<()> {
    let us = geteuid().as_raw();
    if uid == us || fstat(folder)?.st_uid != us {
        return Ok(());
    }
    for entry in Dir::read_from(folder)? {
        let name = OsString::from(OsStr::from_bytes(entry?.file_name().to_bytes()));
        if name != "." && name != ".." && !expected.contains(&&*name) {
            return Ok(());
        }
    }
    give(folder, uid, gid)
}

/// Gives what is open, and nothing that a path may lead to, to a user.
pub(crate) fn give(what: impl AsFd, uid: u32, gid: u32) -> io::Result<()> {
    Ok(fchown(what, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?)
}

/// Gives `.mooring` and `recovered` in `folder`, which were made for the file `recovered`, to the user that this belonged to.
pub(crate) fn give_recovered(folder: &Path, recovered: &OsStr, uid: u32, gid: u32) -> io::Result<()> {
    let outer = enter(&openat(CWD, folder, FOLDER, Mode::empty())?, ".mooring")?;
    let inner = enter(&outer, "recovered")?;
    give_if_new(&inner, uid, gid, &[recovered])?;
    give_if_new(&outer, uid, gid, &[OsStr::new("recovered")])
}

#[cfg(test)]
mod tests {
    use super::OwnFolder;
    use std::path::Path;

    #[test]
    fn the_root_is_found_from_the_folder_and_from_no_other() {
        let root = Path::new("/srv/work");
        assert_eq!(OwnFolder::root_of(&OwnFolder::path(root)), Some(root));
        for other in [
            "/srv/work",
            "/srv/janitor",
            "/srv/.mooring",
            "/srv/.mooring/janitor/x",
            "/srv/a.mooring/janitor",
        ] {
            assert_eq!(OwnFolder::root_of(Path::new(other)), None, "{other}");
        }
    }
}

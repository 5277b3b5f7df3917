//! What there is to go back to, and going back.

use crate::history::{after_name, time_of};
use crate::notice::Displaced;
use crate::replaced::{Keep, Manner};
use crate::save::{Saved, save};
use crate::shared_file::{RELOCKS, parse};
use crate::target::Target;
use crate::{Document, FileError, SharedFile};
use lock_core::LockError;
use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How often a restore is tried again because somebody without a lock saved in between.
const ATTEMPTS: u32 = 100;

/// A version of a file that stands beside it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Backup {
    /// Where it is.
    pub path: PathBuf,
    /// How it came there.
    pub kind: BackupKind,
    /// When it was last written to, which is when this version was saved.
    pub time: SystemTime,
    /// Its length in bytes.
    pub size: u64,
    /// Whether it parses, so that [`SharedFile::restore`] takes it.
    pub parses: bool,
}

/// How a version came to stand beside its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackupKind {
    /// `NAME.backup`: the version before the last save.
    Backup,
    /// In `.mooring/history/`: a backup that was kept longer.
    Snapshot,
    /// In `.mooring/recovered/`: displaced by a kill, a save without a lock, or a restore.
    Recovered,
}

impl SharedFile {
    /// The versions of this file that stand beside it, the one that was saved last first. Takes no lock.
    ///
    /// # Errors
    ///
    /// [`FileError::NotAFile`], [`FileError::DanglingLink`], and [`FileError::Read`] when a folder or a version cannot be read. A missing
    /// file is no error: its backups may be there.
    pub fn backups(&self) -> Result<Vec<Backup>, FileError> {
        let target = Target::resolve(&self.path)?;
        let mut found = vec![(target.backup(), BackupKind::Backup)];
        for (folder, kind) in [("history", BackupKind::Snapshot), ("recovered", BackupKind::Recovered)] {
            let folder = target.folder.join(".mooring").join(folder);
            let names = versions(&folder, &target.name)
                .map_err(|source| FileError::Read { path: folder.clone(), source })?;
            found.extend(names.into_iter().map(|path| (path, kind)));
        }
        let mut backups = Vec::new();
        for (path, kind) in found {
            match described(&path, kind) {
                // Pruned, or replaced, since its name was read.
                Err(FileError::NotFound { .. } | FileError::NotAFile { .. }) => {}
                backup => backups.push(backup?),
            }
        }
        backups.sort_by_key(|backup| Reverse(backup.time));
        Ok(backups)
    }

    /// Puts the version at `from` in the file's place, byte for byte, under the lock. `from` may be any file, not only one of
    /// [`backups`](Self::backups), and stays where it is; so does `NAME.backup`.
    ///
    /// The version that is replaced, whether it parses or not, goes to `.mooring/recovered/`, and its path is returned; `None` if there was
    /// no file, or it held the same bytes, and nothing was written. It does not become the backup, because the backup may be the very
    /// version that is restored or the only copy of another one, and not a snapshot, because those are removed after some time.
    ///
    /// # Errors
    ///
    /// [`FileError::Invalid`] with the place if what is at `from` does not parse; [`FileError::NotFound`], [`FileError::NotAFile`],
    /// [`FileError::DanglingLink`] and [`FileError::Read`] of either path; [`FileError::Lock`], [`FileError::Save`],
    /// [`FileError::DurabilityUnknown`] and [`FileError::Unsettled`] as in [`update`](Self::update).
    pub fn restore(&self, from: impl AsRef<Path>) -> Result<Option<PathBuf>, FileError> {
        let source = Target::resolve(from.as_ref())?;
        Target::resolve(&self.path)?;
        let mut lock = self.lock()?;
        // Read under the lock: a save could be replacing the backup just now.
        let document = parse(&source, source.read()?)?;
        let content = document.text().as_bytes();
        let manner = Manner { keep: Keep::Nothing, ..self.manner.clone() };
        let (mut overtaken, mut relocked) = (0, 0);
        loop {
            let mut target = Target::resolve(&self.path)?;
            let current = match target.read() {
                Err(FileError::NotFound { .. }) => None,
                current => Some(current?),
            };
            if current.as_deref() == Some(content) {
                return Ok(None);
            }
            if current.is_none() {
                // What was removed had the mode that its backup still has.
                target.metadata.clone_from(&source.metadata);
                target.attributes_of.clone_from(&source.path);
            }
            // Before the save, on disk: where names change one by one a power cut in the middle of it could leave no name to what
            // comes out.
            let aside = current.as_ref().map(|current| target.keep_copy(current)).transpose()?;
            let saved = save(&target, &lock, current.as_deref(), content, &manner);
            match &aside {
                Some(aside) if is_in_place(&saved) => manner.tell_aside(&target, aside, Displaced::Restored),
                // What stands in the file needs no copy; one that cannot be removed does no harm.
                Some(aside) => drop(fs::remove_file(aside)),
                None => {}
            }
            match saved {
                Ok(Saved::Yes(_)) => return Ok(aside),
                Ok(Saved::Overtaken) if overtaken < ATTEMPTS => overtaken += 1,
                Ok(Saved::Overtaken) => {
                    return Err(FileError::Unsettled { path: self.path.clone(), times: ATTEMPTS });
                }
                Err(FileError::Lock(LockError::Replaced { .. })) if relocked < RELOCKS => {
                    relocked += 1;
                    drop(lock);
                    lock = self.lock()?;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn is_in_place(saved: &Result<Saved, FileError>) -> bool {
    matches!(saved, Ok(Saved::Yes(_)) | Err(FileError::DurabilityUnknown { .. }))
}

/// What stands in `folder` under the name of the file and a time.
fn versions(folder: &Path, name: &OsStr) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    // A number may follow the time, where two were put aside in one second.
    let is_version = |entry: &OsStr| {
        let time =
            after_name(entry, name).map(|suffix| suffix.split_once('.').map_or(suffix, |(time, _)| time));
        time.and_then(time_of).is_some()
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry?;
        if is_version(&entry.file_name()) {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

fn described(path: &Path, kind: BackupKind) -> Result<Backup, FileError> {
    let target = Target::resolve(path)?;
    let content = target.read()?;
    let found = target.metadata.as_ref().ok_or_else(|| FileError::NotFound { path: path.into() })?;
    let time = found.modified().map_err(|source| FileError::Read { path: path.into(), source })?;
    let size = content.len() as u64;
    let parses = String::from_utf8(content).is_ok_and(|text| Document::parse(text).is_ok());
    Ok(Backup { path: path.into(), kind, time, size, parses })
}

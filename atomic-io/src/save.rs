//! One save of one file, under its lock: temporary, fsync, exchange, comparison, backup, fsync of the folder, a last look.
//!
//! Each step is there for a state that a crash or another program was seen to leave:
//! without the first fsync the new name can point to an empty or torn file after a power cut; without the second a save
//! that was called durable can be gone; without the exchange and the comparison an editor's save that happened
//! between our read and our rename would be overwritten unseen; without the last look one that it was still writing would
//! be gone with the backup.

mod no_exchange;
#[cfg(test)]
mod tests;

use crate::beside::is_missing;
use crate::error::{FileError, SaveStep};
use crate::metadata::copy_metadata;
use crate::notice::Displaced;
use crate::replaced::{Keep, Manner, Replaced, holds};
use crate::stillness::Looked;
use crate::target::{Target, sync_folder};
use lock_core::{ExclusiveLock, LockError, LockFile, Wait};
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::thread;
use std::time::Duration;
use tempfile::TempPath;

/// How often an exchange is tried when the target is missing for a moment: editors that rename in two steps take it away.
const ABSENCES: u32 = 20;
const ABSENCE_PAUSE: Duration = Duration::from_millis(5);
/// How many foreign saves in a row are put back in their order before giving up.
const EXCHANGES: u32 = 16;
/// How long a writer whose lock file was removed waits for the one that holds the removed one: a save takes milliseconds.
const WRITERS: Wait = Wait::AtMost(Duration::from_secs(10));

/// What became of a save.
#[derive(Debug)]
pub(crate) enum Saved {
    /// The new content is in place and durable.
    Yes(Late),
    /// A program without a lock saved meanwhile. Its version stands untouched; the update has to be run on it.
    Overtaken,
}

/// What a program without a lock wrote into the replaced version after the comparison, if it did. It is put aside and reported.
pub(crate) type Late = Option<Vec<u8>>;

/// Replaces the content of `target`, which must still be `expected` (`None`: there must be no file), by `content`.
pub(crate) fn save(
    target: &Target,
    lock: &ExclusiveLock,
    expected: Option<&[u8]>,
    content: &[u8],
    manner: &Manner,
) -> Result<Saved, FileError> {
    let save = Save { target, expected, content, manner };
    save.clear_second_name()?;
    let writer = match expected {
        Some(expected) => match save.only_writer(expected)? {
            Some(writer) => Some(writer),
            None => return Ok(Saved::Overtaken),
        },
        None => None,
    };
    // Kept open to the end: from the exchange on, this is the file whose lock the next writer waits for.
    let (ours, temporary) = save.write_temporary()?;
    // People do `rm -f *.lock`. Who came after that did not wait for us and may have saved.
    lock.verify()?;
    match (expected, &writer) {
        (Some(expected), Some((_, looked))) => save.exchange(&ours, temporary, expected, looked),
        _ => save.put_new(temporary),
    }
}

/// Clears what a killed writer left beside a file that is not saved whole this time. Under the lock.
pub(crate) fn clear_leftovers(target: &Target, manner: &Manner) -> Result<(), FileError> {
    for leftover in [target.temporary(), target.temporary_backup()] {
        if !fs::symlink_metadata(&leftover).is_ok_and(|found| found.is_file()) {
            continue;
        }
        // With the lock file removed a writer may be at work beside us; it has its temporary locked.
        let locked = File::open(&leftover)
            .and_then(|file| Ok(flock(&file, FlockOperation::NonBlockingLockExclusive).map(|()| file)?));
        if let Ok(_locked) = locked {
            let current = match target.read() {
                Err(FileError::NotFound { .. }) => None,
                current => Some(current?),
            };
            Save { target, expected: current.as_deref(), content: &[], manner }.clear_leftover(&leftover)?;
        }
    }
    Ok(())
}

struct Save<'a> {
    target: &'a Target,
    expected: Option<&'a [u8]>,
    content: &'a [u8],
    manner: &'a Manner,
}

/// A file by what it is, not by its name.
type Identity = (u64, u64);

impl Save<'_> {
    fn failed(&self, step: SaveStep) -> impl FnOnce(io::Error) -> FileError {
        let path = self.target.given.clone();
        move |source| FileError::Save { path, step, source }
    }

    fn unknown(&self, step: SaveStep) -> impl FnOnce(io::Error) -> FileError {
        let path = self.target.given.clone();
        move |source| FileError::DurabilityUnknown { path, step, source }
    }

    /// Something besides went wrong when the new content was in place already.
    fn saved_but(&self, step: SaveStep) -> impl FnOnce(FileError) -> FileError {
        let unknown = self.unknown(step);
        move |error| match error {
            FileError::PutAside { source, .. } => unknown(source),
            other => other,
        }
    }

    fn not_renamed(&self, error: io::Error) -> FileError {
        if error.kind() == ErrorKind::ResourceBusy {
            FileError::MountPoint { path: self.target.given.clone(), source: error }
        } else {
            self.failed(SaveStep::Rename)(error)
        }
    }

    /// Makes this the only writer of ours, also when the lock file was removed and two of us each hold "the" lock: the target itself is
    /// locked, and the new version too before it takes the target's place, so whoever comes later waits for one of the two. Without it
    /// two writers shared the one temporary's name, and one put the other's half-written version in place. `None` if
    /// the target is not what was read any more.
    fn only_writer(&self, expected: &[u8]) -> Result<Option<(ExclusiveLock, Looked)>, FileError> {
        let lock = match LockFile::at(&self.target.path).exclusive_on_existing(WRITERS) {
            Ok(lock) => lock,
            // An editor has it away for a moment, or for good; the next run of the update will see.
            Err(LockError::Open { source, .. }) if source.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let found = Replaced::open(&self.target.path, expected);
        match found.and_then(|found| Ok(found.is_as_read()?.then_some(found.looked))) {
            Ok(looked) => Ok(looked.map(|looked| (lock, looked))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(FileError::Read { path: self.target.given.clone(), source }),
        }
    }

    /// Where there is no rename that refuses to replace, a new file has the temporary's name too for a moment; a kill leaves it both.
    fn clear_second_name(&self) -> Result<(), FileError> {
        let Some(metadata) = &self.target.metadata else { return Ok(()) };
        let temporary = self.target.temporary();
        if metadata.nlink() == 2 && look(&temporary).is_ok_and(|found| found == identity(metadata)) {
            return fs::remove_file(&temporary)
                .map_err(|source| FileError::PutAside { path: temporary, source });
        }
        self.target.refuse_hard_links()
    }

    /// The whole new content, on disk, beside the target, and locked. Removed again when this is dropped.
    fn write_temporary(&self) -> Result<(File, TempPath), FileError> {
        let (mut file, path) = self.create(&self.target.temporary())?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|errno| self.failed(SaveStep::CreateTemporary)(errno.into()))?;
        copy_metadata(self.target, &file).map_err(self.failed(SaveStep::CopyMetadata))?;
        file.write_all(self.content).map_err(self.failed(SaveStep::Write))?;
        // A failed fsync is never tried again: the kernel may have dropped the pages and would report success.
        file.sync_all().map_err(self.failed(SaveStep::SyncFile))?;
        Ok((file, path))
    }

    /// A file under this one name, in place of what a killed writer left there.
    fn create(&self, path: &Path) -> Result<(File, TempPath), FileError> {
        let create = || {
            // A new file gets what the umask leaves of 0666, as from any program; an existing one's mode is copied afterwards.
            let mode = if self.target.metadata.is_some() { 0o600 } else { 0o666 };
            let name = path.file_name().unwrap_or_default();
            let mut builder = tempfile::Builder::new();
            let builder = builder.prefix(name).rand_bytes(0).permissions(Permissions::from_mode(mode));
            builder.tempfile_in(&self.target.folder).map(tempfile::NamedTempFile::into_parts)
        };
        match create() {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                self.clear_leftover(path)?;
                create()
            }
            other => other,
        }
        .map_err(self.failed(SaveStep::CreateTemporary))
    }

    /// Under the lock there is one writer, so a temporary that exists belongs to one that was killed. If it has no bytes, or they are
    /// kept elsewhere, it goes; if not, it may be the only copy of something.
    fn clear_leftover(&self, leftover: &Path) -> Result<(), FileError> {
        let aside = |source| FileError::PutAside { path: leftover.into(), source };
        let kept = match regular_content(leftover).map_err(aside)? {
            Some(bytes) => {
                bytes.is_empty()
                    || self.expected == Some(&bytes)
                    || regular_content(&self.target.backup())
                        .is_ok_and(|backup| backup.as_ref() == Some(&bytes))
            }
            None => false,
        };
        if kept {
            return fs::remove_file(leftover).map_err(aside);
        }
        self.manner.put_aside(self.target, leftover, Displaced::KilledWriter).map(drop)
    }

    fn put_new(&self, temporary: TempPath) -> Result<Saved, FileError> {
        match renameat_with(CWD, &*temporary, CWD, &self.target.path, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Ok(Saved::Overtaken),
            Err(errno) if is_missing(errno) => {
                // `link` refuses to replace as well; the temporary's own name goes when it is dropped.
                match fs::hard_link(&temporary, &self.target.path) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Saved::Overtaken),
                    other => other.map_err(self.failed(SaveStep::Rename))?,
                }
            }
            Err(errno) => return Err(self.failed(SaveStep::Rename)(errno.into())),
        }
        drop(temporary);
        sync_folder(&self.target.folder).map_err(self.unknown(SaveStep::SyncFolder))?;
        Ok(Saved::Yes(None))
    }

    fn exchange(
        &self,
        ours: &File,
        temporary: TempPath,
        expected: &[u8],
        looked: &Looked,
    ) -> Result<Saved, FileError> {
        let ours =
            ours.metadata().map(|found| identity(&found)).map_err(self.failed(SaveStep::CreateTemporary))?;
        // Most saves by others fall into our fsync, which takes milliseconds. Seen here they need no exchange back, during which
        // readers see for a moment what was never acknowledged.
        if !self.is_still(expected, looked).map_err(self.failed(SaveStep::Compare))? {
            return Ok(Saved::Overtaken);
        }
        match self.swap(&temporary) {
            Ok(()) => {}
            Err(error) if Errno::from_io_error(&error).is_some_and(is_missing) => {
                return self.rename_over(&temporary, expected);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Saved::Overtaken),
            Err(error) => return Err(self.not_renamed(error)),
        }
        // From here on the temporary's name bears the old version, which must not be deleted by accident.
        let old = temporary.keep().map_err(|error| self.unknown(SaveStep::Backup)(error.error))?;
        let replaced = Replaced::open(&old, expected).map_err(self.unknown(SaveStep::Compare))?;
        if !replaced.is_as_read().map_err(self.unknown(SaveStep::Compare))? {
            self.put_back(&old, ours)?;
            return Ok(Saved::Overtaken);
        }
        let named = match self.manner.keep {
            Keep::AsBackup => {
                let backup = self.target.backup();
                replaced.free_backup(self.target, self.manner).map_err(self.saved_but(SaveStep::Backup))?;
                fs::rename(&old, &backup).map_err(self.unknown(SaveStep::Backup))?;
                Some(backup)
            }
            Keep::Nothing => {
                fs::remove_file(&old).map_err(self.unknown(SaveStep::Backup))?;
                None
            }
        };
        self.finish(replaced, named.as_deref())
    }

    /// Whether the target is what was read, as far as can be seen now. One that is missing for a moment is waited for later.
    fn is_still(&self, expected: &[u8], looked: &Looked) -> io::Result<bool> {
        match fs::symlink_metadata(&self.target.path) {
            Ok(found) if looked.is_certainly(&found) => return Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
        match File::open(&self.target.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            found => holds(&found?, expected),
        }
    }

    /// Makes the new names durable, and looks at the replaced version, which is called `named` now, once more.
    fn finish(&self, replaced: Replaced<'_>, named: Option<&Path>) -> Result<Saved, FileError> {
        sync_folder(&self.target.folder).map_err(self.unknown(SaveStep::SyncFolder))?;
        let late = replaced.written_since().map_err(self.unknown(SaveStep::LookAgain))?;
        if let Some(late) = &late {
            let why = Displaced::WrittenLate;
            // By its name where it has one: who still writes to it then writes to what is kept.
            match named {
                Some(named) => self.manner.put_aside(self.target, named, why),
                None => self.manner.keep_copy(self.target, late, why),
            }
            .map_err(self.saved_but(SaveStep::LookAgain))?;
        }
        Ok(Saved::Yes(late))
    }

    /// Exchanges `temporary` and the target. A target that is missing for a moment is waited for.
    fn swap(&self, temporary: &Path) -> io::Result<()> {
        let mut absences = 0;
        loop {
            match renameat_with(CWD, temporary, CWD, &self.target.path, RenameFlags::EXCHANGE) {
                Err(Errno::NOENT) if absences < ABSENCES => {
                    absences += 1;
                    thread::sleep(ABSENCE_PAUSE);
                }
                other => return other.map_err(io::Error::from),
            }
        }
    }

    /// What came out was not what we had read: an editor saved in between. Its version goes back into place. If the file that
    /// comes out then is not the one we had put in, the editor saved once more, and that later version must win.
    fn put_back(&self, beside: &Path, ours: Identity) -> Result<(), FileError> {
        let mut in_place = ours;
        for _ in 0..EXCHANGES {
            let going_in = look(beside).map_err(self.unknown(SaveStep::Compare))?;
            if self.swap(beside).is_err() {
                break;
            }
            let came_out = look(beside).map_err(self.unknown(SaveStep::Compare))?;
            if came_out == in_place {
                // An editor may have written into ours in the moment it was in place.
                let is_untouched =
                    came_out == ours && fs::read(beside).is_ok_and(|bytes| bytes == self.content);
                return if is_untouched {
                    fs::remove_file(beside).map_err(self.unknown(SaveStep::Backup))
                } else {
                    self.manner.put_aside(self.target, beside, Displaced::SavedMeanwhile).map(drop)
                };
            }
            in_place = going_in;
        }
        self.manner.put_aside(self.target, beside, Displaced::SavedMeanwhile)?;
        Err(FileError::Unsettled { path: self.target.given.clone(), times: EXCHANGES })
    }
}

fn identity(found: &Metadata) -> Identity {
    (found.dev(), found.ino())
}

fn look(path: &Path) -> io::Result<Identity> {
    fs::symlink_metadata(path).map(|found| identity(&found))
}

/// The content of a regular file; `None` for anything else, whose reading could wait for ever.
fn regular_content(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if fs::symlink_metadata(path)?.is_file() { fs::read(path).map(Some) } else { Ok(None) }
}

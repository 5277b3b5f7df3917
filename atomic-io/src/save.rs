//! One save of one file, under its lock: temporary, fsync, exchange, comparison, backup, fsync of the folder.
//!
//! Each step is there for a state that a crash or another program was seen to leave:
//! without the first fsync the new name can point to an empty or torn file after a power cut; without the second a save
//! that was called durable can be gone; without the exchange and the comparison an editor's save that happened
//! between our read and our rename would be overwritten unseen.

use crate::error::{FileError, SaveStep};
use crate::replace;
use crate::target::{Target, copy_metadata, sync_folder};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    /// The new content is in place and durable.
    Yes,
    /// A program without a lock saved meanwhile. Its version stands untouched; the update has to be run on it.
    Overtaken,
}

/// Replaces the content of `target`, which must still be `expected` (`None`: there must be no file), by `content`.
pub(crate) fn save(
    target: &Target,
    lock: &ExclusiveLock,
    expected: Option<&[u8]>,
    content: &[u8],
) -> Result<Saved, FileError> {
    target.refuse_hard_links()?;
    let save = Save { target, expected, content };
    let _writer = match expected {
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
    match expected {
        None => save.put_new(temporary),
        Some(expected) => save.exchange(&ours, temporary, expected),
    }
}

/// Clears away what a killed writer left beside `target`, for those who change it without a temporary. The caller holds its lock.
pub(crate) fn clear_leftover(target: &Target) -> Result<(), FileError> {
    let is_there = || fs::symlink_metadata(target.temporary()).is_ok();
    if !is_there() {
        return Ok(());
    }
    let expected = match target.read() {
        // Who replaces it next clears it away.
        Err(FileError::NotFound { .. }) => return Ok(()),
        content => content?,
    };
    let save = Save { target, expected: Some(&expected), content: &[] };
    match save.only_writer(&expected)? {
        Some(_writer) if is_there() => save.clear_leftover(),
        // It was that of somebody at work, with another lock file; the next one looks again.
        _ => Ok(()),
    }
}

struct Save<'a> {
    target: &'a Target,
    expected: Option<&'a [u8]>,
    content: &'a [u8],
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

    /// Makes this the only writer of ours, also when the lock file was removed and two of us each hold "the" lock: the target itself is
    /// locked, and the new version too before it takes the target's place, so whoever comes later waits for one of the two. Without it
    /// two writers shared the one temporary's name, and one put the other's half-written version in place. `None` if
    /// the target is not what was read any more.
    fn only_writer(&self, expected: &[u8]) -> Result<Option<ExclusiveLock>, FileError> {
        let lock = match LockFile::at(&self.target.path).exclusive_on_existing(WRITERS) {
            Ok(lock) => lock,
            // An editor has it away for a moment, or for good; the next run of the update will see.
            Err(LockError::Open { source, .. }) if source.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok((self.target.read()? == expected).then_some(lock))
    }

    /// The whole new content, on disk, beside the target, and locked. Removed again when this is dropped.
    fn write_temporary(&self) -> Result<(File, TempPath), FileError> {
        let (mut file, path) = match create(self.target) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                self.clear_leftover()?;
                create(self.target)
            }
            other => other,
        }
        .map_err(self.failed(SaveStep::CreateTemporary))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|errno| self.failed(SaveStep::CreateTemporary)(errno.into()))?;
        copy_metadata(self.target, &file).map_err(self.failed(SaveStep::CopyMetadata))?;
        file.write_all(self.content).map_err(self.failed(SaveStep::Write))?;
        // A failed fsync is never tried again: the kernel may have dropped the pages and would report success.
        file.sync_all().map_err(self.failed(SaveStep::SyncFile))?;
        Ok((file, path))
    }

    /// Under the lock there is one writer, so a temporary that exists belongs to one that was killed. If it has no bytes, or they are
    /// kept elsewhere, it goes; if not, it may be the only copy of something.
    fn clear_leftover(&self) -> Result<(), FileError> {
        let leftover = self.target.temporary();
        let aside = |source| FileError::PutAside { path: leftover.clone(), source };
        let kept = match regular_content(&leftover).map_err(aside)? {
            Some(bytes) => {
                bytes.is_empty()
                    || self.expected == Some(&bytes)
                    || regular_content(&self.target.backup())
                        .is_ok_and(|backup| backup.as_ref() == Some(&bytes))
            }
            None => false,
        };
        if kept {
            return fs::remove_file(&leftover).map_err(aside);
        }
        self.target.put_aside(&leftover).map(drop)
    }

    fn put_new(&self, temporary: TempPath) -> Result<Saved, FileError> {
        match renameat_with(CWD, &*temporary, CWD, &self.target.path, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Ok(Saved::Overtaken),
            Err(errno) if exchange_is_missing(errno) => {
                // `link` refuses to replace as well; the temporary's own name goes when it is dropped.
                match fs::hard_link(&temporary, &self.target.path) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Saved::Overtaken),
                    other => other.map_err(self.failed(SaveStep::Rename))?,
                }
            }
            Err(errno) => return Err(self.failed(SaveStep::Rename)(errno.into())),
        }
        drop(temporary);
        self.sync_folder()
    }

    fn exchange(&self, ours: &File, temporary: TempPath, expected: &[u8]) -> Result<Saved, FileError> {
        let ours =
            ours.metadata().map(|found| identity(&found)).map_err(self.failed(SaveStep::CreateTemporary))?;
        match self.swap(&temporary) {
            Ok(()) => {}
            Err(error) if Errno::from_io_error(&error).is_some_and(exchange_is_missing) => {
                return self.rename_over(&temporary, expected);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Saved::Overtaken),
            Err(error) => return Err(self.failed(SaveStep::Rename)(error)),
        }
        // From here on the temporary's name bears the old version, which must not be deleted by accident.
        let old = temporary.keep().map_err(|error| self.unknown(SaveStep::Backup)(error.error))?;
        let taken_out = fs::read(&old).map_err(self.unknown(SaveStep::Compare))?;
        if taken_out != expected {
            self.put_back(&old, ours)?;
            return Ok(Saved::Overtaken);
        }
        fs::rename(&old, self.target.backup()).map_err(self.unknown(SaveStep::Backup))?;
        self.sync_folder()
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
                    self.target.put_aside(beside).map(drop)
                };
            }
            in_place = going_in;
        }
        self.target.put_aside(beside)?;
        Err(FileError::Unsettled { path: self.target.given.clone(), times: EXCHANGES })
    }

    /// For filesystems without an exchange: the backup is made first, by a copy, and the comparison comes before the rename,
    /// which leaves an editor the moment between the two.
    fn rename_over(&self, temporary: &Path, expected: &[u8]) -> Result<Saved, FileError> {
        let backup = Target::resolve(&self.target.backup())?;
        replace::put(&Target { metadata: self.target.metadata.clone(), ..backup }, expected)?;
        if fs::read(&self.target.path).map_err(self.failed(SaveStep::Compare))? != expected {
            return Ok(Saved::Overtaken);
        }
        fs::rename(temporary, &self.target.path).map_err(self.failed(SaveStep::Rename))?;
        self.sync_folder()
    }

    fn sync_folder(&self) -> Result<Saved, FileError> {
        sync_folder(&self.target.folder).map_err(self.unknown(SaveStep::SyncFolder))?;
        Ok(Saved::Yes)
    }
}

fn create(target: &Target) -> io::Result<(File, TempPath)> {
    let temporary = target.temporary();
    let name = temporary.file_name().unwrap_or_default();
    // A new file gets what the umask leaves of 0666, as from any program; an existing one's mode is copied afterwards.
    let file = tempfile::Builder::new()
        .prefix(name)
        .rand_bytes(0)
        .permissions(Permissions::from_mode(if target.metadata.is_some() { 0o600 } else { 0o666 }))
        .tempfile_in(&target.folder)?;
    Ok(file.into_parts())
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

fn exchange_is_missing(errno: Errno) -> bool {
    matches!(errno, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

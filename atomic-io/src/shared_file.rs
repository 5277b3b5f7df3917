//! A YAML file that several processes read and write.

use crate::notice::{Displaced, Notice, Observer};
use crate::replaced::{Keep, Manner};
use crate::save::{self, Saved, save};
use crate::target::Target;
use crate::{Document, FileError, ParseError, UpdateError};
use lock_core::{ExclusiveLock, LockError, LockFile, SharedLock, Wait};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often an update is run again because somebody without a lock saved in between.
const ATTEMPTS: u32 = 100;
/// The same for a lock file that is removed under it. Somebody who does so in a loop hits every other update, and each of these has to
/// wait for its turn again.
pub(crate) const RELOCKS: u32 = 200;

/// A YAML file that is only ever changed by read-modify-write under its lock, and replaced whole.
///
/// Cheap to make: nothing is opened until something is asked of it. Nothing is cached between calls, so no stale state can be
/// written back.
///
/// ```
/// use atomic_io::{Document, DocumentError, SharedFile, UpdateError};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("state.yaml");
/// let state = SharedFile::at(&path);
/// state.create(&Document::parse("# turns taken so far\nturns: 0  # by anybody\n")?)?;
/// state.update(|document| {
///     let turns: u32 = document.get("turns")?;
///     document.set("turns", &(turns + 1))?;
///     Ok::<_, DocumentError>(())
/// })?;
/// assert_eq!(state.read()?.text(), "# turns taken so far\nturns: 1  # by anybody\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SharedFile {
    pub(crate) path: PathBuf,
    wait: Wait,
    also: Vec<PathBuf>,
    pub(crate) manner: Manner,
}

impl SharedFile {
    /// The file at `path`, whose lock is waited for at most 10 s unless [`wait`](Self::wait) says otherwise.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().into(),
            wait: Wait::AtMost(Duration::from_secs(10)),
            also: Vec::new(),
            manner: Manner::default(),
        }
    }

    /// The same file with another bound on waiting for its lock.
    #[must_use]
    pub fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// The same file, whose lock is taken together with the lock file at `path`: for programs that know the lock under that name.
    #[must_use]
    pub fn also_lock(mut self, path: impl AsRef<Path>) -> Self {
        self.also.push(path.as_ref().into());
        self
    }

    /// The same file, saved without keeping the version before: no `NAME.backup`, and no snapshots. A backup that is there stays as it is.
    #[must_use]
    pub fn without_backup(mut self) -> Self {
        self.manner.keep = Keep::Nothing;
        self
    }

    /// The same file, with somebody who is told what a save that succeeds has to tell nevertheless, such as a version that was put aside.
    /// It is called while the lock is held.
    #[must_use]
    pub fn notices(mut self, observer: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        self.manner.observer = Observer::new(observer);
        self
    }

    /// The path, as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file without a lock. Saves are atomic, so this is the content before or after any of them, whole.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`], [`FileError::NotAFile`], [`FileError::DanglingLink`], [`FileError::Read`]; and
    /// [`FileError::Invalid`], with line and column, when the content is not YAML.
    pub fn read(&self) -> Result<Document, FileError> {
        let target = Target::resolve(&self.path)?;
        parse(&target, target.read()?)
    }

    /// Reads the file under its shared lock: also no program that takes the lock but writes in place is seen half done.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and [`FileError::Lock`].
    pub fn read_locked(&self) -> Result<Document, FileError> {
        let target = Target::resolve(&self.path)?;
        target.open()?;
        let _held: SharedLock = self.lock_file().shared(self.wait)?;
        self.read()
    }

    /// Changes the file: takes its lock, reads it, runs `operation` on it, and saves the result whole and durable, the version before
    /// under `NAME.backup`, and what was the backup before under `.mooring/history/` if no snapshot is younger than 10 minutes. If `operation`
    /// fails, or changes nothing, nothing is written.
    ///
    /// `operation` may be run more than once, each time on a fresh read: a program that takes no lock may have saved meanwhile. So
    /// it should have no effect but on its document. If such a program was still writing into the version that was just replaced, what it
    /// wrote is put aside and reported ([`notices`](Self::notices)), and `operation` is run on that as well: if it succeeds there, the result
    /// is saved in place of the first, which is put aside too.
    ///
    /// # Errors
    ///
    /// [`UpdateError::Operation`] is `operation`'s own error. [`UpdateError::File`]: as [`read`](Self::read);
    /// [`FileError::Lock`] when the lock is not to be had in time; [`FileError::Save`] when saving failed and nothing changed;
    /// [`FileError::DurabilityUnknown`] when the change is in place but may not be on disk; [`FileError::Unsettled`] when others
    /// kept saving without a lock.
    pub fn update<T, E>(
        &self,
        mut operation: impl FnMut(&mut Document) -> Result<T, E>,
    ) -> Result<T, UpdateError<E>> {
        // Before the lock: a mistyped path must not leave a lock file and folders behind.
        Target::resolve(&self.path)?.open()?;
        let mut lock = self.lock()?;
        let (mut overtaken, mut relocked) = (0, 0);
        loop {
            let target = Target::resolve(&self.path)?;
            let before = target.read()?;
            let mut document = parse(&target, before.clone())?.checked_once();
            let mut outcome = operation(&mut document).map_err(UpdateError::Operation)?;
            if !document.is_sound() {
                // With a check after each edit the one that did harm is refused, by its path.
                document = parse(&target, before.clone())?;
                outcome = operation(&mut document).map_err(UpdateError::Operation)?;
            }
            let after = document.into_text().into_bytes();
            if after == before {
                return Ok(outcome);
            }
            match save(&target, &lock, Some(&before), &after, &self.manner) {
                Ok(Saved::Yes(None)) => return Ok(outcome),
                Ok(Saved::Yes(Some(late))) => {
                    let again = self.update_late(&lock, late, &after, operation)?;
                    return Ok(again.unwrap_or(outcome));
                }
                Ok(Saved::Overtaken) if overtaken < ATTEMPTS => overtaken += 1,
                Ok(Saved::Overtaken) => {
                    return Err(FileError::Unsettled { path: self.path.clone(), times: ATTEMPTS }.into());
                }
                Err(FileError::Lock(LockError::Replaced { .. })) if relocked < RELOCKS => {
                    relocked += 1;
                    drop(lock);
                    lock = self.lock()?;
                }
                Err(error) => return Err(error.into()),
            }
            tracing::info!(path = %self.path.display(), "changed without a lock meanwhile; updating again");
        }
    }

    /// Runs the update again on what a program without a lock wrote into the version that was just replaced by `saved`. Nothing of it
    /// is an error of the update, which is saved: both versions are kept aside, and `None` means that `saved` stays in place.
    fn update_late<T, E>(
        &self,
        lock: &ExclusiveLock,
        late: Vec<u8>,
        saved: &[u8],
        mut operation: impl FnMut(&mut Document) -> Result<T, E>,
    ) -> Result<Option<T>, FileError> {
        let target = Target::resolve(&self.path)?;
        let Ok(mut document) = parse(&target, late) else { return Ok(None) };
        let Ok(outcome) = operation(&mut document) else { return Ok(None) };
        // The program may not have known of updates that others made since it read the file.
        self.manner.keep_copy(&target, saved, Displaced::RunAgain)?;
        match save(&target, lock, Some(saved), document.text().as_bytes(), &self.manner) {
            Ok(Saved::Yes(_)) => Ok(Some(outcome)),
            Err(error @ FileError::DurabilityUnknown { .. }) => Err(error),
            Ok(Saved::Overtaken) | Err(_) => Ok(None),
        }
    }

    /// Puts a file with this content where there is none, with missing folders.
    ///
    /// # Errors
    ///
    /// [`FileError::AlreadyExists`] if something stands there, whatever it holds; otherwise as [`update`](Self::update).
    pub fn create(&self, content: &Document) -> Result<(), FileError> {
        let exists = || FileError::AlreadyExists { path: self.path.clone() };
        if Target::resolve(&self.path)?.metadata.is_some() {
            return Err(exists());
        }
        let lock = self.lock()?;
        match save(&Target::resolve(&self.path)?, &lock, None, content.text().as_bytes(), &self.manner)? {
            Saved::Yes(_) => Ok(()),
            Saved::Overtaken => Err(exists()),
        }
    }

    /// Replaces the whole content under the lock, or creates the file. The version before is kept as `NAME.backup`.
    ///
    /// For a change that depends on what is there, use [`update`](Self::update).
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update): content that is no YAML now is not overwritten either.
    pub fn write(&self, content: &Document) -> Result<(), FileError> {
        loop {
            match self.create(content) {
                Err(FileError::AlreadyExists { .. }) => {}
                other => return other,
            }
            let replaced = self.update(|document| {
                *document = content.clone();
                Ok::<_, std::convert::Infallible>(())
            });
            match replaced {
                Ok(()) => return Ok(()),
                Err(UpdateError::Operation(never)) => match never {},
                // Removed in between: create it after all.
                Err(UpdateError::File(FileError::NotFound { .. })) => {}
                Err(UpdateError::File(error)) => return Err(error),
            }
        }
    }

    /// Clears what a writer that was killed left beside the file: its temporary goes if it has no bytes or they are kept elsewhere, in
    /// the file or its backup; otherwise it is moved to `.mooring/recovered/` and reported ([`notices`](Self::notices)). Every save does
    /// the same by itself; this is for files that nobody saves.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), but a missing file is none; [`FileError::Lock`] when the lock is not to be had in time: then a writer may be
    /// at work; [`FileError::PutAside`].
    pub fn clear_leftovers(&self) -> Result<(), FileError> {
        Target::resolve(&self.path)?;
        let _lock = self.lock()?;
        save::clear_leftovers(&Target::resolve(&self.path)?, &self.manner)
    }

    pub(crate) fn lock(&self) -> Result<ExclusiveLock, FileError> {
        Ok(self.lock_file().exclusive(self.wait)?)
    }

    fn lock_file(&self) -> LockFile {
        self.also.iter().fold(LockFile::guarding(&self.path), LockFile::also)
    }
}

/// Not UTF-8 is a parse error with a place like any other.
pub(crate) fn parse(target: &Target, content: Vec<u8>) -> Result<Document, FileError> {
    let invalid = |error| FileError::Invalid { path: target.given.clone(), error };
    match String::from_utf8(content) {
        Ok(text) => Document::parse(text).map_err(invalid),
        Err(error) => Err(invalid(not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))),
    }
}

fn not_utf8(content: &[u8], good: usize) -> ParseError {
    let before = String::from_utf8_lossy(&content[..good]);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = String::from_utf8_lossy(&content[line_start..]);
    ParseError {
        line: 1 + before.matches('\n').count(),
        column: 1 + before[line_start..].chars().count(),
        message: "the bytes here are not UTF-8".into(),
        line_text: rest.lines().next().unwrap_or_default().into(),
    }
}

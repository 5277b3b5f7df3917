//! What becomes of the version that a save has replaced.

use crate::FileError;
use crate::notice::{Displaced, Notice, Observer};
use crate::stillness::{Looked, Stillness, wait_until_quiet};
use crate::target::Target;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a program that is writing into the replaced version is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a save does with the version that it replaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It becomes the backup, and the backup before it a snapshot if one is due.
    #[default]
    AsBackup,
    /// It goes, and the backup stays the one it is.
    Nothing,
}

/// What a caller may ask of a save.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manner {
    pub(crate) keep: Keep,
    pub(crate) observer: Observer,
}

impl Manner {
    /// Moves `stray`, which stands beside `target`, to `.mooring/recovered/` and reports it.
    pub(crate) fn put_aside(
        &self,
        target: &Target,
        stray: &Path,
        why: Displaced,
    ) -> Result<PathBuf, FileError> {
        let aside = target.move_aside(stray)?;
        self.tell_aside(target, &aside, why);
        Ok(aside)
    }

    /// The same with a copy of these bytes.
    pub(crate) fn keep_copy(
        &self,
        target: &Target,
        bytes: &[u8],
        why: Displaced,
    ) -> Result<PathBuf, FileError> {
        let aside = target.keep_copy(bytes)?;
        self.tell_aside(target, &aside, why);
        Ok(aside)
    }

    pub(crate) fn tell_aside(&self, target: &Target, aside: &Path, why: Displaced) {
        let (file, aside) = (target.given.clone(), aside.into());
        self.observer.tell(&Notice::PutAside { file, aside, why });
    }
}

/// The version that was replaced, by its descriptor: whoever has it open can still write to it, whatever it is called.
#[derive(Debug)]
pub(crate) struct Replaced<'a> {
    file: File,
    pub(crate) looked: Looked,
    /// What it holds, if nobody wrote to it since it was read.
    pub(crate) content: &'a [u8],
}

impl<'a> Replaced<'a> {
    /// Opens the file that is called `path` now, which should hold `content`.
    pub(crate) fn open(path: &Path, content: &'a [u8]) -> io::Result<Self> {
        let file = File::open(path)?;
        let looked = Looked::at(&file.metadata()?)?;
        Ok(Self { file, looked, content })
    }

    /// Whether it holds what it should.
    pub(crate) fn is_as_read(&self) -> io::Result<bool> {
        holds(&self.file, self.content)
    }

    /// Makes the name of the backup free for this version: what bears it becomes a snapshot if one is due, or is put aside if a
    /// program without a lock wrote to it after it had become the backup. Otherwise it stays, to be replaced.
    pub(crate) fn free_backup(&self, target: &Target, manner: &Manner) -> Result<(), FileError> {
        let backup = target.backup();
        let failed = |source| FileError::PutAside { path: backup.clone(), source };
        let found = match fs::symlink_metadata(&backup) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            found => found.map_err(failed)?,
        };
        if !found.is_file() {
            return Ok(());
        }
        // A backup is older than the version that took its place, unless somebody still had it open.
        let is_younger = found.modified().map_err(failed)? > self.looked.modified;
        if is_younger && fs::read(&backup).map_err(failed)? != self.content {
            return manner.put_aside(target, &backup, Displaced::WrittenLate).map(drop);
        }
        target.snapshot(&backup, &manner.observer);
        Ok(())
    }

    /// Whether a program without a lock went on writing to this version after it had been compared. If so, returns what it wrote, when
    /// it is done with it or was waited for long enough; that is on disk then, under whatever name the file has.
    pub(crate) fn written_since(mut self) -> io::Result<Option<Vec<u8>>> {
        if self.looked.is_certainly(&self.file.metadata()?) || self.is_as_read()? {
            return Ok(None);
        }
        let give_up = Instant::now() + PATIENCE;
        loop {
            let size = self.file.metadata()?.len();
            if wait_until_quiet(&self.file, size, give_up)? == Stillness::Quiet {
                break;
            }
        }
        let written = self.read_again()?;
        self.file.sync_all()?;
        Ok(Some(written))
    }

    fn read_again(&mut self) -> io::Result<Vec<u8>> {
        let mut content = Vec::with_capacity(self.content.len());
        self.file.rewind()?;
        self.file.read_to_end(&mut content)?;
        Ok(content)
    }
}

/// How much of a file is compared at a time.
const PIECE: usize = 64 * 1024;

/// Whether a file holds these bytes and no more. Piece by piece: memory for another copy of a large file takes longer to get than the
/// comparison.
pub(crate) fn holds(file: &File, content: &[u8]) -> io::Result<bool> {
    let mut piece = vec![0; content.len().clamp(1, PIECE)];
    let mut rest = content;
    loop {
        let at = (content.len() - rest.len()) as u64;
        match file.read_at(&mut piece, at) {
            Ok(0) => return Ok(rest.is_empty()),
            Ok(read) => match rest.strip_prefix(&piece[..read]) {
                Some(behind) => rest = behind,
                None => return Ok(false),
            },
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

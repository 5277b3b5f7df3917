//! Putting a torn end right: wait for who may still be writing, copy what is torn, overwrite it by a comment.

use super::error::{AppendStep, EventError};
use super::heal;
use super::tail::read_range;
use crate::stillness::Stillness;
use crate::target::Target;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt};

/// The log that is mended.
pub(super) struct Wound<'a> {
    pub(super) target: &'a Target,
    pub(super) file: &'a File,
    /// Where in the file `bytes` begin; a line start.
    pub(super) offset: u64,
    pub(super) bytes: &'a [u8],
    /// What of `bytes` is torn.
    pub(super) torn: &'a [Range<usize>],
}

impl Wound<'_> {
    /// Copies what is torn, then overwrites it. Nothing else in the file changes, in length or in place.
    pub(super) fn fill(&self) -> Result<Stillness, EventError> {
        let (Some(first), Some(last)) = (self.torn.first(), self.torn.last()) else {
            return Ok(Stillness::Quiet);
        };
        // One that appends cannot have changed these bytes; one that writes in place without a lock can.
        let end = self.offset + self.bytes.len() as u64;
        match read_range(self.file, self.offset, end) {
            Ok(bytes) if bytes == self.bytes => {}
            Ok(_) => return Ok(Stillness::Changed),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Stillness::Changed),
            Err(error) => return Err(self.failed(AppendStep::LookBack)(error)),
        }
        let aside = self.target.keep_copy(&self.bytes[first.start..last.end])?;
        let Some(filler) = self.open_for_filling()? else { return Ok(Stillness::Changed) };
        for range in self.torn {
            let at = self.offset + range.start as u64;
            filler.write_all_at(&heal::filler(range.len()), at).map_err(self.failed(AppendStep::Fill))?;
        }
        // Before a record is appended behind it: a power cut must not keep that record and bring the torn bytes back.
        filler.sync_data().map_err(self.failed(AppendStep::Fill))?;
        tracing::warn!(
            path = %self.target.given.display(),
            aside = %aside.display(),
            bytes = self.torn.iter().map(ExactSizeIterator::len).sum::<usize>(),
            "a torn record was put aside and overwritten by a comment"
        );
        Ok(Stillness::Quiet)
    }

    /// A second descriptor: on one that is open for appending, Linux appends whatever position a write names.
    fn open_for_filling(&self) -> Result<Option<File>, EventError> {
        let filler = match OpenOptions::new().write(true).open(&self.target.path) {
            Ok(filler) => filler,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(AppendStep::Fill)(error)),
        };
        let ours = self.file.metadata().map_err(self.failed(AppendStep::Fill))?;
        let found = filler.metadata().map_err(self.failed(AppendStep::Fill))?;
        Ok(((ours.dev(), ours.ino()) == (found.dev(), found.ino())).then_some(filler))
    }

    fn failed(&self, step: AppendStep) -> impl FnOnce(io::Error) -> EventError {
        let path = self.target.given.clone();
        move |source| EventError::Append { path, step, source }
    }
}

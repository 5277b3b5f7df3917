//! One append: lock, look at the end, mend it, write, sync, and look whether that still is the log.

use super::error::{AppendStep, EventError};
use super::heal;
use super::mend::Wound;
use super::once::{Appended, Key};
use super::record::Record;
use super::tail::{Tail, read_range, tail};
use super::{EventLog, read, shape};
use crate::FileError;
use crate::replaced::Manner;
use crate::save::{self, Saved};
use crate::stillness::{Stillness, wait_until_quiet};
use crate::target::Target;
use lock_core::{ExclusiveLock, LockError};
use memchr::memmem;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

/// How often an append is tried again because somebody without a lock replaced the log, or removed its lock file.
pub(super) const ATTEMPTS: u32 = 10;
/// How often the end is looked at again because somebody without a lock changed it.
const LOOKS: u32 = 1000;
/// How long programs that write without a lock are waited for, all in all.
const PATIENCE: Duration = Duration::from_millis(500);

/// Appends `records` to the log, durably; with a `key` only if no record there has it.
pub(super) fn append(
    log: &EventLog,
    mut records: Vec<Record>,
    key: Option<&Key<'_>>,
) -> Result<Appended, EventError> {
    let mut was_written = false;
    for _ in 0..ATTEMPTS {
        // Before the lock: a path that cannot be a log must not get a lock file.
        Target::resolve(&log.path)?;
        let lock = log.lock_file().exclusive(log.wait)?;
        let append = Append { target: &Target::resolve(&log.path)?, lock: &lock };
        if let Some(key) = key
            && append.has(key)?
        {
            return Ok(if was_written { Appended::Now } else { Appended::Before });
        }
        if was_written {
            append.drop_present(&mut records)?;
        }
        if records.is_empty() {
            return Ok(Appended::Now);
        }
        match append.once(&records)? {
            Outcome::Recorded => return Ok(Appended::Now),
            Outcome::Nothing => {}
            Outcome::Displaced => was_written = true,
        }
        tracing::info!(path = %log.path.display(), "replaced, or its lock file removed, meanwhile; appending again");
    }
    Err(FileError::Unsettled { path: log.path.clone(), times: ATTEMPTS }.into())
}

/// What became of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The records are in the log, on disk.
    Recorded,
    /// Somebody without a lock was faster; nothing was written.
    Nothing,
    /// The records were written, but to a file that no longer is the log, or not under the lock that others take.
    Displaced,
}

/// What the end of a log calls for.
#[derive(Debug)]
pub(super) enum End {
    /// Records can be appended; it is this long.
    Sound(File, u64),
    /// No stamp: the content, `None` if there is no file.
    Unstamped(Option<Vec<u8>>),
    /// Changed while it was looked at.
    Changed,
}

/// One attempt, under the lock.
pub(super) struct Append<'a> {
    pub(super) target: &'a Target,
    pub(super) lock: &'a ExclusiveLock,
}

impl Append<'_> {
    pub(super) fn once(&self, records: &[Record]) -> Result<Outcome, EventError> {
        let bytes: String = records.iter().map(|record| record.stamped.as_str()).collect();
        save::clear_leftovers(self.target, &Manner::default())?;
        let give_up = Instant::now() + PATIENCE;
        for _ in 0..LOOKS {
            match self.look(give_up)? {
                End::Sound(file, len) => return self.write(file, len, bytes.as_bytes()),
                End::Unstamped(content) => return self.reshape(content.as_deref(), &bytes),
                End::Changed => {}
            }
        }
        Err(FileError::Unsettled { path: self.target.given.clone(), times: LOOKS }.into())
    }

    /// Looks at the end of the log, and mends it where needed.
    pub(super) fn look(&self, give_up: Instant) -> Result<End, EventError> {
        let file = match OpenOptions::new().read(true).append(true).open(&self.target.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(End::Unstamped(None)),
            Err(error) => return Err(self.failed(AppendStep::Open)(error)),
        };
        let size = file.metadata().map_err(self.failed(AppendStep::LookBack))?.len();
        let found = match tail(&file, size) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(End::Changed),
            found => found.map_err(self.failed(AppendStep::LookBack))?,
        };
        let torn = found.as_ref().map(|tail| heal::torn_since_stamp(&tail.bytes));
        if torn.as_ref().is_some_and(Vec::is_empty) {
            return Ok(End::Sound(file, size));
        }
        // What is torn at the very end, or has no stamp at all, somebody may be writing just now.
        let len = found.as_ref().map_or(0, |tail| tail.bytes.len());
        let is_at_end = torn.is_none_or(|torn| torn.last().is_some_and(|last| last.end == len));
        let wait = || wait_until_quiet(&file, size, give_up).map_err(self.failed(AppendStep::LookBack));
        if is_at_end && wait()? == Stillness::Changed {
            return Ok(End::Changed);
        }
        let content = match read_range(&file, 0, size) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(End::Changed),
            content => content.map_err(self.failed(AppendStep::LookBack))?,
        };
        match found {
            None => Ok(End::Unstamped(Some(content))),
            Some(Tail { offset, .. }) => self.mend(file, offset, &content),
        }
    }

    /// Fills what is torn in a log with this content, which is judged from `offset` on.
    fn mend(&self, file: File, offset: u64, content: &[u8]) -> Result<End, EventError> {
        // The whole content is in memory, so an offset into it fits.
        let torn = heal::torn_in_log(content, usize::try_from(offset).unwrap_or_default());
        if !torn.is_empty() {
            // Nothing is filled unless the log parses then: where it does not, something else is wrong with it.
            read::records(self.target, heal::filled(content, &torn).into_owned())?;
        }
        let wound = Wound { target: self.target, file: &file, offset: 0, bytes: content, torn: &torn };
        match wound.fill()? {
            Stillness::Quiet => Ok(End::Sound(file, content.len() as u64)),
            Stillness::Changed => Ok(End::Changed),
        }
    }

    /// Writes the stamped records behind the first `len` bytes, which are sound.
    pub(super) fn write(&self, mut file: File, len: u64, bytes: &[u8]) -> Result<Outcome, EventError> {
        // One call: programs that append without a lock cannot come between the stamp and its body.
        let written = loop {
            match file.write(bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other.map_err(self.failed(AppendStep::Write))?,
            }
        };
        if written < bytes.len() {
            // Going on would put the rest behind whatever another program has appended by now.
            let reason = format!("only {written} of {} bytes were taken; is the disk full?", bytes.len());
            return Err(self.failed(AppendStep::Write)(io::Error::new(ErrorKind::WriteZero, reason)));
        }
        // Metadata but for the length can wait. A failed sync is never repeated: the kernel may have dropped the pages.
        file.sync_data()
            .map_err(|source| EventError::DurabilityUnknown { path: self.target.given.clone(), source })?;
        self.settle(file, len, bytes.len() as u64).map_err(|error| EventError::Unconfirmed {
            path: self.target.given.clone(),
            source: Box::new(error),
        })
    }

    /// Whether the record of `size` bytes that was just written counts: it stands behind what is sound, in the file that others find.
    fn settle(&self, mut file: File, len: u64, size: u64) -> Result<Outcome, EventError> {
        let end = file.stream_position().map_err(self.failed(AppendStep::Inspect))?;
        let Some(start) = end.checked_sub(size).filter(|start| *start >= len) else {
            // Somebody made the file shorter meanwhile: who knows behind what the record stands now.
            return Ok(Outcome::Displaced);
        };
        self.mend_between(&file, len, start)?;
        if self.is_still_the_log(&file)? { Ok(Outcome::Recorded) } else { Ok(Outcome::Displaced) }
    }

    /// Somebody may have appended, without a lock, between our look and our write. What of it is torn must not swallow our record.
    fn mend_between(&self, file: &File, from: u64, to: u64) -> Result<(), EventError> {
        if from == to {
            return Ok(());
        }
        let bytes = read_range(file, from, to).map_err(self.failed(AppendStep::Inspect))?;
        let torn = heal::torn_foreign(&bytes);
        Wound { target: self.target, file, offset: from, bytes: &bytes, torn: &torn }.fill().map(drop)
    }

    /// Whether what we wrote to is what others find: the path still names the file, and the lock file is still the one we hold.
    fn is_still_the_log(&self, file: &File) -> Result<bool, EventError> {
        let ours = file.metadata().map_err(self.failed(AppendStep::Inspect))?;
        let found = match fs::metadata(&self.target.given) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.failed(AppendStep::Inspect)(error)),
        };
        if (ours.dev(), ours.ino()) != (found.dev(), found.ino()) {
            return Ok(false);
        }
        match self.lock.verify() {
            Ok(()) => Ok(true),
            Err(LockError::Replaced { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces a log without any stamp by one in shape, with the records at its end. That no torn append can be the first
    /// thing in a log is what makes every torn one recognisable.
    fn reshape(&self, content: Option<&[u8]>, records: &str) -> Result<Outcome, EventError> {
        let shaped = match content {
            None => records.to_owned(),
            Some(content) => {
                let (text, value) = read::value(self.target, content.to_vec())?;
                shape::shaped(&text, &value, records).map_err(|shape::Misshapen { line, reason }| {
                    EventError::NotAppendable { path: self.target.given.clone(), line, reason }
                })?
            }
        };
        match save::save(self.target, self.lock, content, shaped.as_bytes(), &Manner::default()) {
            Ok(Saved::Yes(_)) => Ok(Outcome::Recorded),
            Ok(Saved::Overtaken) | Err(FileError::Lock(LockError::Replaced { .. })) => Ok(Outcome::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a record of the log has `key`.
    fn has(&self, key: &Key<'_>) -> Result<bool, EventError> {
        match self.target.read() {
            Ok(content) => key.is_in_log(self.target, content),
            Err(FileError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes out of `records` those that are in the log, byte for byte or rewritten by another program with the same meaning.
    pub(super) fn drop_present(&self, records: &mut Vec<Record>) -> Result<(), EventError> {
        let content = match self.target.read() {
            Ok(content) => content,
            Err(FileError::NotFound { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let starts_line = |at: usize| at == 0 || content[at - 1] == b'\n';
        records.retain(|record| !memmem::find_iter(&content, &record.stamped).any(starts_line));
        if !records.is_empty() {
            let present = read::events(self.target, content)?.records;
            records.retain(|record| !present.contains(&record.value));
        }
        Ok(())
    }

    fn failed(&self, step: AppendStep) -> impl FnOnce(io::Error) -> EventError {
        let path = self.target.given.clone();
        move |source| EventError::Append { path, step, source }
    }
}

//! Whether a queue is as it was when nothing could be done with it: then it need not be read again, which keeps a dispatcher that only waits
//! from using the processor.

use jiff::Timestamp;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What a file system says of a version of a file.
type Version = (u64, u64, u64, i64, i64, i64, i64);

#[derive(Debug, Default)]
pub(crate) struct Unchanged {
    looked_at: Option<Version>,
    /// The version with which nothing could be done, and when that may be different without a change.
    idle: Option<(Version, Option<Timestamp>)>,
}

impl Unchanged {
    /// Notes the version that is about to be read. It is an older one than what is read if somebody saves in between, so that nothing is missed.
    pub(crate) fn look(&mut self, path: &Path) {
        self.looked_at = version(path);
        self.idle = None;
    }

    /// Nothing could be done with the version that was looked at last, until `due`.
    pub(crate) fn remember(&mut self, due: Option<Timestamp>) {
        self.idle = self.looked_at.map(|version| (version, due));
    }

    /// Something happened that makes another look worth while.
    pub(crate) fn forget(&mut self) {
        self.idle = None;
    }

    /// Whether there is nothing to look at.
    pub(crate) fn is(&self, path: &Path) -> bool {
        let Some((idle, due)) = &self.idle else { return false };
        due.is_none_or(|due| Timestamp::now() < due) && version(path).as_ref() == Some(idle)
    }
}

fn version(path: &Path) -> Option<Version> {
    let found = fs::metadata(path).ok()?;
    let (dev, ino, size) = (found.dev(), found.ino(), found.size());
    Some((dev, ino, size, found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()))
}

//! Looking who waits, for programs that keep no record: from the kernel's list, time and again.

use lock_core::KernelLocks;
use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Who was seen waiting, and since when.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    by_inode: HashMap<u64, Vec<(PathBuf, Metadata)>>,
    /// By lock file and process.
    waiting: HashMap<(PathBuf, Option<i32>), Instant>,
}

impl Waits {
    /// From now on these lock files are looked at: those that are where they are now.
    pub(crate) fn locate<'a>(&mut self, locks: impl Iterator<Item = &'a Path>) {
        self.by_inode.clear();
        for path in locks {
            if let Ok(found) = fs::symlink_metadata(path) {
                self.by_inode.entry(found.ino()).or_default().push((path.into(), found));
            }
        }
    }

    /// Looks, and returns the waits that have come to an end, each with its length as far as it was seen.
    pub(crate) fn look(&mut self) -> Vec<(PathBuf, Duration)> {
        let now = Instant::now();
        let Some(list) = KernelLocks::read() else { return Vec::new() };
        let mut waiting = HashMap::new();
        for (path, file) in list.awaited().filter_map(|inode| self.by_inode.get(&inode)).flatten() {
            for waiter in list.on(file).into_iter().filter(|lock| lock.is_waiting) {
                let key = (path.clone(), waiter.pid);
                let since = self.waiting.remove(&key).unwrap_or(now);
                waiting.insert(key, since);
            }
        }
        let over = std::mem::replace(&mut self.waiting, waiting);
        over.into_iter().map(|((path, _), since)| (path, now - since)).collect()
    }
}

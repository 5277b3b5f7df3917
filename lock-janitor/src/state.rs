//! Whether locks are held: from `/proc/locks`, or by trying.

use lock_core::{LockError, LockFile, Wait};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether a lock is held, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Nobody has it.
    Free,
    /// Nobody has it exclusively; whether it is shared cannot be told on this system.
    NotExclusive,
    /// At least one process has it shared.
    Shared,
    /// One process has it for itself.
    Exclusive,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Free => "free",
            Self::NotExclusive => "not excl.",
            Self::Shared => "shared",
            Self::Exclusive => "exclusive",
        })
    }
}

/// How often the kernel's list is read. It is given out a page at a time, and a lock that ends between two pages makes the next
/// one skip an entry: a held lock was then taken for free in one look of sixty on a busy machine.
const READS: u32 = 4;

/// All locks that were held while the kernel's list was read.
pub(crate) struct HeldLocks {
    /// By inode number; several files can have the same on different devices.
    by_inode: HashMap<u64, Vec<Held>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    device: (u32, u32),
    state: State,
    pid: Option<u32>,
}

impl HeldLocks {
    /// The kernel's list; `None` where there is none.
    pub(crate) fn read() -> Option<Self> {
        let mut all = Self::parse(&fs::read_to_string("/proc/locks").ok()?);
        for _ in 1..READS {
            for (inode, held) in Self::parse(&fs::read_to_string("/proc/locks").ok()?).by_inode {
                let known = all.by_inode.entry(inode).or_default();
                known.extend(held.into_iter().filter(|held| !known.contains(held)).collect::<Vec<_>>());
            }
        }
        Some(all)
    }

    /// Lines like `12: FLOCK  ADVISORY  WRITE 4711 fe:01:131312 0 EOF`. Those with `->` behind the number only wait.
    fn parse(list: &str) -> Self {
        let mut by_inode: HashMap<u64, Vec<Held>> = HashMap::new();
        for (inode, held) in list.lines().filter_map(parse_line) {
            by_inode.entry(inode).or_default().push(held);
        }
        Self { by_inode }
    }

    /// The state of the lock file with this metadata, and the processes that took the lock.
    pub(crate) fn state_of(&self, file: &Metadata) -> (State, Vec<u32>) {
        let device = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
        // A major number of 0 is a device without hardware; its number in the list may be another one (btrfs, overlayfs).
        let is_ours = |held: &&Held| held.device == device || device.0 == 0;
        let held: Vec<_> = self.by_inode.get(&file.ino()).into_iter().flatten().filter(is_ours).collect();
        let state = held.iter().map(|held| held.state).max().unwrap_or(State::Free);
        let mut holders: Vec<_> = held.iter().filter_map(|held| held.pid).collect();
        holders.sort_unstable();
        holders.dedup();
        (state, holders)
    }
}

fn parse_line(line: &str) -> Option<(u64, Held)> {
    let mut words = line.split_ascii_whitespace().skip(1);
    if words.next()? != "FLOCK" {
        return None;
    }
    let state = match words.nth(1)? {
        "WRITE" => State::Exclusive,
        "READ" => State::Shared,
        _ => return None,
    };
    // -1 stands for a process that cannot be seen from here.
    let pid = words.next()?.parse().ok();
    let mut place = words.next()?.split(':');
    let mut number = || u32::from_str_radix(place.next()?, 16).ok();
    let device = (number()?, number()?);
    Some((place.next()?.parse().ok()?, Held { device, state, pid }))
}

/// Asks by taking the lock, shared and only for an instant.
pub(crate) fn probe(path: &Path) -> Result<State, LockError> {
    match LockFile::at(path).shared(Wait::Never) {
        Ok(_) => Ok(State::NotExclusive),
        Err(error) if error.is_contended() => Ok(State::Exclusive),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
1: FLOCK  ADVISORY  WRITE 4711 fe:01:131312 0 EOF
1: -> FLOCK  ADVISORY  WRITE 4712 fe:01:131312 0 EOF
2: FLOCK  ADVISORY  READ  -1 00:2f:99 0 EOF
3: FLOCK  ADVISORY  READ  12 00:2f:99 0 EOF
4: POSIX  ADVISORY  WRITE 13 fe:01:7 0 EOF
5: LEASE  ACTIVE    READ  14 fe:01:8 0 EOF
6: OFDLCK ADVISORY  READ  -1 00:06:18 0 0
garbage
7: FLOCK
";

    #[test]
    fn only_held_flocks_are_read_from_the_list() {
        let locks = HeldLocks::parse(LIST);
        let mut inodes: Vec<_> = locks.by_inode.keys().copied().collect();
        inodes.sort_unstable();
        assert_eq!(inodes, [99, 131_312]);
        assert_eq!(
            locks.by_inode[&131_312],
            [Held { device: (0xfe, 1), state: State::Exclusive, pid: Some(4711) }]
        );
        let shared = Held { device: (0, 0x2f), state: State::Shared, pid: None };
        assert_eq!(locks.by_inode[&99], [shared, Held { pid: Some(12), ..shared }]);
    }

    #[test]
    fn the_same_inode_on_another_device_is_another_file() {
        let file = tempfile::tempfile().unwrap().metadata().unwrap();
        let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
        let state = |major: u32| {
            let line = format!("1: FLOCK  ADVISORY  WRITE 7 {major:02x}:{minor:02x}:{} 0 EOF\n", file.ino());
            HeldLocks::parse(&line).state_of(&file)
        };
        assert_eq!(state(major), (State::Exclusive, vec![7]));
        // Unless the device is one without hardware, whose number may differ from place to place.
        let other = if major == 0 { State::Exclusive } else { State::Free };
        assert_eq!(state(major + 1).0, other);
    }
}

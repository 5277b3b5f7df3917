//! `/proc/locks`: the locks that the kernel lists as held and awaited, proc_locks(5).

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;

/// How often the kernel's list is read. It is given out a page at a time, and a lock that ends between two pages makes the next
/// one skip an entry: a held lock was then taken for free in one look of sixty on a busy machine.
const READS: u32 = 4;

/// How a lock is, or would be, held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockMode {
    /// Together with others.
    Shared,
    /// By one alone.
    Exclusive,
}

/// One line of the kernel's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KernelLock {
    /// How.
    pub mode: LockMode,
    /// Whether it is only waited for.
    pub is_waiting: bool,
    /// Who took the lock, or waits for it; `None` if that process cannot be seen from here. Who took a lock may have ended and left it
    /// to a child: bash's `flock -x 200` does so every time.
    pub pid: Option<i32>,
}

/// Major and minor number.
type Device = (u32, u32);

/// All `flock` locks of the machine at one moment.
#[derive(Debug)]
pub struct KernelLocks {
    /// By inode number; several files can have the same on different devices.
    by_inode: HashMap<u64, Vec<(Device, KernelLock)>>,
}

impl KernelLocks {
    /// Reads the kernel's list; `None` where there is none.
    pub fn read() -> Option<Self> {
        let mut all = Self { by_inode: HashMap::new() };
        for _ in 0..READS {
            all.add(&fs::read_to_string("/proc/locks").ok()?);
        }
        Some(all)
    }

    /// The locks on the file with this metadata, held and awaited.
    pub fn on(&self, file: &Metadata) -> Vec<KernelLock> {
        let device = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
        let listed = self.by_inode.get(&file.ino()).into_iter().flatten();
        // A major number of 0 is a device without hardware; its number in the list may be another one (btrfs, overlayfs).
        listed.filter(|(on, _)| *on == device || device.0 == 0).map(|(_, lock)| *lock).collect()
    }

    /// The inode numbers of all files whose locks somebody waits for, on whatever device: mostly none, which saves looking at each file.
    pub fn awaited(&self) -> impl Iterator<Item = u64> {
        let is_awaited = |locks: &[(Device, KernelLock)]| locks.iter().any(|(_, lock)| lock.is_waiting);
        self.by_inode.iter().filter(move |(_, locks)| is_awaited(locks)).map(|(inode, _)| *inode)
    }

    /// Lines like `12: FLOCK  ADVISORY  WRITE 4711 fe:01:131312 0 EOF`; who waits has `->` behind the number. A lock that is known is not
    /// added again: even one list names it twice if another one came between two of its pages.
    fn add(&mut self, list: &str) {
        for (inode, device, lock) in list.lines().filter_map(parse_line) {
            let known = self.by_inode.entry(inode).or_default();
            if !known.contains(&(device, lock)) {
                known.push((device, lock));
            }
        }
    }
}

fn parse_line(line: &str) -> Option<(u64, Device, KernelLock)> {
    let mut words = line.split_ascii_whitespace().skip(1).peekable();
    let is_waiting = words.next_if_eq(&"->").is_some();
    if words.next()? != "FLOCK" {
        return None;
    }
    let mode = match words.nth(1)? {
        "WRITE" => LockMode::Exclusive,
        "READ" => LockMode::Shared,
        _ => return None,
    };
    // -1 stands for a process that cannot be seen from here.
    let pid = words.next()?.parse().ok().filter(|pid| *pid > 0);
    let mut place = words.next()?.split(':');
    let mut number = || u32::from_str_radix(place.next()?, 16).ok();
    let device = (number()?, number()?);
    Some((place.next()?.parse().ok()?, device, KernelLock { mode, is_waiting, pid }))
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

    fn parse(list: &str) -> KernelLocks {
        let mut locks = KernelLocks { by_inode: HashMap::new() };
        locks.add(list);
        locks
    }

    #[test]
    fn a_lock_that_one_list_names_twice_is_one_lock() {
        let line = "2: -> FLOCK  ADVISORY  WRITE 4712 fe:01:131312 0 EOF\n";
        assert_eq!(parse(&line.repeat(2)).by_inode[&131_312].len(), 1);
    }

    #[test]
    fn only_flocks_are_read_from_the_list_and_who_waits_is_told_apart() {
        let locks = parse(LIST);
        let mut inodes: Vec<_> = locks.by_inode.keys().copied().collect();
        inodes.sort_unstable();
        assert_eq!(inodes, [99, 131_312]);
        let held = KernelLock { mode: LockMode::Exclusive, is_waiting: false, pid: Some(4711) };
        let waits = KernelLock { is_waiting: true, pid: Some(4712), ..held };
        assert_eq!(locks.by_inode[&131_312], [((0xfe, 1), held), ((0xfe, 1), waits)]);
        assert_eq!(locks.awaited().collect::<Vec<_>>(), [131_312]);
        let shared = KernelLock { mode: LockMode::Shared, is_waiting: false, pid: None };
        let other = KernelLock { pid: Some(12), ..shared };
        assert_eq!(locks.by_inode[&99], [((0, 0x2f), shared), ((0, 0x2f), other)]);
    }

    #[test]
    fn the_same_inode_on_another_device_is_another_file() {
        let file = tempfile::tempfile().unwrap().metadata().unwrap();
        let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
        let found = |major: u32| {
            let line = format!("1: FLOCK  ADVISORY  WRITE 7 {major:02x}:{minor:02x}:{} 0 EOF\n", file.ino());
            parse(&line).on(&file).len()
        };
        assert_eq!(found(major), 1);
        // Unless the device is one without hardware, whose number may differ from place to place.
        assert_eq!(found(major + 1), usize::from(major == 0));
    }
}

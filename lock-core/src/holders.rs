//! Who has a lock, and who waits for it: from what the kernel says of every process, not from what stands in the lock file.
//!
//! `/proc/locks` alone does not tell: for `flock -x 200` in bash it names the `flock` command, which has long ended. So every
//! process's descriptors are looked through for the file, and the `lock:` line of `/proc/PID/fdinfo/FD` confirms that the lock is on
//! that very descriptor; a lock that a process left to its children shows in each of them. proc_pid_fdinfo(5).

use crate::kernel_list::{KernelLocks, LockMode};
use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A process that has a lock or waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockProcess {
    /// Its number; `None` if it cannot be seen from here: another user's, or in another container.
    pub pid: Option<i32>,
    /// Its command line; empty if that cannot be seen.
    pub command: String,
    /// How it has the lock, or wants it.
    pub mode: LockMode,
}

impl LockProcess {
    /// One that was found by other means.
    pub fn new(pid: Option<i32>, command: impl Into<String>, mode: LockMode) -> Self {
        Self { pid, command: command.into(), mode }
    }
}

impl fmt::Display for LockProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.pid, self.command.as_str()) {
            (Some(pid), "") => write!(f, "process {pid}"),
            (Some(pid), command) => write!(f, "process {pid} ({command})"),
            (None, _) => f.write_str("a process that cannot be seen from here"),
        }
    }
}

/// All processes that have the lock on `file`.
pub(crate) fn holders_of(file: &Metadata) -> Vec<LockProcess> {
    let mut holders: Vec<LockProcess> = processes().filter_map(|pid| holder(pid, file)).collect();
    if holders.is_empty() {
        // Other users' descriptors are hidden from us, but the kernel's list names who took the lock.
        let listed = KernelLocks::read().map_or_else(Vec::new, |locks| locks.on(file));
        holders.extend(listed.iter().filter(|lock| !lock.is_waiting).map(|lock| seen(lock.pid, lock.mode)));
    }
    holders
}

/// The process `pid`, if it has the lock on `file`.
pub(crate) fn holder(pid: i32, file: &Metadata) -> Option<LockProcess> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let on_file = descriptors.flatten().filter(|entry| {
        let is_file = |found: Metadata| (found.dev(), found.ino()) == (file.dev(), file.ino());
        fs::metadata(entry.path()).is_ok_and(is_file)
    });
    let mode = on_file
        .filter_map(|entry| LockMode::on_descriptor(pid, entry.file_name().to_str()?.parse().ok()?))
        .max()?;
    Some(seen(Some(pid), mode))
}

impl LockMode {
    /// How the process `pid` has the file locked on this very descriptor of its own; `None` if it has not, or that cannot be seen. Linux only.
    ///
    /// From a line like `lock:  1: FLOCK  ADVISORY  WRITE 4711 fe:01:131312 0 EOF` of `/proc/PID/fdinfo/FD`. proc_pid_fdinfo(5).
    pub fn on_descriptor(pid: i32, descriptor: i32) -> Option<Self> {
        let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{descriptor}")).ok()?;
        info.lines().filter_map(|line| line.strip_prefix("lock:")).find_map(|line| {
            let mut words = line.split_ascii_whitespace().skip_while(|word| *word != "FLOCK");
            match words.nth(2)? {
                "WRITE" => Some(Self::Exclusive),
                "READ" => Some(Self::Shared),
                _ => None,
            }
        })
    }
}

/// All processes that wait for the lock on `file`.
pub(crate) fn waiters_of(file: &Metadata) -> Vec<LockProcess> {
    let listed = KernelLocks::read().map_or_else(Vec::new, |locks| locks.on(file));
    listed.iter().filter(|lock| lock.is_waiting).map(|lock| seen(lock.pid, lock.mode)).collect()
}

fn seen(pid: Option<i32>, mode: LockMode) -> LockProcess {
    let pid = pid.filter(|pid| Path::new(&format!("/proc/{pid}")).exists());
    let command = pid.and_then(|pid| fs::read(format!("/proc/{pid}/cmdline")).ok()).unwrap_or_default();
    let words: Vec<_> = command
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .map(String::from_utf8_lossy)
        .collect();
    LockProcess { pid, command: words.join(" "), mode }
}

fn processes() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

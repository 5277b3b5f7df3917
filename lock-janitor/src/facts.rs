//! What is known of each lock file that was found.

use crate::scan::FoundLock;
use crate::state::State;
use crate::verdict::Reason;
use lock_core::{LockProcess, LockRecord, LockTotals, ProcessIdentity};
use rustix::io::Errno;
use std::fmt;
use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// All that a verdict depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What stands there.
    pub kind: Kind,
    /// How many names it has.
    pub links: u64,
    /// The size of its content, in bytes.
    pub size: u64,
    /// What it holds.
    pub content: Content,
    /// The user id of its owner.
    pub owner_uid: u32,
    /// Whose it is, as seen by this process.
    pub owner: Owner,
    /// How long ago the file or its attributes last changed.
    pub idle: Duration,
    /// Whether it is held.
    pub state: State,
    /// The processes that have it, as far as they can be seen.
    pub holders: Vec<LockProcess>,
    /// The processes that wait for it, as far as they can be seen.
    pub waiters: Vec<LockProcess>,
    /// For how long it is held, as far as is known.
    pub held_for: Option<Duration>,
    /// Somebody has it who seems not to know.
    pub leak: Option<Leak>,
    /// The lock's past, where its file has a record.
    pub totals: Option<LockTotals>,
    /// What knows no leases: the kind of its filesystem, or this system.
    pub without_leases: Option<&'static str>,
}

/// What stands under the name of a lock file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    Regular,
    /// A symbolic link.
    SymbolicLink,
    /// A folder.
    Folder,
    /// A FIFO.
    Fifo,
    /// A socket or a device.
    Special,
}

/// What a lock file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing, or a lock record and nothing else.
    Ours,
    /// The note of a supervisor, in a run lock.
    RunLock {
        /// Whether something of the task's process group still lives.
        task_lives: bool,
    },
    /// Something else.
    Foreign,
    /// It could not be read.
    Unreadable,
}

/// Whose a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// That of the user we run as.
    Us,
    /// Another user's; we may have a lease on it all the same.
    Another,
    /// Another user's, and we may not.
    AnotherWithoutRight,
}

/// A lock that a process inherited and seems not to know of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// The living process.
    pub pid: i32,
    /// Its command line.
    pub command: String,
    /// Its descriptor that holds the lock.
    pub descriptor: i32,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, command, descriptor } = self;
        write!(
            f,
            "leaked to PID {pid} ({command}), fd {descriptor}: who took it has ended; start such programs with \
             `{descriptor}>&-` behind the command, or use `flock -o`"
        )
    }
}

/// Device and inode number: a file by what it is, not by its name.
pub(crate) type FileId = (u64, u64);

pub(crate) fn file_id(found: &Metadata) -> FileId {
    (found.dev(), found.ino())
}

/// More than any record of ours with those who gave up behind it.
const MOST_READ: usize = 64 * 1024;

/// The content of a lock file, or as much of it as tells that it is not ours.
pub(crate) fn read_content(file: &File) -> io::Result<Vec<u8>> {
    let mut content = vec![0; 4 * 1024];
    let mut length = file.read_at(&mut content, 0)?;
    if length == content.len() {
        content.resize(MOST_READ, 0);
        length += file.read_at(content.get_mut(length..).unwrap_or_default(), length as u64)?;
    }
    content.truncate(length);
    Ok(content)
}

impl Facts {
    /// Those that a file itself tells; nobody has it or waits for it. Without content it could not be read.
    pub(crate) fn of_file(found: &Metadata, content: Option<&[u8]>, lock: &FoundLock) -> Self {
        Self {
            kind: Kind::of(found.file_type()),
            links: found.nlink(),
            size: found.len(),
            content: content.map_or(Content::Unreadable, |content| Content::of(content, found, lock)),
            owner_uid: found.uid(),
            owner: Owner::of(found.uid()),
            idle: idle(found),
            state: State::Free,
            holders: Vec::new(),
            waiters: Vec::new(),
            held_for: None,
            leak: None,
            totals: content.and_then(LockRecord::totals_in),
            without_leases: (!cfg!(target_os = "linux")).then_some("this system"),
        }
    }
}

impl Kind {
    fn of(kind: FileType) -> Self {
        if kind.is_file() {
            Self::Regular
        } else if kind.is_symlink() {
            Self::SymbolicLink
        } else if kind.is_dir() {
            Self::Folder
        } else if kind.is_fifo() {
            Self::Fifo
        } else {
            Self::Special
        }
    }
}

impl Content {
    fn of(content: &[u8], found: &Metadata, lock: &FoundLock) -> Self {
        if found.len() > content.len() as u64 {
            return Self::Foreign;
        }
        if LockRecord::is_all_of(content) {
            return Self::Ours;
        }
        if !lock.is_run_lock {
            return Self::Foreign;
        }
        let group = std::str::from_utf8(content).ok().and_then(|text| text.strip_prefix("group: "));
        match group.and_then(|group| group.trim_end().parse::<ProcessIdentity>().ok()) {
            Some(group) => Self::RunLock { task_lives: group.group_is_alive() },
            None => Self::Foreign,
        }
    }
}

impl Owner {
    fn of(uid: u32) -> Self {
        // The kernel asks for the same: fcntl_setlease compares the owner with the user of the caller.
        if uid == rustix::process::geteuid().as_raw() {
            Self::Us
        } else if *MAY_LEASE {
            Self::Another
        } else {
            Self::AnotherWithoutRight
        }
    }
}

/// Whether we have the capability `CAP_LEASE`, number 28 in capabilities(7).
static MAY_LEASE: LazyLock<bool> = LazyLock::new(|| {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let set = set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    set.is_some_and(|set| set & (1 << 28) != 0)
});

/// How long nothing happened to a file. Its modification may be set to anything, the change of its attributes that this is may not.
fn idle(found: &Metadata) -> Duration {
    let latest = (found.mtime(), found.mtime_nsec()).max((found.ctime(), found.ctime_nsec()));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(latest.0), u32::try_from(latest.1)) else {
        return now;
    };
    now.saturating_sub(Duration::new(seconds, nanoseconds))
}

/// Why a lease was refused on this file.
pub(crate) fn leases_missing_for(found: &Metadata, error: &io::Error) -> Reason {
    let uid = found.uid();
    match Errno::from_io_error(error) {
        Some(Errno::ACCESS | Errno::PERM) => Reason::NoLeaseRight { uid },
        _ => Reason::NoLeases { on: format!("its filesystem ({error})") },
    }
}

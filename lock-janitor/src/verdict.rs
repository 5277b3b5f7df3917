//! What is to become of a lock file: facts in, verdict out, and nothing touched.

use crate::facts::{Content, Facts, Kind, Leak, Owner};
use crate::rules::{Owners, Rules};
use crate::state::State;
use lock_core::LockProcess;
use std::fmt;
use std::time::Duration;

/// What is to become of one lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays as it is.
    Keep(Reason),
    /// It stays, and somebody should know of it.
    Report(Finding),
    /// Nobody seems to use it: it may be tried to be retired.
    Retire,
}

/// Why a lock file stays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Its name is not one that the janitor looks after.
    NotOurName,
    /// It lies below `.git`, where lock files have another meaning.
    BelowGit,
    /// It is a symbolic link.
    SymbolicLink,
    /// It is a folder.
    Folder,
    /// It is a FIFO.
    Fifo,
    /// It is a socket or a device.
    Special,
    /// It has other names too.
    HardLinked {
        /// How many names.
        links: u64,
    },
    /// It holds what is no lock record of ours: somebody's data.
    ForeignContent {
        /// How much, in bytes.
        size: u64,
    },
    /// It cannot be read.
    Unreadable,
    /// It belongs to another user, whose lock files this janitor was not told to retire.
    SomebodyElses {
        /// The user's id.
        uid: u32,
    },
    /// No lease is given on it: it belongs to another user, and the janitor has not the capability `CAP_LEASE`.
    NoLeaseRight {
        /// The user's id.
        uid: u32,
    },
    /// Its filesystem, or this system, knows no leases.
    NoLeases {
        /// Which.
        on: String,
    },
    /// Somebody has the lock.
    Held,
    /// Somebody waits for the lock.
    WaitedFor,
    /// It is the run lock of a task of which something still lives.
    TaskLives,
    /// Something happened to it not long ago.
    Young {
        /// How long ago.
        idle: Duration,
    },
    /// Somebody has it open without having the lock.
    Open,
    /// It was changed, moved or removed while it was looked at.
    Changed,
    /// A lock file of this name was retired under somebody who still uses it; both are served in turns until that one is done.
    Bridged,
    /// The program is to end.
    Stopping,
    /// An attempt to retire it failed, for a reason of the system's.
    Failed {
        /// What failed.
        what: String,
    },
}

/// Something that a person should know of a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// It is held for longer than is usual.
    LongHold {
        /// Who has it.
        holder: Option<LockProcess>,
        /// For how long, as far as is known.
        held_for: Duration,
    },
    /// Who took it has ended, and left it to a process that may know nothing of it.
    Leaked(Leak),
}

/// Judges one lock file.
pub fn judge(facts: &Facts, rules: &Rules) -> Verdict {
    match kept_whatever_it_does(facts).or_else(|| used(facts)) {
        Some(Reason::Held) => held(facts, rules),
        Some(reason) => Verdict::Keep(reason),
        None => match kept_though_idle(facts, rules) {
            Some(reason) => Verdict::Keep(reason),
            None => Verdict::Retire,
        },
    }
}

/// What is no lock file of ours.
fn kept_whatever_it_does(facts: &Facts) -> Option<Reason> {
    match facts.kind {
        Kind::Regular if facts.links > 1 => Some(Reason::HardLinked { links: facts.links }),
        Kind::Regular => None,
        Kind::SymbolicLink => Some(Reason::SymbolicLink),
        Kind::Folder => Some(Reason::Folder),
        Kind::Fifo => Some(Reason::Fifo),
        Kind::Special => Some(Reason::Special),
    }
}

fn used(facts: &Facts) -> Option<Reason> {
    match facts.state {
        State::Exclusive | State::Shared => Some(Reason::Held),
        State::Free | State::NotExclusive if !facts.waiters.is_empty() => Some(Reason::WaitedFor),
        State::Free | State::NotExclusive => None,
    }
}

fn held(facts: &Facts, rules: &Rules) -> Verdict {
    if let Some(leak) = &facts.leak {
        return Verdict::Report(Finding::Leaked(leak.clone()));
    }
    match facts.held_for {
        Some(held_for) if held_for > rules.long_hold => {
            let holder = facts.holders.first().cloned();
            Verdict::Report(Finding::LongHold { holder, held_for })
        }
        _ => Verdict::Keep(Reason::Held),
    }
}

fn kept_though_idle(facts: &Facts, rules: &Rules) -> Option<Reason> {
    match facts.content {
        Content::Ours => {}
        Content::RunLock { task_lives: false } => {}
        Content::RunLock { task_lives: true } => return Some(Reason::TaskLives),
        Content::Foreign => return Some(Reason::ForeignContent { size: facts.size }),
        Content::Unreadable => return Some(Reason::Unreadable),
    }
    let uid = facts.owner_uid;
    match facts.owner {
        Owner::Us => {}
        Owner::AnotherWithoutRight => return Some(Reason::NoLeaseRight { uid }),
        Owner::Another if rules.owners == Owners::Us => return Some(Reason::SomebodyElses { uid }),
        Owner::Another => {}
    }
    if let Some(on) = facts.without_leases {
        return Some(Reason::NoLeases { on: on.into() });
    }
    (facts.idle < rules.min_idle).then_some(Reason::Young { idle: facts.idle })
}

impl Reason {
    /// One word for programs. It never changes its meaning.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotOurName => "not_our_name",
            Self::BelowGit => "below_git",
            Self::SymbolicLink => "symbolic_link",
            Self::Folder => "folder",
            Self::Fifo => "fifo",
            Self::Special => "special_file",
            Self::HardLinked { .. } => "hard_linked",
            Self::ForeignContent { .. } => "foreign_content",
            Self::Unreadable => "unreadable",
            Self::SomebodyElses { .. } => "somebody_elses",
            Self::NoLeaseRight { .. } => "no_lease_right",
            Self::NoLeases { .. } => "no_leases",
            Self::Held => "held",
            Self::WaitedFor => "waited_for",
            Self::TaskLives => "task_lives",
            Self::Young { .. } => "young",
            Self::Open => "open",
            Self::Changed => "changed",
            Self::Bridged => "bridged",
            Self::Stopping => "stopping",
            Self::Failed { .. } => "failed",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurName => f.write_str("its name is not one that is looked after"),
            Self::BelowGit => f.write_str("below .git, where locks are git's own"),
            Self::SymbolicLink => f.write_str("a symbolic link"),
            Self::Folder => f.write_str("a folder"),
            Self::Fifo => f.write_str("a FIFO"),
            Self::Special => f.write_str("a socket or a device"),
            Self::HardLinked { links } => write!(f, "it has {links} names (hard links)"),
            Self::ForeignContent { size } => {
                write!(f, "its {size} bytes are no lock record: somebody's data")
            }
            Self::Unreadable => f.write_str("it cannot be read"),
            Self::SomebodyElses { uid } => write!(f, "it belongs to somebody else (user {uid})"),
            Self::NoLeaseRight { uid } => {
                write!(f, "no lease on it: it belongs to user {uid}, and this janitor lacks CAP_LEASE")
            }
            Self::NoLeases { on } => write!(f, "no lease on it: {on} has none"),
            Self::Held => f.write_str("held"),
            Self::WaitedFor => f.write_str("waited for"),
            Self::TaskLives => f.write_str("something of its task still lives"),
            Self::Young { idle } => write!(f, "used or changed {} ago", span(*idle)),
            Self::Open => f.write_str("somebody has it open"),
            Self::Changed => f.write_str("it changed while it was looked at"),
            Self::Bridged => f.write_str("somebody still uses a retired file of this name"),
            Self::Stopping => f.write_str("the program was told to end"),
            Self::Failed { what } => f.write_str(what),
        }
    }
}

impl Finding {
    /// One word for programs. It never changes its meaning.
    pub fn word(&self) -> &'static str {
        match self {
            Self::LongHold { .. } => "long_hold",
            Self::Leaked(_) => "leaked",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongHold { holder: Some(holder), held_for } => {
                write!(f, "held for {} by {holder}", span(*held_for))
            }
            Self::LongHold { holder: None, held_for } => write!(f, "held for {}", span(*held_for)),
            Self::Leaked(leak) => leak.fmt(f),
        }
    }
}

/// In the largest unit of which there are at least two.
pub(crate) fn span(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{}ms", time.as_millis()),
        seconds @ 1..120 => format!("{seconds}s"),
        seconds @ 120..7_200 => format!("{}m", seconds / 60),
        seconds @ 7_200..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

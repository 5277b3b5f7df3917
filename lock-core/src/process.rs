//! Telling processes apart, also when their numbers are used again.

use std::fmt;
use std::str::FromStr;

/// A process by what no other process has: its number, the tick it was started at, and the boot it lives in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessIdentity {
    /// The process number.
    pub pid: i32,
    /// When it was started, in clock ticks since boot (0 where the system does not tell).
    pub start_ticks: u64,
    /// The first eight digits of the boot's id.
    boot: String,
}

impl ProcessIdentity {
    /// This process.
    pub fn own() -> Self {
        Self::of_child(rustix::process::getpid().as_raw_nonzero().get())
    }

    /// The process that has the number `pid` now; `None` if there is none, or it has ended and is only not yet waited for.
    pub fn of(pid: i32) -> Option<Self> {
        let start_ticks = look(pid).filter(|process| !process.ended)?.start_ticks;
        Some(Self { pid, start_ticks, boot: boot() })
    }

    /// The process `pid`, which is this one or a child that was not waited for yet: it may have ended, but its number is its own.
    pub fn of_child(pid: i32) -> Self {
        Self { pid, start_ticks: look(pid).map_or(0, |process| process.start_ticks), boot: boot() }
    }

    /// The first eight digits of the id of the boot that it lives in.
    pub fn boot(&self) -> &str {
        &self.boot
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        Self::of(self.pid).is_some_and(|found| found == *self)
    }

    /// Whether a process of the group that this process led still runs.
    pub fn group_is_alive(&self) -> bool {
        if self.boot != boot() {
            return false;
        }
        match look(self.pid) {
            // The number of a group is not given away while the group has members. A leader that started at another time
            // therefore means that this group has ended.
            Some(leader) if leader.start_ticks != self.start_ticks => false,
            _ => group_has_members(self.pid),
        }
    }
}

impl fmt::Display for ProcessIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.pid, self.start_ticks, self.boot)
    }
}

/// The text is not an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a process identity (PID.TICKS.BOOT)")]
pub struct NotAnIdentity;

impl FromStr for ProcessIdentity {
    type Err = NotAnIdentity;

    fn from_str(text: &str) -> Result<Self, NotAnIdentity> {
        let mut parts = text.splitn(3, '.');
        let (Some(pid), Some(ticks), Some(boot)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NotAnIdentity);
        };
        match (pid.parse(), ticks.parse()) {
            (Ok(pid), Ok(start_ticks)) if pid > 0 => Ok(Self { pid, start_ticks, boot: boot.into() }),
            _ => Err(NotAnIdentity),
        }
    }
}

struct Look {
    group: i32,
    start_ticks: u64,
    ended: bool,
}

/// `/proc/PID/stat`, proc(5): the command in brackets may hold anything, so the fields are counted after the last bracket.
#[cfg(target_os = "linux")]
fn look(pid: i32) -> Option<Look> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let state = fields.first()?;
    Some(Look {
        group: fields.get(2)?.parse().ok()?,
        start_ticks: fields.get(19)?.parse().ok()?,
        ended: matches!(*state, "Z" | "X" | "x"),
    })
}

#[cfg(target_os = "linux")]
fn group_has_members(group: i32) -> bool {
    // Mostly it is gone, which takes one call to see. If it is not, all that is left may be processes that have ended.
    let asked = rustix::process::Pid::from_raw(group).map(rustix::process::test_kill_process_group);
    if asked == Some(Err(rustix::io::Errno::SRCH)) {
        return false;
    }
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(look)
        .any(|process| process.group == group && !process.ended)
}

#[cfg(target_os = "linux")]
fn boot() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.chars().take(8).collect()
}

/// Without `/proc` only the number is known; a number that is used again then counts as alive, which delays but does no harm.
#[cfg(not(target_os = "linux"))]
fn look(pid: i32) -> Option<Look> {
    let process = rustix::process::Pid::from_raw(pid)?;
    rustix::process::test_kill_process(process).ok()?;
    Some(Look { group: pid, start_ticks: 0, ended: false })
}

#[cfg(not(target_os = "linux"))]
fn group_has_members(group: i32) -> bool {
    rustix::process::Pid::from_raw(group)
        .is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
}

#[cfg(not(target_os = "linux"))]
fn boot() -> String {
    "0".into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn an_identity_survives_being_written_down() {
        let own = ProcessIdentity::own();
        assert_eq!(own.to_string().parse(), Ok(own.clone()));
        assert!(own.is_alive());
        for text in ["", "1", "1.2", "x.2.3", "-1.2.3", "0.1.a"] {
            assert_eq!(text.parse::<ProcessIdentity>(), Err(NotAnIdentity), "{text}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_same_number_at_another_time_is_another_process() {
        let other = ProcessIdentity { start_ticks: 1, ..ProcessIdentity::own() };
        assert!(!other.is_alive() && !other.group_is_alive());
        let before_boot = ProcessIdentity { boot: "none".into(), ..ProcessIdentity::own() };
        assert!(!before_boot.is_alive() && !before_boot.group_is_alive());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_ended_process_that_nobody_waited_for_is_not_alive() {
        let mut child = Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        while ProcessIdentity::of(pid).is_some() {
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }

    /// A group outlives its leader.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_group_is_alive_as_long_as_its_last_member() {
        use std::os::unix::process::CommandExt;
        let mut leader =
            Command::new("sh").args(["-c", "sleep 30 & exec sleep 0.05"]).process_group(0).spawn().unwrap();
        let identity = ProcessIdentity::of_child(i32::try_from(leader.id()).unwrap());
        leader.wait().unwrap();
        assert!(!identity.is_alive());
        assert!(identity.group_is_alive());
        let group = rustix::process::Pid::from_raw(identity.pid).unwrap();
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
        while identity.group_is_alive() {
            std::thread::yield_now();
        }
    }
}

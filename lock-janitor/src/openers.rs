//! Which processes have lock files open: from a look at all descriptors of all processes, once for all files that matter.
//!
//! The kernel's list names who took a lock, which in bash is a `flock` command that has long ended. Here are those who have it
//! now: the `lock:` line of `/proc/PID/fdinfo/FD` says that the lock is on that very descriptor. proc_pid_fdinfo(5).

use crate::facts::{FileId, file_id};
use lock_core::LockMode;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;

/// A descriptor of a lock file, in some process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opener {
    pub(crate) pid: i32,
    pub(crate) descriptor: i32,
    /// How the lock is held on this descriptor, if it is.
    pub(crate) mode: Option<LockMode>,
}

/// Everybody who has one of `files` open, as far as we may see.
pub(crate) fn openers_of(files: &HashSet<FileId>) -> HashMap<FileId, Vec<Opener>> {
    let mut found: HashMap<FileId, Vec<Opener>> = HashMap::new();
    if files.is_empty() {
        return found;
    }
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    for pid in numbers_in("/proc").filter(|pid| *pid != own) {
        for descriptor in numbers_in(&format!("/proc/{pid}/fd")) {
            let Ok(file) = fs::metadata(format!("/proc/{pid}/fd/{descriptor}")) else { continue };
            let id = file_id(&file);
            if files.contains(&id) {
                let mode = LockMode::on_descriptor(pid, descriptor);
                found.entry(id).or_default().push(Opener { pid, descriptor, mode });
            }
        }
    }
    found
}

fn numbers_in(folder: &str) -> impl Iterator<Item = i32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// What `/proc/PID/stat` says of a process, and its command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) parent: i32,
    pub(crate) group: i32,
    pub(crate) session: i32,
    /// Empty if it cannot be seen.
    pub(crate) command: Vec<String>,
}

impl Process {
    /// Whether it is the `flock` command.
    pub(crate) fn is_flock(&self) -> bool {
        self.program() == "flock"
    }

    /// `bash` of `/usr/bin/bash` and of a login shell's `-bash`.
    pub(crate) fn program(&self) -> &str {
        let word = self.command.first().map_or("", String::as_str);
        let name = word.rsplit('/').next().unwrap_or(word);
        name.strip_prefix('-').unwrap_or(name)
    }
}

/// The processes that were looked at, each once.
#[derive(Debug, Default)]
pub(crate) struct Processes(BTreeMap<i32, Option<Process>>);

impl Processes {
    pub(crate) fn get(&mut self, pid: i32) -> Option<&Process> {
        self.0.entry(pid).or_insert_with(|| look(pid)).as_ref()
    }

    pub(crate) fn command(&mut self, pid: i32) -> String {
        self.get(pid).map(|process| process.command.join(" ")).unwrap_or_default()
    }
}

/// The command in brackets may hold anything, so the fields are counted after the last bracket. One that has ended and is only not yet
/// waited for counts as ended.
fn look(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X" | "x") {
        return None;
    }
    let number = |place: usize| fields.get(place)?.parse().ok();
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = command.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    Some(Process {
        parent: number(1)?,
        group: number(2)?,
        session: number(3)?,
        command: words.map(|word| String::from_utf8_lossy(word).into_owned()).collect(),
    })
}

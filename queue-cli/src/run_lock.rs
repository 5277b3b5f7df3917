//! Run locks: how the kernel itself tells whether a supervised task still runs.
//!
//! The supervisor takes `.mooring/run/QUEUE.ID.ATTEMPT.lock` and lets the task inherit it on purpose. As long as any process of the task
//! has the descriptor, the lock is held: no clock, no heartbeat, and no false alarm after the machine slept. A task that
//! closes all its descriptors is still known by its process group, which is written into the file.

use crate::task::Task;
use atomic_io::{LockError, Wait};
use lock_core::{ExclusiveLock, LockFile, LockMode, ProcessIdentity};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a supervisor waits for its run lock. Nobody has it but, for an instant, who looks whether it is held.
const LOOKS_ARE_OVER: Duration = Duration::from_secs(5);

/// The folder `.mooring` beside a queue, as far as running tasks are concerned.
#[derive(Clone, Debug)]
pub struct RunFolder {
    queue_folder: PathBuf,
    /// The queue's own name, which tells its run locks and logs from those of another queue in the same folder.
    queue_name: String,
}

impl RunFolder {
    /// The one beside the queue at `path`, or beside what it links to.
    pub fn beside(path: &Path) -> Self {
        let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
        let real = if is_link { fs::canonicalize(path).ok() } else { None };
        let path = real.as_deref().unwrap_or(path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let name = path.file_name().unwrap_or_default();
        Self { queue_folder: folder.unwrap_or(Path::new(".")).into(), queue_name: safe(name.as_bytes()) }
    }

    /// The queue's own folder.
    pub fn queue_folder(&self) -> &Path {
        &self.queue_folder
    }

    /// Where the run lock of this attempt stands.
    pub fn lock_path(&self, id: &str, attempt: u64) -> PathBuf {
        self.queue_folder.join(".mooring/run").join(format!("{}{attempt}.lock", self.before_attempt(id)))
    }

    /// Where the output of this attempt goes.
    pub fn log_path(&self, id: &str, attempt: u64) -> PathBuf {
        self.queue_folder.join(".mooring/logs").join(format!("{}{attempt}.log", self.before_attempt(id)))
    }

    /// The attempts of a task whose output was kept, in no order.
    ///
    /// # Errors
    ///
    /// The folder of the logs is there and cannot be read.
    pub fn logged_attempts(&self, id: &str) -> io::Result<Vec<u64>> {
        let entries = match fs::read_dir(self.queue_folder.join(".mooring/logs")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let before = self.before_attempt(id);
        let mut attempts = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(&before)?.strip_suffix(".log"));
            attempts.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        Ok(attempts)
    }

    /// Where supervisors report their own troubles, which nobody may be there to hear.
    pub fn supervisors_log(&self) -> PathBuf {
        self.queue_folder.join(".mooring/logs/supervisors.log")
    }

    /// The lock that the queue's dispatcher holds: there is one dispatcher per queue.
    pub fn dispatcher_lock(&self) -> LockFile {
        LockFile::at(
            self.queue_folder.join(".mooring/run").join(format!("dispatch-{}.lock", self.queue_name)),
        )
    }

    /// Where the note stands that holds the queue's dispatcher.
    pub fn pause_note(&self) -> PathBuf {
        self.queue_folder.join(".mooring/run").join(format!("dispatch-{}.paused", self.queue_name))
    }

    /// Takes the run lock of this attempt; every program started afterwards holds it too.
    ///
    /// # Errors
    ///
    /// Those of [`LockFile::exclusive`] and [`ExclusiveLock::inherit_on_exec`].
    pub fn take(&self, id: &str, attempt: u64) -> Result<ExclusiveLock, LockError> {
        // The content of the file is the task's process group.
        let lock = LockFile::at(self.lock_path(id, attempt)).without_record();
        let mut lock = lock.exclusive(Wait::AtMost(LOOKS_ARE_OVER))?;
        lock.inherit_on_exec()?;
        Ok(lock)
    }

    /// Notes the process group of the task in its run lock, for tasks that close their descriptors.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn note_group(&self, lock: &ExclusiveLock, leader: &ProcessIdentity) -> io::Result<()> {
        fs::write(lock.path(), format!("group: {leader}\n"))
    }

    /// Removes the run lock of a task whose end is written down. A run lock's name is used for one attempt only, so nobody can
    /// be waiting for it and nobody will take it again; that makes it the one lock file that may go while it is held.
    pub fn remove(&self, id: &str, attempt: u64) {
        let path = self.lock_path(id, attempt);
        if let Err(error) = fs::remove_file(&path) {
            tracing::debug!(path = %path.display(), %error, "a run lock stays");
        }
    }

    /// Whether no process has the run lock of this attempt. What cannot be found out counts as held.
    pub fn nobody_holds(&self, id: &str, attempt: u64) -> bool {
        self.is_free(&self.lock_path(id, attempt))
    }

    /// The numbers of the processes of the task that have the run lock of this attempt, as far as they can be seen from here. Who only looks
    /// whether it is held has it shared, and is none of them.
    pub fn holders(&self, id: &str, attempt: u64) -> Vec<i32> {
        let holders = LockFile::at(self.lock_path(id, attempt)).holders();
        let of_the_task = holders.into_iter().filter(|holder| holder.mode == LockMode::Exclusive);
        of_the_task.filter_map(|holder| holder.pid).collect()
    }

    /// The process group that is noted in the run lock of this attempt.
    pub fn group(&self, id: &str, attempt: u64) -> Option<ProcessIdentity> {
        group_in(&self.lock_path(id, attempt))
    }

    /// Whether a supervised claim has ended: its supervisor is gone, its run lock is free, and nothing of its process group is
    /// left. What cannot be found out counts as not ended.
    pub fn claim_is_over(&self, task: &Task) -> bool {
        let Some(supervisor) = task.supervisor.as_deref() else { return false };
        let supervisor_lives =
            supervisor.parse::<ProcessIdentity>().is_ok_and(|supervisor| supervisor.is_alive());
        // Somebody took the number out of the file; then there is no run lock to be asked.
        let Some(attempt) = task.attempt else { return !supervisor_lives };
        !supervisor_lives
            && self.is_free(&self.lock_path(&task.id, attempt))
            && !self.group_lives(&task.id, attempt)
    }

    /// Whether the supervisor of this claim is dead while something of the task lives on.
    pub fn is_orphaned(&self, id: &str, attempt: u64, supervisor: &str) -> bool {
        let supervisor_lives =
            supervisor.parse::<ProcessIdentity>().is_ok_and(|supervisor| supervisor.is_alive());
        !supervisor_lives && (!self.is_free(&self.lock_path(id, attempt)) || self.group_lives(id, attempt))
    }

    /// The processes that hold the run lock of this attempt, for people.
    pub fn who_holds(&self, id: &str, attempt: u64) -> String {
        let path = self.lock_path(id, attempt);
        let holders = LockFile::at(&path).holders();
        let names: Vec<String> = holders.iter().map(ToString::to_string).collect();
        if names.is_empty() { format!("see who holds {}", path.display()) } else { names.join(", ") }
    }

    /// The run locks of this queue that nothing lives for any more, sorted: of supervisors that were killed, and so could not remove them.
    ///
    /// # Errors
    ///
    /// The folder cannot be read. A missing one holds none.
    pub fn left_behind(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(self.queue_folder.join(".mooring/run")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut left = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let of_this_queue = name.strip_prefix(&self.queue_name).is_some_and(|rest| rest.starts_with('.'));
            let group = || group_in(&path).is_some_and(|group| group.group_is_alive());
            if of_this_queue && name.ends_with(".lock") && self.is_free(&path) && !group() {
                left.push(path);
            }
        }
        left.sort();
        Ok(left)
    }

    /// How the names of the run locks and logs of a task begin.
    fn before_attempt(&self, id: &str) -> String {
        format!("{}.{}.", self.queue_name, safe(id.as_bytes()))
    }

    fn group_lives(&self, id: &str, attempt: u64) -> bool {
        self.group(id, attempt).is_some_and(|group| group.group_is_alive())
    }

    fn is_free(&self, path: &Path) -> bool {
        // Shared: two who ask at once must not take each other for the task.
        match LockFile::at(path).shared_on_existing(Wait::Never) {
            Ok(_free) => true,
            // A supervisor that never came to take it left none.
            Err(_) if !path.exists() => true,
            Err(error) => {
                if !error.is_contended() {
                    tracing::warn!("cannot tell whether a task still runs: {error}");
                }
                false
            }
        }
    }
}

fn group_in(run_lock: &Path) -> Option<ProcessIdentity> {
    let record = fs::read_to_string(run_lock).ok()?;
    record.lines().find_map(|line| line.strip_prefix("group: "))?.parse().ok()
}

/// An id, or a file's name, as part of a file name: what could be a path or hide the file is written as `%` and its code, and a long one is cut, with
/// enough of a checksum to stay unlike others.
fn safe(id: &[u8]) -> String {
    let mut name = String::with_capacity(id.len());
    for (place, byte) in id.iter().copied().enumerate() {
        let plain =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && place > 0);
        if plain { name.push(char::from(byte)) } else { name.push_str(&format!("%{byte:02X}")) }
    }
    if name.len() <= 100 {
        return name;
    }
    // FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
    let hash = id.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    name.truncate(80);
    format!("{name}~{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_folder() {
        assert_eq!(safe(b"TASK-1.b_2"), "TASK-1.b_2");
        assert_eq!(safe(b"../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd");
        assert_eq!(safe(b".hidden"), "%2Ehidden");
        let long = "x".repeat(5000);
        assert!(safe(long.as_bytes()).len() < 110);
        assert_ne!(safe(long.as_bytes()), safe("x".repeat(5001).as_bytes()));
    }

    #[test]
    fn a_folder_is_found_for_a_bare_name() {
        assert_eq!(RunFolder::beside(Path::new("no-such-queue.yaml")).queue_folder(), Path::new("."));
    }
}

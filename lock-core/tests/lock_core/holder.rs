//! Another process that holds a lock, or waits for it: this test binary, started again.

use lock_core::{LockFile, Wait};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A process that holds the exclusive lock at a path until it is killed, with SIGKILL, or asked to give it back.
pub(crate) struct Holder {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Holder {
    pub(crate) fn of(path: &Path) -> Self {
        Self::start(path, "with").holding()
    }

    /// The same, leaving the lock file's content alone.
    pub(crate) fn of_without_record(path: &Path) -> Self {
        Self::start(path, "without").holding()
    }

    /// One that asks for a lock which somebody else has, and is in the line for it.
    pub(crate) fn in_line_for(lock: &LockFile) -> Self {
        let holder = Self::start(lock.path(), "with");
        let pid = Some(holder.child.id().cast_signed());
        if cfg!(target_os = "linux") {
            until("it waits", || lock.waiters().iter().any(|waiter| waiter.pid == pid));
        } else {
            thread::sleep(UNSEEN);
        }
        holder
    }

    fn start(path: &Path, record: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "holder::hold_until_killed", "--nocapture"])
            .env("HOLD", path)
            .env("RECORD", record)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Until it has the lock.
    pub(crate) fn holding(mut self) -> Self {
        let mut lines = self.output.by_ref().lines();
        assert!(lines.any(|line| line.unwrap().contains("held")), "the holder did not get the lock");
        self
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// It gives the lock back and ends.
    pub(crate) fn give_back(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How long a waiter gets to be one where the kernel does not list who waits.
const UNSEEN: Duration = Duration::from_millis(200);

/// Until somebody waits for the lock, in whatever process.
pub(crate) fn until_somebody_waits_for(lock: &LockFile) {
    if cfg!(target_os = "linux") {
        until("somebody waits", || !lock.waiters().is_empty());
    } else {
        thread::sleep(UNSEEN);
    }
}

pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < patience, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// The other side of [`Holder`]; as a test of its own it has nothing to do.
#[test]
fn hold_until_killed() {
    let Some(path) = std::env::var_os("HOLD") else { return };
    let lock = LockFile::at(path);
    let lock = if std::env::var_os("RECORD").is_some_and(|word| word == "without") {
        lock.without_record()
    } else {
        lock
    };
    let held = lock.exclusive(Wait::Forever).unwrap();
    println!("held");
    let _ = std::io::stdin().read(&mut [0]);
    drop(held);
}

//! Another process that holds a lock: this test binary, started again.

use lock_core::{LockFile, Wait};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A process that holds the exclusive lock at a path until it is killed, with SIGKILL.
pub(crate) struct Holder(Child);

impl Holder {
    pub(crate) fn of(path: &Path) -> Self {
        Self::start(path, "with")
    }

    /// The same, leaving the lock file's content alone.
    pub(crate) fn of_without_record(path: &Path) -> Self {
        Self::start(path, "without")
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
        assert!(output.lines().any(|line| line.unwrap().contains("held")), "the holder did not get the lock");
        Self(child)
    }

    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
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

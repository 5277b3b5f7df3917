//! The binary `queue`, run in a folder of its own.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

/// What the environment may say to `queue`; here it says nothing.
const VARIABLES: [&str; 8] = [
    "QUEUE_FILE",
    "QUEUE_AGENT",
    "QUEUE_TASK_ID",
    "QUEUE_ATTEMPT",
    "QUEUE_EVENTS",
    "QUEUE_NO_EVENTS",
    "QUEUE_ALSO_LOCK",
    "COLUMNS",
];

pub(crate) struct Program(TempDir);

/// How a run ended: exit code, standard output, standard error.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    pub(crate) fn with_queue(yaml: &str) -> Self {
        let program = Self(tempfile::tempdir().unwrap());
        fs::write(program.path("queue.yaml"), yaml).unwrap();
        program
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_queue"));
        command.args(arguments).current_dir(self.0.path());
        for name in VARIABLES {
            command.env_remove(name);
        }
        command
    }

    /// Runs `queue` with the words of `line`; quotes are for the shell, and this is none.
    pub(crate) fn run(&self, line: &str) -> Ended {
        let words: Vec<&str> = line.split(' ').collect();
        Ended::of(self.command(&words).output().unwrap())
    }

    /// The processes that have this folder as theirs.
    #[cfg(target_os = "linux")]
    pub(crate) fn processes(&self) -> Vec<i32> {
        let folder = fs::canonicalize(self.0.path()).unwrap();
        let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let entry = entry.unwrap();
            let pid = entry.file_name().to_str()?.parse().ok()?;
            (fs::read_link(entry.path().join("cwd")).ok()? == folder).then_some(pid)
        });
        processes.collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

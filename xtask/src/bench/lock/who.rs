//! Who takes a lock, as commands.

use crate::bench::lock::turns::{Course, Files, Turns};
use crate::client::How;
use crate::engine::{Explain, Failure, Stage, Tool};
use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

const SCRIPT: &str = include_str!("../../../clients/bench_lock.py");

#[derive(Clone, Copy)]
pub(crate) enum Who {
    /// A client process of ours.
    Client(How),
    /// `flock(1)`.
    Command,
    /// A Python script with filelock.
    Python,
}

impl Who {
    /// Nanoseconds for one turn at a lock that nobody else wants.
    pub(crate) fn alone(&self, stage: &Stage, times: u32) -> Result<f64, Failure> {
        let (lock, times) = (self.lock(stage)?, times.to_string());
        let mut command = match self {
            Self::Client(how) => {
                let mut client = stage.client(&["bench-lock", "alone", &how.word(), "--times", &times]);
                client.arg("--lock").arg(lock);
                client
            }
            Self::Command => return command(stage, 100, &["flock", "a.lock", "true"]),
            Self::Python => {
                let mut python = stage.python_with(Tool::FileLock, "bench_lock.py", SCRIPT)?;
                python.arg("alone").arg(lock).arg(times);
                python
            }
        };
        number(&mut command)
    }

    /// Has as many processes as `course` says take turns.
    pub(crate) fn turns(&self, stage: &Stage, course: &Course) -> Result<Turns, Failure> {
        let lock = self.lock(stage)?;
        let client = || match self {
            Self::Client(how) => Ok(stage.client(&["bench-lock", "turns", &how.word()])),
            Self::Command => Ok(stage.client(&["bench-lock", "command-turns"])),
            Self::Python => {
                let mut python = stage.python_with(Tool::FileLock, "bench_lock.py", SCRIPT)?;
                python.arg("turns");
                Ok(python)
            }
        };
        course.run(stage, &lock, client, if matches!(self, Self::Python) { in_order } else { by_name })
    }

    /// Its own lock file: some write into it what others do not expect.
    fn lock(&self, stage: &Stage) -> Result<PathBuf, Failure> {
        let name = match self {
            Self::Client(how) => how.word(),
            Self::Command => "flock-command".into(),
            Self::Python => "python".into(),
        };
        let path = stage.data().join(name).with_extension("lock");
        File::options().create(true).append(true).open(&path).explain(path.display())?;
        Ok(path)
    }
}

/// Nanoseconds from the start to the end of a command.
pub(crate) fn command(stage: &Stage, times: u32, words: &[&str]) -> Result<f64, Failure> {
    let mut client = stage.client(&["bench-lock", "command", "--times", &times.to_string(), "--"]);
    number(client.args(words))
}

fn number(command: &mut Command) -> Result<f64, Failure> {
    let output = command.output().explain("cannot start a client")?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().parse::<f64>().explain(format_args!("`{said}`{}", String::from_utf8_lossy(&output.stderr)))
}

fn by_name(course: &Course, files: &Files<'_>, command: &mut Command) {
    command.arg("--lock").arg(files.lock).arg("--ready").arg(files.ready).arg("--times").arg(files.times);
    command.args(["--inside-us", &course.inside_us.to_string()]);
    command.args(["--outside-us", &course.outside_us.to_string()]);
    if let Some((last, own)) = files.last {
        command.arg("--last").arg(last).args(["--own", &own.to_string()]);
    }
}

fn in_order(course: &Course, files: &Files<'_>, command: &mut Command) {
    command.arg(files.lock).arg(files.ready).arg(files.times);
    command.args([course.inside_us.to_string(), course.outside_us.to_string()]);
    if let Some((last, own)) = files.last {
        command.arg(last).arg(own.to_string());
    }
}

//! One process of a scenario.

use crate::engine::{Explain, Failure, fail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A process that runs; it is killed and reaped when this is dropped.
///
/// Its output goes to files: a pipe would stay open as long as any grandchild lives, and could fill.
pub(crate) struct Running {
    name: String,
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// Who gets a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    Itself,
    Group,
}

/// A process that ended.
pub(crate) struct Finished {
    pub(crate) name: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Running {
    /// Starts `command`; its output goes to `logs/NAME.out` and `.err`, appended.
    pub(crate) fn start(command: &mut Command, logs: &std::path::Path, name: &str) -> Result<Self, Failure> {
        let open = |extension: &str| {
            let path = logs.join(format!("{name}.{extension}"));
            let file = File::options().create(true).append(true).open(&path);
            file.map(|file| (path.clone(), file)).explain(path.display())
        };
        let (out, out_file) = open("out")?;
        let (err, err_file) = open("err")?;
        let child = command
            .stdin(Stdio::null())
            .stdout(out_file)
            .stderr(err_file)
            .spawn()
            .explain(format_args!("cannot start {name}"))?;
        Ok(Self { name: name.into(), child, out, err })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn finish(mut self) -> Result<Finished, Failure> {
        let status = self.child.wait()?;
        self.finished(status)
    }

    /// SIGKILL, now.
    pub(crate) fn kill(mut self) -> Result<Finished, Failure> {
        self.child.kill()?;
        let status = self.child.wait()?;
        self.finished(status)
    }

    /// Sends a signal to it, or to the whole group that it must have been started as the leader of. One that has ended hears nothing.
    pub(crate) fn signal(&mut self, whom: Whom, signal: Signal) -> Result<(), Failure> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // Its number is its own until it has been waited for.
        let Some(pid) = pid.filter(|_| matches!(self.child.try_wait(), Ok(None))) else { return Ok(()) };
        match whom {
            Whom::Itself => kill_process(pid, signal)?,
            Whom::Group => kill_process_group(pid, signal)?,
        }
        Ok(())
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> Result<bool, Failure> {
        Ok(self.child.try_wait()?.is_none())
    }

    fn finished(&self, status: ExitStatus) -> Result<Finished, Failure> {
        let read = |path: &PathBuf| -> Result<String, Failure> {
            Ok(String::from_utf8_lossy(&fs::read(path).explain(path.display())?).into_owned())
        };
        Ok(Finished { name: self.name.clone(), status, stdout: read(&self.out)?, stderr: read(&self.err)? })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail on a process that was waited for, which is all they are meant to ensure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    /// That it ended with `code`; otherwise a failure that shows what it said.
    pub(crate) fn expect(self, code: i32) -> Result<Self, Failure> {
        if self.status.code() == Some(code) {
            return Ok(self);
        }
        let ended = match (self.status.code(), self.status.signal()) {
            (Some(found), _) => format!("exited with {found}"),
            (None, signal) => format!("was ended by signal {}", signal.unwrap_or(0)),
        };
        Err(fail(format!("{} {ended}, expected exit code {code}; it said: {}", self.name, self.said())))
    }

    /// What it printed, which must be one JSON value.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        serde_json::from_str(&self.stdout).explain(format_args!(
            "{} printed no JSON; it said: {}",
            self.name,
            self.said()
        ))
    }

    /// The number after `word` in what it printed.
    pub(crate) fn number_after(&self, word: &str) -> Result<u64, Failure> {
        let mut words = self.stdout.split_whitespace();
        let number = words.find(|found| *found == word).and_then(|_| words.next()?.parse().ok());
        number.ok_or_else(|| fail(format!("{} did not say how many {word}: {}", self.name, self.said())))
    }

    /// The end of what it wrote to both outputs.
    pub(crate) fn said(&self) -> String {
        let said = format!("{}{}", tail(&self.stdout), tail(&self.stderr));
        if said.is_empty() { "nothing".into() } else { said }
    }
}

/// Enough to see what went wrong, not a whole log.
fn tail(text: &str) -> &str {
    const ENOUGH: usize = 2_000;
    let mut from = text.len().saturating_sub(ENOUGH);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

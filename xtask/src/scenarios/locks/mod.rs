//! The lock itself: processes of every kind that take it, wait for it, give up on it and are killed with it.

pub(super) mod all_kinds;
pub(super) mod arrival;
pub(super) mod inherited;
pub(super) mod lease;
pub(super) mod names;
mod rooms;
pub(super) mod timeouts;

use crate::engine::{Explain, Failure, Running, Stage, fail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const PYTHON_TURNS: &str = include_str!("../../../clients/lock_turns.py");
const BASH_TURNS: &str = include_str!("../../../clients/lock_turns.sh");
const PYTHON_ONCE: &str = include_str!("../../../clients/lock_once.py");

/// A Python program that takes a lock once.
fn python_once(stage: &Stage, words: &[&str]) -> Result<Command, Failure> {
    let mut command = stage.python("lock_once.py", PYTHON_ONCE)?;
    command.args(words);
    Ok(command)
}

/// Waits until a process has made this file, and reads the number in it: its own.
fn announced(stage: &Stage, by: &mut Running, file: &str) -> Result<u32, Failure> {
    let path = data_file(stage, file);
    stage.until(|| match path.exists() {
        false if !by.is_running()? => Err(fail(format!("it ended without making {file}"))),
        exists => Ok(exists),
    })?;
    fs::read_to_string(&path)?.trim().parse::<u32>().explain(path.display())
}

/// Tells a process that waits for this file to go on.
fn tell(stage: &Stage, file: &str) -> Result<(), Failure> {
    fs::write(data_file(stage, file), "").explain(file)
}

fn data_file(stage: &Stage, name: &str) -> PathBuf {
    stage.data().join(name)
}

/// Takes the lock with a process of ours that does not wait.
fn had_at_once(stage: &Stage, lock: &str, when: &str) -> Result<(), Failure> {
    match try_once(stage, &[lock])?.as_str() {
        "got" => Ok(()),
        said => Err(fail(format!("{when} the lock was not to be had at once: {said}"))),
    }
}

/// What a process of ours says that does not wait: `got`, or [`NOT_GOT`](crate::client::NOT_GOT) and why.
fn try_once(stage: &Stage, words: &[&str]) -> Result<String, Failure> {
    let mut command = stage.client(&["lock-once", "--wait-ms", "0"]);
    let tried = stage.finish(command.args(words), "at-once")?.expect(0)?;
    Ok(tried.stdout.lines().last().unwrap_or_default().to_owned())
}

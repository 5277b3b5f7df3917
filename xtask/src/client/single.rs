//! Processes that do one thing and say when it is done: what they print is their promise.

use crate::client::count::{append_event, count};
use crate::engine::{Explain, Failure};
use atomic_io::{EventLog, SharedFile};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// What is printed once an operation is durable.
pub(crate) const DONE: &str = "saved";

pub(crate) fn replace(file: &Path, content: &str) -> Result<ExitCode, Failure> {
    atomic_io::replace(file, content.as_bytes())?;
    done()
}

pub(crate) fn count_once(file: &Path, id: &str) -> Result<ExitCode, Failure> {
    count(&telling(file), id)?;
    done()
}

pub(crate) fn restore(file: &Path, from: &Path) -> Result<ExitCode, Failure> {
    telling(file).restore(from)?;
    done()
}

/// What it has to tell besides is told as an error would be.
fn telling(file: &Path) -> SharedFile {
    SharedFile::at(file).notices(|notice| {
        // Nobody is left to be told that this failed.
        let _ = writeln!(io::stderr(), "{notice}");
    })
}

pub(crate) fn append_once(file: &Path, id: &str) -> Result<ExitCode, Failure> {
    append_event(&EventLog::at(file), id)?;
    done()
}

/// Appends one event for each text, each with its own promise.
pub(crate) fn append_all(file: &Path, ids: &[String]) -> Result<ExitCode, Failure> {
    let log = EventLog::at(file);
    for id in ids {
        append_event(&log, id)?;
        done()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Appends so many events, and nothing else.
pub(crate) fn append_times(file: &Path, times: u32) -> Result<ExitCode, Failure> {
    let log = EventLog::at(file);
    for number in 0..times {
        append_event(&log, &number.to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn done() -> Result<ExitCode, Failure> {
    // `println!` panics where nobody can hear it.
    writeln!(io::stdout(), "{DONE}").explain("cannot write to standard output")?;
    Ok(ExitCode::SUCCESS)
}

//! Processes that do one thing and say when it is done: what they print is their promise.

use crate::engine::Failure;
use atomic_io::{DocumentError, SharedFile};
use std::path::Path;
use std::process::ExitCode;

/// What is printed once an operation is durable.
pub(crate) const DONE: &str = "saved";

pub(crate) fn replace(file: &Path, content: &str) -> Result<ExitCode, Failure> {
    atomic_io::replace(file, content.as_bytes())?;
    done()
}

pub(crate) fn count_once(file: &Path, _id: &str) -> Result<ExitCode, Failure> {
    SharedFile::at(file).update(|document| {
        let counter: u64 = document.get("counter")?;
        document.set("counter", &(counter + 1))?;
        Ok::<_, DocumentError>(())
    })?;
    done()
}

fn done() -> Result<ExitCode, Failure> {
    println!("{DONE}");
    Ok(ExitCode::SUCCESS)
}

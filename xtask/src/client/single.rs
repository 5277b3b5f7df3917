//! Processes that do one thing and say when it is done: what they print is their promise.

use crate::engine::Failure;
use std::path::Path;
use std::process::ExitCode;

/// What is printed once an operation is durable.
pub(crate) const DONE: &str = "saved";

pub(crate) fn replace(file: &Path, content: &str) -> Result<ExitCode, Failure> {
    atomic_io::replace(file, content.as_bytes())?;
    println!("{DONE}");
    Ok(ExitCode::SUCCESS)
}

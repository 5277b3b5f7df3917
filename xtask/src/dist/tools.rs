//! Programs of the system that a distribution is made with.

use crate::engine::{Failure, fail};
use std::io::ErrorKind;
use std::process::{Command, Stdio};

/// Runs `command` to its end and gives what it printed. `of` is the package that has it, for whoever lacks it.
pub(super) fn output(command: &mut Command, of: &str) -> Result<Vec<u8>, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    // What is read of it must not depend on the language of whoever runs it.
    match command.env("LC_ALL", "C").stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(fail(format!("{name} failed ({}): {}", output.status, said.trim())))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(fail(format!("{name} is not installed; it is part of {of}")))
        }
        Err(error) => Err(fail(format!("cannot run {name}: {error}"))),
    }
}

/// The same as text.
pub(super) fn text(command: &mut Command, of: &str) -> Result<String, Failure> {
    Ok(String::from_utf8_lossy(&output(command, of)?).into_owned())
}

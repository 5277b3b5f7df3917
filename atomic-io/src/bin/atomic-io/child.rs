//! Running other programs.

use crate::exit::{Exit, Failure};
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

/// The command for words, of which there is at least one.
pub(crate) fn command(words: &[OsString]) -> Result<Command, Failure> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure::new(Exit::Usage, "no command is given"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// A program that did not start, with the exit codes that shells have for it.
pub(crate) fn cannot_run(command: &Command, error: io::Error) -> Failure {
    let exit = if error.kind() == ErrorKind::NotFound { Exit::NoSuchCommand } else { Exit::CannotRun };
    let message = format!("cannot run {}", command.get_program().display());
    Failure::Other { exit, message, source: Some(Box::new(error)) }
}

/// How a program ended, as one number: its exit code, or 128 and the signal.
pub(crate) fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// The same in words.
pub(crate) fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

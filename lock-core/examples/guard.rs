//! Runs a command under the lock of a file, as `flock FILE.lock CMD…` does: `guard FILE CMD…`.
//!
//! The command does not inherit the lock: a daemon that it leaves behind does not keep it.

use lock_core::{LockFile, Wait};
use std::env;
use std::process::{Command, ExitCode};
use std::time::Duration;

fn main() -> ExitCode {
    let mut words = env::args_os().skip(1);
    let (Some(file), Some(program)) = (words.next(), words.next()) else {
        eprintln!("usage: guard FILE CMD...");
        return ExitCode::from(2);
    };
    let held = match LockFile::guarding(file).exclusive(Wait::AtMost(Duration::from_secs(60))) {
        Ok(held) => held,
        Err(error) => {
            eprintln!("guard: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = Command::new(&program).args(words).status();
    drop(held);
    match ended {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("guard: cannot run {}: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}

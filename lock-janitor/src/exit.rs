//! How `lock-janitor` ends: its exit codes.

use std::process::ExitCode;

/// The exit codes. They are part of the interface: a code never changes its meaning. (2, usage, is clap's.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Done = 0,
    Failure = 1,
    NotFound = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

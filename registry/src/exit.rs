//! How `registry` ends: its exit codes, which mean what they mean to `queue`, and what it says of an error.

use atomic_io::FileError;
use registry::RegistryError;
use std::error::Error;
use std::io;
use std::process::ExitCode;

/// The exit codes. They are part of the interface: a code never changes its meaning. (0 is success, 2, usage, is clap's.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Failure = 1,
    Invalid = 6,
    NotFound = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended without doing what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("cannot print the result")]
    Print(#[from] io::Error),
    #[error("cannot put the result into JSON")]
    Json(#[from] serde_json::Error),
}

impl Failure {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Registry(
                RegistryError::Invalid { .. } | RegistryError::File(FileError::Invalid { .. }),
            ) => Exit::Invalid,
            Self::Registry(
                RegistryError::NoSuchSkill { .. }
                | RegistryError::File(FileError::NotFound { .. } | FileError::DanglingLink { .. }),
            ) => Exit::NotFound,
            _ => Exit::Failure,
        }
    }

    /// The error and its causes on one line.
    pub(crate) fn story(&self) -> String {
        let mut story = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            story.push_str(": ");
            story.push_str(&error.to_string());
            cause = error.source();
        }
        story
    }
}

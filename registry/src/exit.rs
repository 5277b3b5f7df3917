//! How `registry` ends: its exit codes, which mean what they mean to `queue`, and what it says of an error.

use atomic_io::{DocumentError, EventError, FileError};
use registry::RegistryError;
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// The exit codes. They are part of the interface: a code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failure = 1,
    Usage = 2,
    LockTimedOut = 5,
    Invalid = 6,
    NotFound = 7,
    DurabilityUnknown = 9,
}

impl Exit {
    /// The word for it in JSON.
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failure => "failure",
            Self::Usage => "usage",
            Self::LockTimedOut => "lock_timed_out",
            Self::Invalid => "invalid",
            Self::NotFound => "not_found",
            Self::DurabilityUnknown => "durability_unknown",
        }
    }
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
    /// Anything else: a message with its exit code, and the cause if there is one.
    #[error("{message}")]
    Other { exit: Exit, message: String, source: Option<Box<dyn Error + Send + Sync>> },
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Other { exit, message: message.into(), source: None }
    }

    /// An operation of the system that failed.
    pub(crate) fn because(message: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Other { exit: Exit::Failure, message: message.into(), source: Some(Box::new(source)) }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Registry(error) => exit_of(error),
            Self::Other { exit, .. } => *exit,
        }
    }

    /// The whole story on one line, the file first unless the error names it itself; then the operating system's reasons.
    pub(crate) fn tell(&self, file: &Path) -> String {
        let named = matches!(
            self,
            Self::Registry(RegistryError::File(_) | RegistryError::Log(_)) | Self::Other { .. }
        );
        let mut story = if named { self.to_string() } else { format!("{}: {self}", file.display()) };
        let mut source = self.source();
        while let Some(error) = source {
            story.push_str(&format!(": {error}"));
            source = error.source();
        }
        story
    }

    /// The same for programs.
    pub(crate) fn json(&self, file: &Path) -> Value {
        let (line, column) = self.place();
        error_json(self.exit(), &self.tell(file), line, column)
    }

    /// Line and column of what is wrong with the file, from 1.
    fn place(&self) -> (Option<usize>, Option<usize>) {
        match self {
            Self::Registry(RegistryError::File(FileError::Invalid { error, .. })) => {
                (Some(error.line), Some(error.column))
            }
            Self::Registry(RegistryError::Document(DocumentError::Refused { line, column, .. })) => {
                (Some(*line), Some(*column))
            }
            Self::Registry(RegistryError::Invalid { line, .. }) => (*line, None),
            _ => (None, None),
        }
    }
}

/// An error as an object.
pub(crate) fn error_json(exit: Exit, message: &str, line: Option<usize>, column: Option<usize>) -> Value {
    json!({"error": {
        "exit": exit as u8, "kind": exit.word(), "message": message, "line": line, "column": column,
    }})
}

fn exit_of(error: &RegistryError) -> Exit {
    match error {
        RegistryError::Invalid { .. }
        | RegistryError::Document(DocumentError::Refused { .. } | DocumentError::WrongKind { .. }) => {
            Exit::Invalid
        }
        RegistryError::NoSuchSkill { .. } => Exit::NotFound,
        RegistryError::BadValue { .. } => Exit::Usage,
        RegistryError::File(error) | RegistryError::Log(EventError::File(error)) => exit_of_file(error),
        _ => Exit::Failure,
    }
}

fn exit_of_file(error: &FileError) -> Exit {
    match error {
        FileError::Lock(error) if error.is_contended() => Exit::LockTimedOut,
        FileError::NotFound { .. } | FileError::DanglingLink { .. } => Exit::NotFound,
        FileError::Invalid { .. } => Exit::Invalid,
        FileError::DurabilityUnknown { .. } => Exit::DurabilityUnknown,
        _ => Exit::Failure,
    }
}

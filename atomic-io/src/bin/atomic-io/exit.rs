//! How `atomic-io` ends: its exit codes, which mean what they mean to `queue`, and what it says of an error.

use atomic_io::{DocumentError, EventError, FileError, LockError, ParseError};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};

/// The exit codes. They are part of the interface: a code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failure = 1,
    Usage = 2,
    Conflict = 4,
    LockTimedOut = 5,
    Invalid = 6,
    NotFound = 7,
    CommandFailed = 8,
    DurabilityUnknown = 9,
    CannotRun = 126,
    NoSuchCommand = 127,
}

impl Exit {
    /// The word for it in JSON.
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failure => "failure",
            Self::Usage => "usage",
            Self::Conflict => "conflict",
            Self::LockTimedOut => "lock_timed_out",
            Self::Invalid => "invalid",
            Self::NotFound => "not_found",
            Self::CommandFailed => "command_failed",
            Self::DurabilityUnknown => "durability_unknown",
            Self::CannotRun => "cannot_run",
            Self::NoSuchCommand => "no_such_command",
        }
    }
}

/// Why a command ended without doing what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Event(#[from] EventError),
    #[error("{}", path.display())]
    Document { path: PathBuf, source: DocumentError },
    /// What was handed in, or came out of a program, is no YAML.
    #[error("{what}:{}:{}: {}\n  {}", error.line, error.column, error.message, error.line_text)]
    Parse { what: String, error: ParseError },
    /// Anything else: a message with its exit code, and the cause if there is one.
    #[error("{message}")]
    Other { exit: Exit, message: String, source: Option<Box<dyn Error + Send + Sync>> },
    /// What stood in the way of an edit, whose result is not thrown away.
    #[error("{}\nyour version is kept as {}", failure.story(), copy.display())]
    Kept { failure: Box<Failure>, copy: PathBuf },
    /// A signal came before anything was saved.
    #[error("interrupted; nothing was changed")]
    Interrupted { signal: i32 },
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Other { exit, message: message.into(), source: None }
    }

    /// An operation of the system that failed.
    pub(crate) fn because(message: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Other { exit: Exit::Failure, message: message.into(), source: Some(Box::new(source)) }
    }

    /// What went wrong with a document, and in which file.
    pub(crate) fn in_document(path: &Path) -> impl Fn(DocumentError) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Document { path: path.clone(), source }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::File(error) => exit_of_file(error),
            Self::Event(error) => exit_of_event(error),
            Self::Document { source, .. } => exit_of_document(source),
            Self::Parse { .. } => Exit::Invalid,
            Self::Other { exit, .. } => *exit,
            Self::Kept { failure, .. } => failure.exit(),
            Self::Interrupted { .. } => Exit::Failure,
        }
    }

    /// The error and its causes. The line that does not parse, if there is one, stands below.
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

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        let (line, column) = self.place().unzip();
        let mut json = error_json(self.exit(), &self.story(), line, column);
        if let Self::Kept { copy, .. } = self {
            json["error"]["kept"] = copy.display().to_string().into();
        }
        json
    }

    fn place(&self) -> Option<(usize, usize)> {
        match self {
            Self::Parse { error, .. }
            | Self::File(FileError::Invalid { error, .. })
            | Self::Event(EventError::File(FileError::Invalid { error, .. })) => {
                Some((error.line, error.column))
            }
            Self::Kept { failure, .. } => failure.place(),
            Self::Document { source: DocumentError::Refused { line, column, .. }, .. } => {
                Some((*line, *column))
            }
            _ => None,
        }
    }
}

/// An error as an object.
pub(crate) fn error_json(exit: Exit, message: &str, line: Option<usize>, column: Option<usize>) -> Value {
    json!({"error": {
        "exit": exit as u8, "kind": exit.word(), "message": message, "line": line, "column": column,
    }})
}

fn exit_of_file(error: &FileError) -> Exit {
    match error {
        FileError::Lock(error) => exit_of_lock(error),
        FileError::NotFound { .. } | FileError::DanglingLink { .. } => Exit::NotFound,
        FileError::AlreadyExists { .. } => Exit::Conflict,
        FileError::Invalid { .. } => Exit::Invalid,
        FileError::DurabilityUnknown { .. } => Exit::DurabilityUnknown,
        _ => Exit::Failure,
    }
}

pub(crate) fn exit_of_lock(error: &LockError) -> Exit {
    if error.is_contended() { Exit::LockTimedOut } else { Exit::Failure }
}

fn exit_of_event(error: &EventError) -> Exit {
    match error {
        error if error.is_recorded() => Exit::DurabilityUnknown,
        EventError::File(error) => exit_of_file(error),
        EventError::Emit { .. } | EventError::NotAppendable { .. } => Exit::Invalid,
        _ => Exit::Failure,
    }
}

fn exit_of_document(error: &DocumentError) -> Exit {
    match error {
        DocumentError::Path { .. } => Exit::Usage,
        DocumentError::NotFound { .. } => Exit::NotFound,
        DocumentError::Ambiguous { .. } => Exit::Conflict,
        _ => Exit::Invalid,
    }
}

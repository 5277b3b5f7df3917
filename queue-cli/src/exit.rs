//! How `queue` ends: its exit codes, and what it says of an error.

use atomic_io::{DocumentError, FileError};
use queue_cli::QueueError;
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The exit codes. They are part of the interface: a code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failure = 1,
    Usage = 2,
    Nothing = 3,
    Conflict = 4,
    LockTimedOut = 5,
    Invalid = 6,
    NotFound = 7,
    TasksFailed = 8,
    DurabilityUnknown = 9,
}

impl Exit {
    /// The word for it in JSON.
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failure => "failure",
            Self::Usage => "usage",
            Self::Nothing => "nothing",
            Self::Conflict => "conflict",
            Self::LockTimedOut => "lock_timed_out",
            Self::Invalid => "invalid",
            Self::NotFound => "not_found",
            Self::TasksFailed => "tasks_failed",
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
    Queue(#[from] QueueError),
    /// What is wrong with another file than the queue.
    #[error("{}", path.display())]
    InFile { path: PathBuf, source: QueueError },
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

    /// What is wrong with another file than the queue.
    pub(crate) fn in_file(path: &Path, error: QueueError) -> Self {
        match error {
            // It names the file itself.
            QueueError::File(_) => Self::Queue(error),
            error => Self::InFile { path: path.into(), source: error },
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Queue(error) | Self::InFile { source: error, .. } => exit_of(error),
            Self::Other { exit, .. } => *exit,
        }
    }

    /// The whole story on one line, the file first unless the error names it itself; then the operating system's reasons.
    pub(crate) fn tell(&self, file: &Path) -> String {
        let named = matches!(
            self,
            Self::Queue(QueueError::File(_) | QueueError::Archive { .. })
                | Self::InFile { .. }
                | Self::Other { .. }
        );
        let mut story = if named { self.to_string() } else { format!("{}: {self}", file.display()) };
        push_causes(&mut story, self);
        story
    }

    /// The same for programs.
    pub(crate) fn json(&self, file: &Path) -> Value {
        let (line, column) = self.place();
        error_json(self.exit(), &self.tell(file), line, column)
    }

    /// Line and column of what is wrong with a file, from 1.
    fn place(&self) -> (Option<usize>, Option<usize>) {
        let (Self::Queue(error) | Self::InFile { source: error, .. }) = self else { return (None, None) };
        match error {
            QueueError::File(FileError::Invalid { error, .. }) => (Some(error.line), Some(error.column)),
            QueueError::Document(DocumentError::Refused { line, column, .. }) => (Some(*line), Some(*column)),
            QueueError::BadTask { line, .. }
            | QueueError::NoSlots { line, .. }
            | QueueError::BadSlot { line, .. } => (*line, None),
            QueueError::DuplicateId { second, .. } => (*second, None),
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

/// An error and the reasons behind it, on one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut story = error.to_string();
    push_causes(&mut story, error);
    story
}

fn push_causes(story: &mut String, error: &dyn Error) {
    let mut source = error.source();
    while let Some(error) = source {
        story.push_str(&format!(": {error}"));
        source = error.source();
    }
}

fn exit_of(error: &QueueError) -> Exit {
    match error {
        QueueError::NoTasks { .. }
        | QueueError::TwoLists { .. }
        | QueueError::BadTask { .. }
        | QueueError::DuplicateId { .. }
        | QueueError::NoSlots { .. }
        | QueueError::BadSlot { .. } => Exit::Invalid,
        QueueError::NoSuchTask { .. }
        | QueueError::NoSuchBlocker { .. }
        | QueueError::NoSuchSlot { .. }
        | QueueError::NothingAround { .. } => Exit::NotFound,
        QueueError::IdTaken { .. }
        | QueueError::OtherArchived { .. }
        | QueueError::NotReady { .. }
        | QueueError::WrongState { .. }
        | QueueError::StaleAttempt { .. }
        | QueueError::NotHolder { .. }
        | QueueError::Cycle { .. } => Exit::Conflict,
        QueueError::NotEditable { .. } | QueueError::NoField { .. } | QueueError::BadValue { .. } => {
            Exit::Usage
        }
        QueueError::NothingReady => Exit::Nothing,
        QueueError::Document(DocumentError::Refused { .. } | DocumentError::WrongKind { .. }) => {
            Exit::Invalid
        }
        QueueError::Archive { source, .. } => exit_of(source),
        QueueError::File(FileError::Lock(error)) if error.is_contended() => Exit::LockTimedOut,
        QueueError::File(FileError::NotFound { .. }) => Exit::NotFound,
        QueueError::File(FileError::AlreadyExists { .. }) => Exit::Conflict,
        QueueError::File(FileError::Invalid { .. }) => Exit::Invalid,
        QueueError::File(FileError::DurabilityUnknown { .. }) => Exit::DurabilityUnknown,
        _ => Exit::Failure,
    }
}

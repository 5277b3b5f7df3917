//! How `lock-janitor` ends: its exit codes, and what it says of an error.

use serde_json::{Value, json};
use std::error::Error;
use std::process::ExitCode;

/// The exit codes. They are part of the interface: a code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Done = 0,
    Failure = 1,
    Usage = 2,
    Conflict = 4,
    Invalid = 6,
    NotFound = 7,
}

impl Exit {
    /// The word for it in JSON.
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failure => "failure",
            Self::Usage => "usage",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::NotFound => "not_found",
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
#[error("{message}")]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
    /// Line and column of what is wrong with a file, from 1.
    place: Option<(usize, usize)>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), place: None, source: None }
    }

    /// An operation that failed, and why.
    pub(crate) fn because(message: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self { source: Some(Box::new(source)), ..Self::new(Exit::Failure, message) }
    }

    pub(crate) fn with_exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    pub(crate) fn at(self, line: usize, column: usize) -> Self {
        Self { place: Some((line, column)), ..self }
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        let (line, column) = self.place.unzip();
        error_json(self.exit, &with_causes(self), line, column)
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
    let mut source = error.source();
    while let Some(error) = source {
        story.push_str(&format!(": {error}"));
        source = error.source();
    }
    story
}

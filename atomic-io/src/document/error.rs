//! What can go wrong with a document: one variant per operation.

use std::fmt;

/// A text that is not valid YAML, with the place and the line itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong there, lower case, without a full stop.
    pub message: String,
    /// The offending line without its line break, to be shown to a person.
    pub line_text: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Why an operation on a [`Document`](crate::Document) failed. The document is then exactly as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Nothing stands at the path.
    #[error("nothing at `{path}`")]
    NotFound {
        /// The path as text.
        path: String,
    },
    /// A selector matches more than one item, so the path names none of them.
    #[error("`{path}` matches more than one item (lines {})", join(.lines))]
    Ambiguous {
        /// The path as text.
        path: String,
        /// The lines of the matching items, from 1. Empty when the document has no line numbers.
        lines: Vec<usize>,
    },
    /// The document holds a structure that is read but never edited, because its comments could not be kept.
    #[error("`{path}` cannot be edited: {reason} (line {line}, column {column})")]
    Refused {
        /// The path as text.
        path: String,
        /// Where the structure stands, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is not edited.
        reason: String,
    },
    /// What stands at the path is of another kind than the operation needs.
    #[error("`{path}` is {found}, not {wanted}")]
    WrongKind {
        /// The path as text.
        path: String,
        /// What is there, with its article.
        found: &'static str,
        /// What is needed, with its article.
        wanted: &'static str,
    },
    /// The value is there but does not fit the type that was asked for.
    #[error("the value at `{path}` does not fit the type asked for")]
    Read {
        /// The path as text.
        path: String,
        /// What the deserializer says, with line and column in the document.
        #[source]
        source: serde_yaml::Error,
    },
    /// The value has no YAML form that every reader takes for the same value.
    #[error("the value for `{path}` cannot be written as YAML: {reason}")]
    Emit {
        /// The path as text.
        path: String,
        /// Why not.
        reason: String,
    },
    /// The edit did not read back as meant, and was undone.
    #[error("the edit of `{path}` did not read back as meant: {reason}")]
    Check {
        /// The path as text.
        path: String,
        /// What differed.
        reason: String,
    },
    /// The text of a path does not follow the grammar of [`DocPath`](crate::DocPath).
    #[error("`{path}` is not a path: {reason} at character {at}")]
    Path {
        /// The text that was given.
        path: String,
        /// The character, from 1.
        at: usize,
        /// What is wrong there.
        reason: &'static str,
    },
}

fn join(lines: &[usize]) -> String {
    lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

//! Why an operation on a registry was refused.

use atomic_io::{DocumentError, EventError, FileError, UpdateError};

/// Why an operation on a registry was refused. The registry is unchanged then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The file is YAML, but no registry.
    #[error("{}{reason}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
    Invalid {
        /// The line, from 1. `None` in files that use anchors, tags and the like, whose lines are not known.
        line: Option<usize>,
        /// What is wrong there.
        reason: String,
    },
    /// There is no skill of this id.
    #[error("there is no skill {id}; see them with: registry list")]
    NoSuchSkill {
        /// The id that was asked for.
        id: String,
    },
    /// A value does not fit its field.
    #[error("this value does not fit `{field}`: {why}")]
    BadValue {
        /// The field.
        field: String,
        /// What would.
        why: String,
    },
    /// The document could not be read or changed at this place.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The file could not be locked, read or saved.
    #[error(transparent)]
    File(#[from] FileError),
    /// The event log could not be read or appended to.
    #[error(transparent)]
    Log(#[from] EventError),
}

impl From<UpdateError<Self>> for RegistryError {
    fn from(error: UpdateError<Self>) -> Self {
        match error {
            UpdateError::Operation(error) => error,
            UpdateError::File(error) => Self::File(error),
        }
    }
}

//! What can go wrong with a registry, one variant per operation.

use atomic_io::FileError;
use std::path::{Path, PathBuf};

/// Why a registry was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The file is missing, cannot be read, or does not parse.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is YAML, but not a registry.
    #[error("{}: {reason}", place(path, *line))]
    Invalid {
        /// The registry.
        path: PathBuf,
        /// The line, from 1. `None` in files that use anchors, tags and the like, whose lines are not known.
        line: Option<usize>,
        /// What is wrong there.
        reason: String,
    },
    /// There is no skill of this id.
    #[error("{} has no skill `{id}`; see them with: registry list", path.display())]
    NoSuchSkill {
        /// The registry.
        path: PathBuf,
        /// The id that was asked for.
        id: String,
    },
}

fn place(path: &Path, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    }
}

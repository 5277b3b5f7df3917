//! The registry as a file.

use crate::skill::{self, Misfit};
use crate::{RegistryError, Skill};
use atomic_io::{Document, SharedFile};
use std::path::Path;

/// A registry file. Cheap to make: nothing is opened until something is asked of it.
#[derive(Clone, Debug)]
pub struct Registry {
    file: SharedFile,
}

impl Registry {
    /// The registry at `path`.
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self { file: SharedFile::at(path) }
    }

    /// The path, as given.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// All skills, in the order of the file.
    ///
    /// # Errors
    ///
    /// [`RegistryError::File`] if the file is missing, cannot be read or does not parse; [`RegistryError::Invalid`], with its line, if
    /// `skills` is missing or no mapping, or a skill in it cannot be read.
    pub fn skills(&self) -> Result<Vec<Skill>, RegistryError> {
        self.ask(skill::all)
    }

    /// The skill with this id. Other skills are not looked at, so what is wrong with them does no harm.
    ///
    /// # Errors
    ///
    /// As [`skills`](Self::skills); and [`RegistryError::NoSuchSkill`].
    pub fn get(&self, id: &str) -> Result<Skill, RegistryError> {
        self.ask(|document| skill::one(document, id))?
            .ok_or_else(|| RegistryError::NoSuchSkill { path: self.path().into(), id: id.into() })
    }

    fn ask<T>(&self, question: impl FnOnce(&Document) -> Result<T, Misfit>) -> Result<T, RegistryError> {
        let document = self.file.read()?;
        question(&document).map_err(|Misfit { line, reason }| RegistryError::Invalid {
            path: self.path().into(),
            line,
            reason,
        })
    }
}

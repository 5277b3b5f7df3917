//! A save where the filesystem cannot exchange two names.

use super::{Save, Saved};
use crate::error::{FileError, SaveStep};
use crate::metadata::copy_metadata;
use crate::replaced::{Keep, Replaced};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

impl Save<'_> {
    /// For filesystems without an exchange: the old version is copied first, and the comparison comes before the rename,
    /// which leaves an editor the moment between the two.
    pub(super) fn rename_over(&self, temporary: &Path, expected: &[u8]) -> Result<Saved, FileError> {
        let replaced = match Replaced::open(&self.target.path, expected) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Saved::Overtaken),
            found => found.map_err(self.failed(SaveStep::Compare))?,
        };
        if !replaced.is_as_read().map_err(self.failed(SaveStep::Compare))? {
            return Ok(Saved::Overtaken);
        }
        if self.manner.keep == Keep::AsBackup {
            self.copy_to_backup(&replaced)?;
        }
        if fs::read(&self.target.path).map_err(self.failed(SaveStep::Compare))? != expected {
            return Ok(Saved::Overtaken);
        }
        fs::rename(temporary, &self.target.path).map_err(|error| self.not_renamed(error))?;
        self.finish(replaced, None)
    }

    /// Under one fixed name until it is whole, so that what a killed writer leaves is found by the next.
    fn copy_to_backup(&self, replaced: &Replaced<'_>) -> Result<(), FileError> {
        let (mut file, copy) = self.create(&self.target.temporary_backup())?;
        copy_metadata(self.target, &file).map_err(self.failed(SaveStep::Backup))?;
        file.write_all(replaced.content).map_err(self.failed(SaveStep::Backup))?;
        // A backup younger than the file would be taken for one that somebody wrote to.
        file.set_modified(replaced.looked.modified).map_err(self.failed(SaveStep::Backup))?;
        file.sync_all().map_err(self.failed(SaveStep::Backup))?;
        replaced.free_backup(self.target, self.manner)?;
        copy.persist(self.target.backup()).map_err(|error| self.failed(SaveStep::Backup)(error.error))
    }
}

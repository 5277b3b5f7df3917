//! Replacing a file by the system calls alone, and as others do it.

use crate::engine::{Explain, Failure};
use atomic_write_file::AtomicWriteFile;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use tempfile::NamedTempFile;

/// All that a durable replacement needs, and nothing else.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let temporary = path.with_extension("new");
    let mut file = File::create_new(&temporary).explain(temporary.display())?;
    file.write_all(bytes).and_then(|()| file.sync_all()).explain(temporary.display())?;
    fs::rename(&temporary, path).explain(path.display())?;
    let folder = path.parent().unwrap_or(path);
    File::open(folder).and_then(|folder| folder.sync_all()).explain(folder.display())
}

pub(super) fn with_atomic_write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = AtomicWriteFile::open(path).explain(path.display())?;
    file.write_all(bytes).and_then(|()| file.commit()).explain(path.display())
}

pub(super) fn with_tempfile(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(path)).explain(path.display())?;
    file.write_all(bytes).explain(path.display())?;
    file.persist(path).map(drop).explain(path.display())
}

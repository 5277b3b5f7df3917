//! How others replace a file: for comparison, and to know that the judges can fail.

use crate::client::single::done;
use crate::engine::{Explain, Failure};
use clap::ValueEnum;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Peer {
    /// `std::fs::write`
    Plain,
    /// `persist` of the crate `tempfile`
    Tempfile,
    /// The crate `atomic-write-file`
    AtomicWriteFile,
}

pub(crate) fn replace(how: Peer, file: &Path, content: &str) -> Result<ExitCode, Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match how {
        Peer::Plain => fs::write(file, content).explain(file.display())?,
        Peer::Tempfile => {
            let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
            temporary.write_all(content.as_bytes())?;
            temporary.persist(file)?;
        }
        Peer::AtomicWriteFile => {
            let mut temporary = atomic_write_file::AtomicWriteFile::open(file)?;
            temporary.write_all(content.as_bytes())?;
            temporary.commit()?;
        }
    }
    done()
}

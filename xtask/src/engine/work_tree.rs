//! The files of the workspace that git knows: what somebody who clones it would have.

use crate::engine::{Explain, Failure, fail};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Their paths, in the workspace.
pub(crate) fn tracked_files(workspace: &Path) -> Result<Vec<PathBuf>, Failure> {
    let list = Command::new("git").args(["ls-files", "-z"]).current_dir(workspace).output();
    let list = list.explain("cannot run git")?;
    if !list.status.success() {
        return Err(fail(format!(
            "git cannot list the files: {}",
            String::from_utf8_lossy(&list.stderr).trim()
        )));
    }
    let names = String::from_utf8(list.stdout)?;
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

/// Copies them, as they are now, into a new folder.
pub(crate) fn copy_work_tree(workspace: &Path, to: &Path) -> Result<(), Failure> {
    for file in tracked_files(workspace)? {
        let (from, to) = (workspace.join(&file), to.join(&file));
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).explain(folder.display())?;
        }
        match fs::copy(&from, &to) {
            // Removed in the working tree, and not yet from the index.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            copied => copied.explain(from.display()).map(drop)?,
        }
    }
    Ok(())
}

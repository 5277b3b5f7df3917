//! What lies below a folder.

use crate::engine::{Explain, Failure};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Files by their paths below the folder, which begin without a slash.
pub(super) type Files = BTreeMap<String, File>;

#[derive(Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) mode: u32,
    pub(super) bytes: Vec<u8>,
}

/// Where a clean root has what is not installed: the package manager's own notes, a folder to work in, and what scripts write to `/dev/null`.
const NOT_INSTALLED: [&str; 3] = ["dev", "var", "work"];

/// All files; links are not followed.
pub(super) fn files(root: &Path) -> Result<Files, Failure> {
    let mut found = Files::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).explain(folder.display())? {
            let path = entry?.path();
            let metadata = fs::symlink_metadata(&path).explain(path.display())?;
            let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
            if metadata.is_dir() {
                if !NOT_INSTALLED.contains(&name.as_str()) {
                    open.push(path);
                }
            } else if metadata.is_file() {
                let bytes = fs::read(&path).explain(path.display())?;
                found.insert(name, File { mode: metadata.permissions().mode() & 0o7777, bytes });
            }
        }
    }
    Ok(found)
}

/// What came to `before`.
pub(super) fn without(files: &Files, before: &Files) -> Files {
    files
        .iter()
        .filter(|(name, _)| !before.contains_key(*name))
        .map(|(name, file)| (name.clone(), file.clone()))
        .collect()
}

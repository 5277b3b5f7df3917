//! Files with their places below a prefix.

use crate::engine::{Explain, Failure, fail};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What is installed: `bin/queue`, `share/man/man1/queue.1.gz`, sorted. What begins with `etc/` belongs to whoever owns the machine.
#[derive(Default)]
pub(super) struct Tree(BTreeMap<String, Vec<u8>>);

impl Tree {
    pub(super) fn add(&mut self, place: impl Into<String>, bytes: Vec<u8>) -> Result<(), Failure> {
        let place = place.into();
        if self.0.contains_key(&place) {
            return Err(fail(format!("two files would be {place}")));
        }
        self.0.insert(place, bytes);
        Ok(())
    }

    /// Adds a file of the workspace.
    pub(super) fn add_file(&mut self, place: impl Into<String>, from: &Path) -> Result<(), Failure> {
        self.add(place, fs::read(from).explain(from.display())?)
    }

    /// Places and contents, sorted by place.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(place, bytes)| (place.as_str(), bytes.as_slice()))
    }
}

/// What is in `bin` is run; all else is read.
pub(super) fn mode(place: &str) -> u32 {
    if place.starts_with("bin/") { 0o755 } else { 0o644 }
}

/// Writes a file with exactly this mode, whatever the umask is, and the folders above it.
pub(super) fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).explain(folder.display())?;
    }
    fs::write(path, bytes).explain(path.display())?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).explain(path.display())
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn no_place_is_taken_twice() {
        let mut tree = Tree::default();
        tree.add("bin/queue", vec![1]).unwrap();
        let failure = tree.add("bin/queue", vec![2]).unwrap_err();
        assert_eq!(failure.told, "two files would be bin/queue");
        assert_eq!(tree.files().collect::<Vec<_>>(), [("bin/queue", [1].as_slice())]);
    }
}

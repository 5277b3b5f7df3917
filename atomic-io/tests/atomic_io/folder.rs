//! A folder with a file in it, and a look at what stands there afterwards.

use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn with(name: &str, content: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.path(name), content).unwrap();
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        names_in(self.0.path().to_path_buf())
    }

    pub(crate) fn recovered(&self) -> Vec<String> {
        names_in(self.path(".mooring/recovered"))
    }

    pub(crate) fn in_history(&self) -> Vec<String> {
        names_in(self.path(".mooring/history"))
    }
}

fn names_in(folder: PathBuf) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

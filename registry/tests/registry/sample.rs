//! A registry in a folder of its own.

use atomic_io::{Document, Wait};
use registry::Registry;
use std::fs;
use std::path::PathBuf;

pub(crate) const EXAMPLE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/skill-registry.yaml"));

pub(crate) struct Sample {
    folder: tempfile::TempDir,
    pub(crate) registry: Registry,
}

impl Sample {
    pub(crate) fn of(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.yaml");
        fs::write(&path, text).unwrap();
        Self { registry: Registry::at(path, Wait::Forever), folder }
    }

    pub(crate) fn example() -> Self {
        Self::of(EXAMPLE)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.path("r.yaml")).unwrap()
    }

    pub(crate) fn document(&self) -> Document {
        self.registry.read().unwrap()
    }

    /// The lines with a comment.
    pub(crate) fn comments(text: &str) -> Vec<&str> {
        text.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment).collect()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("events.yaml")).unwrap_or_default()
    }
}

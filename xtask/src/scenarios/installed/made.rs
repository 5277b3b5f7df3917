//! `cargo xtask dist`, as a person runs it, from the programs that the matrix has built.

use crate::engine::{Explain, Failure, Stage, fail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) struct Made {
    said: Value,
}

impl Made {
    /// Makes it in a folder of this name, under this umask.
    pub(super) fn with(stage: &Stage, name: &str, umask: &str) -> Result<Self, Failure> {
        let cargo = stage.cargo();
        let mut shell = stage.command("sh");
        shell.args(["-c", "umask $1; shift; exec \"$@\"", "sh", umask]);
        shell.arg(cargo.get_program()).args(["xtask", "dist", "--profile", "release", "--json", "--out"]);
        shell.arg(stage.folder().join(name)).current_dir(stage.workspace());
        // What `cargo run` tells about xtask is not for the cargo inside.
        shell.env_remove("CARGO_MANIFEST_DIR");
        let said = stage.finish(&mut shell, &format!("dist-{name}"))?.expect(0)?.json()?;
        Ok(Self { said })
    }

    pub(super) fn archive(&self) -> Result<&Path, Failure> {
        self.file("archive")
    }

    pub(super) fn package(&self) -> Result<&Path, Failure> {
        self.file("Debian package")
    }

    fn file(&self, what: &str) -> Result<&Path, Failure> {
        let made = self.said["made"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = made.iter().find(|one| one["what"] == what).and_then(|one| one["path"].as_str());
        found.map(Path::new).ok_or_else(|| fail(format!("no {what} was made: {}", self.said)))
    }

    /// That the other's files have the same names and bytes.
    pub(super) fn compare(&self, other: &Self) -> Result<(), Failure> {
        for (ours, theirs) in [(self.archive()?, other.archive()?), (self.package()?, other.package()?)] {
            let read = |path: &Path| -> Result<(Option<PathBuf>, Vec<u8>), Failure> {
                Ok((path.file_name().map(PathBuf::from), fs::read(path).explain(path.display())?))
            };
            if read(ours)? != read(theirs)? {
                return Err(fail(format!("{} and {} are not the same", ours.display(), theirs.display())));
            }
        }
        Ok(())
    }
}

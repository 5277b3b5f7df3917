//! The copy of the workspace that is broken on purpose.

use crate::engine::{Explain, Failure, fail, tracked_files};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A copy of every file that git knows, with a target folder of its own that stays warm from one run to the next.
pub(super) struct Tree {
    workspace: PathBuf,
    files: Vec<PathBuf>,
    copy: PathBuf,
    target: PathBuf,
}

impl Tree {
    pub(super) fn copy() -> Result<Self, Failure> {
        let workspace =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or_else(|| fail("there is no workspace"))?;
        let own = own_folder()?;
        let (copy, target) = (own.join("tree"), own.join("target"));
        // What is not there any more must not be built.
        if copy.exists() {
            fs::rename(&copy, own.join("tree.before")).explain(copy.display())?;
        }
        let tree = Self { workspace: workspace.into(), files: tracked_files(workspace)?, copy, target };
        tree.keep_what_is_the_same(&own.join("tree.before"))?;
        tree.restore()?;
        Ok(tree)
    }

    /// Files that did not change keep their times, so cargo does not build everything again.
    fn keep_what_is_the_same(&self, before: &Path) -> Result<(), Failure> {
        if !before.exists() {
            return Ok(());
        }
        for file in &self.files {
            if fs::read(before.join(file)).ok() == fs::read(self.workspace.join(file)).ok() {
                let place = self.copy.join(file);
                make_folder(&place)
                    .and_then(|()| fs::rename(before.join(file), &place))
                    .explain(place.display())?;
            }
        }
        fs::remove_dir_all(before).explain(before.display())
    }

    /// Makes every file what it is in the workspace.
    pub(super) fn restore(&self) -> Result<(), Failure> {
        for file in &self.files {
            let (from, to) = (self.workspace.join(file), self.copy.join(file));
            let content = match fs::read(&from) {
                // Removed in the working tree, and not yet from the index.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                other => other.explain(from.display())?,
            };
            if fs::read(&to).ok().as_ref() != Some(&content) {
                make_folder(&to).and_then(|()| fs::write(&to, &content)).explain(to.display())?;
            }
        }
        Ok(())
    }

    pub(super) fn apply(&self, patch: &Path) -> Result<(), Failure> {
        let mut git = Command::new("git");
        // The copy lies inside a work tree of git's and is none of it: without a ceiling git would skip every path in silence.
        git.env("GIT_CEILING_DIRECTORIES", self.copy.parent().unwrap_or(&self.copy));
        let output =
            git.current_dir(&self.copy).arg("apply").arg(patch).output().explain("cannot run git")?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(fail(format!("{} does not fit the code any more: {}", patch.display(), said.trim())))
    }

    pub(super) fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        cargo.current_dir(&self.copy).env_remove("CARGO_MANIFEST_DIR").env("CARGO_TARGET_DIR", &self.target);
        cargo.stdin(Stdio::null());
        cargo
    }
}

/// `target/xtask/mutants`.
fn own_folder() -> Result<PathBuf, Failure> {
    let this = env::current_exe()?;
    let target = this.ancestors().nth(2).ok_or_else(|| fail("this program is not in a target folder"))?;
    let own = target.join("xtask").join("mutants");
    fs::create_dir_all(&own).explain(own.display())?;
    Ok(own)
}

fn make_folder(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)
}

//! A system with a shell, what the programs are linked with, and nothing else.

use crate::engine::{Explain, Failure, Stage, Tool, fail};
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a script of a user or a package may take for granted.
const COMMANDS: [&str; 5] = ["sh", "bash", "cat", "grep", "mkdir"];

/// Enters the root with the kernel's own folders in it, which nobody outside sees there.
const ENTER: &str = r#"root=$1; shift
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
exec unshare --root="$root" --wd=/work "$@""#;

pub(super) struct CleanRoot(PathBuf);

impl CleanRoot {
    pub(super) fn make(stage: &Stage, name: &str) -> Result<Self, Failure> {
        let root = stage.folder().join(name);
        for folder in
            ["proc", "dev", "etc", "srv", "tmp", "work", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64"]
        {
            fs::create_dir_all(root.join(folder)).explain(root.display())?;
        }
        for folder in ["bin", "sbin", "lib", "lib64"] {
            symlink(Path::new("usr").join(folder), root.join(folder)).explain(root.display())?;
        }
        let root = Self(root);
        for command in COMMANDS {
            let from = find(command)?;
            root.take(&from, &root.0.join("usr/bin").join(command))?;
            root.take_libraries(stage, &from)?;
        }
        for program in ["queue", "registry", "atomic-io", "lock-janitor"] {
            root.take_libraries(stage, stage.program_path(program)?)?;
        }
        Ok(root)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A command that runs inside, in the folder `/work`.
    pub(super) fn command(&self, stage: &Stage, words: &[&str]) -> Command {
        let mut command = as_root(stage, "unshare");
        command.args(["--mount", "sh", "-ec", ENTER, "clean-root"]).arg(&self.0).args(words);
        command
    }

    /// Copies what `program` is linked with to where it is found.
    fn take_libraries(&self, stage: &Stage, program: &Path) -> Result<(), Failure> {
        let output = stage.command("ldd").arg(program).output().explain("cannot run ldd")?;
        let told = String::from_utf8_lossy(&output.stdout);
        for library in told.split_whitespace().filter(|word| word.starts_with('/')) {
            self.take(Path::new(library), &self.0.join(library.trim_start_matches('/')))?;
        }
        Ok(())
    }

    fn take(&self, from: &Path, to: &Path) -> Result<(), Failure> {
        if to.exists() {
            return Ok(());
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).explain(folder.display())?;
        }
        fs::copy(from, to).explain(from.display()).map(drop)
    }
}

/// A program of the system that sees itself as root: it is, or it has a user namespace of its own.
pub(super) fn as_root(stage: &Stage, program: &str) -> Command {
    let mut command;
    if rustix::process::geteuid().is_root() {
        command = stage.command(program);
    } else {
        command = stage.command("unshare");
        command.args(["--map-root-user", program]);
    }
    // Where `dpkg` looks for what only root runs.
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

fn find(command: &str) -> Result<PathBuf, Failure> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(command)).find(|path| path.is_file());
    found.ok_or_else(|| fail(format!("there is no {command}, which {:?} needs", Tool::CleanRoot)))
}

//! Where things are: the workspace, the target folder, and what xtask keeps in it.

use crate::engine::{Explain, Failure, Filesystem, fail};
use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The tmpfs that every Linux has.
pub(crate) const MEMORY: &str = "/dev/shm";

pub(crate) struct Places {
    /// The folder of the workspace.
    pub(crate) workspace: PathBuf,
    /// Everything xtask writes.
    own: PathBuf,
    /// This program, at a path that no build replaces while the scenarios run.
    pub(crate) client: PathBuf,
}

impl Places {
    pub(crate) fn find() -> Result<Self, Failure> {
        let this = env::current_exe()?;
        // target/release/xtask: cargo's own answer to where the target folder is, whatever the environment says.
        let target = this.ancestors().nth(2).ok_or_else(|| fail("this program is not in a target folder"))?;
        let own = target.join("xtask");
        let client = own.join("bin").join("xtask");
        fs::create_dir_all(own.join("bin")).explain(own.display())?;
        // Copied under another name first: an earlier run's copy may still be executing.
        let fresh = client.with_extension(format!("{}.tmp", std::process::id()));
        fs::copy(&this, &fresh).explain(fresh.display())?;
        fs::rename(&fresh, &client).explain(client.display())?;
        Ok(Self { workspace: workspace()?, own, client })
    }

    /// Where a scenario works. `None` where the machine has no such filesystem.
    pub(crate) fn work(&self, name: &str, filesystem: Filesystem) -> Option<PathBuf> {
        let name = name.replace('/', "-");
        match filesystem {
            Filesystem::Target => Some(self.own.join("work").join(name)),
            // Named after the user and the target folder, which is what its inode is: another run on this machine must not be in the way.
            Filesystem::Memory => Path::new(MEMORY).is_dir().then(|| {
                let user = rustix::process::getuid().as_raw();
                let target = fs::metadata(&self.own).map_or(0, |found| found.ino());
                Path::new(MEMORY).join(format!("mooring-xtask-{user}-{target}")).join(name)
            }),
        }
    }

    /// A folder for whatever is tried out while looking for tools.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.own.join("scratch")
    }

    /// Where what is given away is put.
    pub(crate) fn dist(&self) -> PathBuf {
        self.own.with_file_name("dist")
    }

    /// Where Python gets its libraries if the system has none.
    pub(crate) fn venv(&self) -> PathBuf {
        self.own.join("venv")
    }

    /// Where what a run found is kept until the next one.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.own.join(name)
    }

    /// The report for programs.
    pub(crate) fn report_json(&self) -> PathBuf {
        self.own.join("report.json")
    }

    /// The report for people.
    pub(crate) fn report_html(&self) -> PathBuf {
        self.own.join("report.html")
    }
}

fn workspace() -> Result<PathBuf, Failure> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| fail("run me as `cargo xtask`"))?;
    Path::new(&manifest)
        .parent()
        .map(Path::to_path_buf)
        .ok_or_else(|| fail("the workspace is not the folder above xtask's"))
}

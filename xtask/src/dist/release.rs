//! Which version this is, for which system, and of when.

use super::tools;
use crate::engine::{Explain, Failure, fail};
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::UNIX_EPOCH;

pub(super) struct Release {
    pub(super) version: String,
    /// As rustc calls it: `x86_64-unknown-linux-gnu`.
    pub(super) target: String,
    /// The time that everything bears, in seconds since 1970.
    pub(super) epoch: u64,
}

impl Release {
    pub(super) fn of(workspace: &Path) -> Result<Self, Failure> {
        let mut rustc = Command::new("rustc");
        rustc.args(["--print", "host-tuple"]).current_dir(workspace);
        let target = tools::text(&mut rustc, "Rust")?.trim().to_owned();
        Ok(Self { version: env!("CARGO_PKG_VERSION").into(), target, epoch: epoch(workspace)? })
    }

    /// The name of the archive and of the folder in it.
    pub(super) fn name(&self) -> String {
        format!("mooring-{}-{}", self.version, self.target)
    }
}

/// What SOURCE_DATE_EPOCH says, else the time of the commit, else that of the manifest in an unpacked archive of the sources.
fn epoch(workspace: &Path) -> Result<u64, Failure> {
    if let Some(given) = env::var_os("SOURCE_DATE_EPOCH") {
        let seconds = given.to_str().and_then(|seconds| seconds.parse().ok());
        return seconds.ok_or_else(|| fail("SOURCE_DATE_EPOCH is no number of seconds since 1970"));
    }
    let mut git = Command::new("git");
    git.args(["log", "-1", "--format=%ct"]).current_dir(workspace);
    if let Some(seconds) = tools::text(&mut git, "git").ok().and_then(|told| told.trim().parse().ok()) {
        return Ok(seconds);
    }
    let manifest = workspace.join("Cargo.toml");
    let modified = fs::metadata(&manifest).and_then(|found| found.modified()).explain(manifest.display())?;
    Ok(modified.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()))
}

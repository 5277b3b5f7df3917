//! Building our binaries, and knowing where they are.

use crate::engine::places::Places;
use crate::engine::progress::Progress;
use crate::engine::{Explain, Failure, fail};
use serde::Deserialize;
use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The binary of atomic-io is not a default, for the sake of those who use the library.
pub(crate) const FEATURES: &str = "--features=atomic-io/cli";

pub(crate) struct Programs(HashMap<String, PathBuf>);

impl Programs {
    pub(crate) fn path(&self, name: &str) -> Result<&Path, Failure> {
        self.0
            .get(name)
            .map(PathBuf::as_path)
            .ok_or_else(|| fail(format!("the workspace builds no binary `{name}`")))
    }

    /// Every program of the workspace, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.0.iter().map(|(name, path)| (name.as_str(), path.as_path()))
    }
}

/// The cargo that runs us.
pub(crate) fn cargo(places: &Places) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    // What `cargo run` tells us about our own package is not for the cargo inside.
    cargo.current_dir(&places.workspace).env_remove("CARGO_MANIFEST_DIR").stdin(Stdio::null());
    cargo
}

/// The profile that running xtask has built the dependencies in already.
pub(crate) const RELEASE: &str = "release";

/// Builds every binary of the workspace in `profile`.
pub(crate) fn build(places: &Places, progress: &Progress, profile: &str) -> Result<Programs, Failure> {
    progress.line("building the binaries");
    let output = cargo(places)
        .args(["build", "--profile", profile, "--workspace", "--exclude", "xtask", "--bins", FEATURES])
        .args(["--quiet", "--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .explain("cannot run cargo")?;
    if !output.status.success() {
        return Err(fail("the workspace does not build"));
    }
    Ok(Programs(executables(&String::from_utf8_lossy(&output.stdout))))
}

/// Builds the workspace's tests, so that the time of the run that follows is the time that they take. Whether they build is for that
/// run to say.
pub(crate) fn build_tests(places: &Places, progress: &Progress) -> Result<(), Failure> {
    progress.line("building the tests");
    let mut cargo = cargo(places);
    cargo.args(["test", "--workspace", FEATURES, "--release", "--no-run", "--quiet"]);
    cargo.stdout(Stdio::null()).stderr(Stdio::null()).status().explain("cannot run cargo").map(drop)
}

#[derive(Deserialize)]
struct Artifact {
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Cargo says where it put them, one JSON object a line among others.
fn executables(messages: &str) -> HashMap<String, PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
        .filter_map(|artifact| Some((artifact.target.name, artifact.executable?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::executables;

    #[test]
    fn finds_the_binary_among_cargos_messages() {
        let found = executables(concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"lock_core"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"queue"},"executable":"/t/release/queue"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        ));
        assert_eq!(found.len(), 1);
        assert_eq!(found["queue"].to_str(), Some("/t/release/queue"));
    }
}

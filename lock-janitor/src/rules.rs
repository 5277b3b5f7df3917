//! What a janitor is told: where to look, and what it may do.

use globset::GlobSet;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// How lock files are judged, and what is done with those that nobody uses.
#[derive(Clone, Debug)]
pub struct Rules {
    /// For how long nothing must have happened to a lock file before it is retired. Zero is allowed: then a lock file is retired as
    /// soon as nobody has it open.
    pub min_idle: Duration,
    /// For how long a lock file that was moved aside is watched for somebody who had looked up its name just before.
    pub grace: Duration,
    /// Whether lock files are retired at all.
    pub deletion: Deletion,
    /// Whose lock files are retired.
    pub owners: Owners,
    /// A hold that lasts longer than this is reported.
    pub long_hold: Duration,
    /// Names of further lock files, matched against the name without its folder.
    pub names: GlobSet,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            min_idle: Duration::from_secs(600),
            grace: Duration::from_secs(2),
            deletion: Deletion::Retire,
            owners: Owners::Us,
            long_hold: Duration::from_secs(600),
            names: GlobSet::empty(),
        }
    }
}

/// Whether lock files are retired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deletion {
    /// Those that nobody uses are.
    #[default]
    Retire,
    /// None is; what would be done is said.
    ReportOnly,
}

/// Whose lock files are retired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owners {
    /// Those of the user that the janitor runs as.
    #[default]
    Us,
    /// Those of everybody, which takes the capability `CAP_LEASE`.
    Everybody,
}

/// A folder to look after, and what of it.
#[derive(Clone, Debug)]
pub struct Root {
    /// The folder. Paths of what is found in it begin with it, but for a `.`.
    pub folder: PathBuf,
    /// Which lock files, by their paths below the folder; none given means all. What was left beside a lock file goes with it.
    pub include: GlobSet,
    /// Which are left out, by the same; folders that match are not entered.
    pub exclude: GlobSet,
    /// How many folders deep; 0 is the folder alone, `None` is without end.
    pub depth: Option<usize>,
}

/// The same folder in the one way that the paths of what is found in it begin with: not `./a`, nor `a/./b`, nor `a/.`.
pub(crate) fn without_dots(folder: &Path) -> PathBuf {
    let plain: PathBuf = folder.components().filter(|part| *part != Component::CurDir).collect();
    // The empty path is no folder, and must not become one.
    if plain.as_os_str().is_empty() && !folder.as_os_str().is_empty() { ".".into() } else { plain }
}

impl Root {
    /// All of `folder`.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let folder = without_dots(&folder.into());
        Self { folder, include: GlobSet::empty(), exclude: GlobSet::empty(), depth: None }
    }
}

//! The machine that figures come from, as far as it explains them.

use crate::engine::{Explain, Failure};
use serde::Serialize;
use std::fmt;
use std::fs;
use std::path::Path;
use std::thread;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    system: String,
    filesystem: String,
    /// Processes that ran or wanted to in the minute before: above the number of cores the figures are somebody else's too.
    load_before: String,
}

impl Machine {
    /// What there is, and what filesystem `folder` is on.
    pub(crate) fn look(folder: &Path) -> Result<Self, Failure> {
        let system = rustix::system::uname();
        // Only the numbers: what follows them is the name that somebody gave to a build.
        let release = system.release().to_string_lossy();
        let release = release.split(|c: char| c != '.' && !c.is_ascii_digit()).next().unwrap_or_default();
        let folder = fs::canonicalize(folder).explain(folder.display())?;
        Ok(Self {
            cores: thread::available_parallelism()?.get(),
            processor: processor().unwrap_or_else(|| "an unnamed processor".into()),
            system: format!("{} {release}", system.sysname().to_string_lossy()),
            filesystem: filesystem(&folder).unwrap_or_else(|| "an unknown filesystem".into()),
            load_before: first_word("/proc/loadavg").unwrap_or_else(|| "unknown".into()),
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, processor, system, filesystem, load_before } = self;
        write!(f, "{cores} cores ({processor}), {system}, {filesystem}, load before the start {load_before}")
    }
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The kind of the mount that has the longest name of those which `folder` is below.
fn filesystem(folder: &Path) -> Option<String> {
    let text = fs::read_to_string("/proc/self/mounts").ok()?;
    let mounts = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        Some((words.next()?, words.next()?))
    });
    // Of two on one place the later one covers the other.
    let (_, kind) =
        mounts.filter(|(place, _)| folder.starts_with(place)).max_by_key(|(place, _)| place.len())?;
    Some(kind.to_owned())
}

fn first_word(file: &str) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.split_whitespace().next()?.to_owned())
}

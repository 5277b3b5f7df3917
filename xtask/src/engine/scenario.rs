//! What a scenario declares, and what it answers.

use crate::engine::axes::{Client, Fault, Filesystem, Invariant};
use crate::engine::{Stage, Tool};
use serde::Serialize;
use std::fmt::{self, Display};
use std::time::Duration;

/// One row of the matrix: declared in one place, run by the engine.
pub(crate) struct Scenario {
    /// What `--only` is matched against; also the name of its folder.
    pub(crate) name: &'static str,
    /// One sentence: what is true of the product when this passes.
    pub(crate) proves: &'static str,
    pub(crate) clients: &'static [Client],
    pub(crate) faults: &'static [Fault],
    /// What it asserts: ARCHITECTURE.md names it at each of these.
    pub(crate) upholds: &'static [Invariant],
    /// How many client processes; one case of the matrix for each.
    pub(crate) processes: &'static [u16],
    /// Where the files are; again one case for each.
    pub(crate) filesystems: &'static [Filesystem],
    /// What the machine must have; a missing one skips the scenario by name.
    pub(crate) needs: &'static [Tool],
    /// When its processes are killed and it counts as failed.
    pub(crate) bound: Duration,
    pub(crate) run: fn(&Stage) -> Result<Verdict, Failure>,
}

impl Scenario {
    /// The cell of the matrix that most scenarios are: their own number of processes, on the target folder's filesystem.
    pub(crate) const HERE: &'static [Filesystem] = &[Filesystem::Target];

    /// All its cases, the first one being that of a quick run.
    pub(crate) fn cases(&'static self) -> impl Iterator<Item = Case> {
        self.filesystems.iter().flat_map(move |&filesystem| {
            self.processes.iter().map(move |&processes| Case { scenario: self, processes, filesystem })
        })
    }
}

/// A scenario with a value on every axis.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) scenario: &'static Scenario,
    pub(crate) processes: u16,
    pub(crate) filesystem: Filesystem,
}

impl Case {
    /// The scenario's name, and what tells this case from its others.
    pub(crate) fn name(&self) -> String {
        let mut name = self.scenario.name.to_owned();
        if self.scenario.processes.len() > 1 {
            name.push_str(&format!("/{}", self.processes));
        }
        if self.scenario.filesystems.len() > 1 {
            name.push_str(&format!("/{}", self.filesystem));
        }
        name
    }
}

/// How thorough a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pace {
    Quick,
    Full,
}

/// What a scenario that passed has to tell.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// How much was tried, in one line.
    pub(crate) told: String,
    /// Set by a scenario that runs tests of another harness; otherwise it counts as one.
    pub(crate) counts: Option<Counts>,
}

impl From<String> for Verdict {
    fn from(told: String) -> Self {
        Self { told, counts: None }
    }
}

/// Why a scenario failed: what was expected, what was found.
///
/// Not an `Error` itself, so that `?` can turn every error into one, with all its causes.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) told: String,
    pub(crate) counts: Option<Counts>,
}

/// A failure that says `told`.
pub(crate) fn fail(told: impl Into<String>) -> Failure {
    Failure { told: told.into(), counts: None }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        fail(chain(&error))
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        told.push_str(&format!(": {next}"));
        cause = next.source();
    }
    told
}

/// Says what was being done when an error came up.
pub(crate) trait Explain<T> {
    fn explain(self, what: impl Display) -> Result<T, Failure>;
}

impl<T, E: std::error::Error> Explain<T> for Result<T, E> {
    fn explain(self, what: impl Display) -> Result<T, Failure> {
        self.map_err(|error| fail(format!("{what}: {}", chain(&error))))
    }
}

impl<T> Explain<T> for Result<T, Failure> {
    fn explain(self, what: impl Display) -> Result<T, Failure> {
        self.map_err(|failure| Failure { told: format!("{what}: {}", failure.told), ..failure })
    }
}

/// The last line of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

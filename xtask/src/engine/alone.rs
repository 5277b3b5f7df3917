//! A scenario's work outside the matrix, for a command that shows more of it.

use crate::engine::interrupt::Interrupt;
use crate::engine::places::Places;
use crate::engine::progress::{Lines, Progress};
use crate::engine::tools::Tools;
use crate::engine::{Failure, Pace, Run, Scenario, Stage, fail, programs, seed_of_the_moment, strays};
use std::fs;
use std::num::NonZero;
use std::sync::Arc;

/// How it is run.
pub(crate) struct Alone {
    pub(crate) pace: Pace,
    pub(crate) seed: Option<u64>,
    /// Standard output is for the result alone.
    pub(crate) json: bool,
}

/// Does `work` on the stage of the first case of `scenario`, without a bound.
pub(crate) fn alone<T>(
    scenario: &'static Scenario,
    how: &Alone,
    work: impl FnOnce(&Stage) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let case = scenario.cases().next().ok_or_else(|| fail("the scenario has no case"))?;
    let places = Places::find()?;
    let progress = Progress::new(1, if how.json { Lines::Stderr } else { Lines::Stdout });
    let programs = programs::build(&places, &progress, programs::RELEASE)?;
    let run = Arc::new(Run {
        tools: Tools::new(&places),
        places,
        programs,
        progress,
        interrupt: Interrupt::never(),
        pace: how.pace,
        times: NonZero::<u32>::MIN,
        seed: how.seed.unwrap_or_else(seed_of_the_moment),
        jobs: 1,
        require_all: true,
        corpus: Vec::new(),
    });
    if let Some(missing) = scenario.needs.iter().find_map(|tool| run.tools.missing(*tool)) {
        return Err(fail(missing));
    }
    run.progress.start(&case.name(), scenario.proves);
    let stage = Stage::prepare(&run, case)?;
    let outcome = work(&stage);
    strays::kill(&stage.mark);
    run.progress.finish();
    if outcome.is_ok() {
        // In nobody's way if it cannot be removed: the next run empties it, or says why not.
        let _ = fs::remove_dir_all(stage.folder());
    }
    outcome
}

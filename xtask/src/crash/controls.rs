//! Whether the method itself works: each control can fail, and then nothing else counts.

use crate::crash::programs::{Expected, FILE, Run};
use crate::crash::trial::{Bench, Trial};
use crate::engine::{Explain, Failure};
use serde::Serialize;
use std::fs;

#[derive(Debug, Serialize)]
pub(crate) struct Control {
    pub(crate) what: String,
    pub(crate) holds: bool,
    /// What was seen.
    pub(crate) seen: String,
}

pub(crate) fn all(bench: &Bench<'_>, trials: &[Trial]) -> Result<Vec<Control>, Failure> {
    let mut controls: Vec<Control> = trials.iter().filter_map(known).collect();
    // A program whose model differs ends the run with an error, so it is never forgotten.
    controls.push(Control {
        what: "the model ends as the real folder did".into(),
        holds: true,
        seen: format!("names, bytes and modes of {} programs", trials.len()),
    });
    for (how, call) in [("mmap", "mmap"), ("fallocate", "fallocate")] {
        controls.push(unknown(bench, how, call)?);
    }
    Ok(controls)
}

/// That a program which is known to be good or bad is found to be so.
fn known(trial: &Trial) -> Option<Control> {
    let torn: u64 = trial.tallies.iter().map(|tally| tally.torn).sum();
    let (what, holds) = match trial.expected {
        Expected::KnownBad => ("is known to be wrong and torn somewhere", torn > 0),
        Expected::KnownGood => ("is known to be right and nowhere wrong", trial.bad() == 0),
        Expected::Sound | Expected::Compared => return None,
    };
    let seen = format!("{} of {} states torn, {} wrong", torn, states(trial), trial.bad());
    Some(Control { what: format!("{} {what}", trial.program), holds, seen })
}

pub(crate) fn states(trial: &Trial) -> u64 {
    trial.tallies.iter().map(|tally| tally.states).sum()
}

/// That a real program which makes a call that is not modelled is refused by the name of the call.
fn unknown(bench: &Bench<'_>, how: &'static str, call: &str) -> Result<Control, Failure> {
    let folder = bench.stage.data().join(format!("unknown-{how}"));
    fs::create_dir(&folder).explain(folder.display())?;
    fs::write(folder.join(FILE), "counter: 1\n")?;
    let outcome = bench.traced(&folder, &Run::Python(how), &format!("unknown {how}"));
    let (holds, seen) = match outcome {
        Ok(_) => (false, "nobody noticed".into()),
        Err(failure) => {
            let wanted = format!("{call}: this call on a tracked file is not modelled");
            (failure.told.contains(&wanted), failure.told)
        }
    };
    Ok(Control { what: format!("a program that calls {call} on a tracked file is refused"), holds, seen })
}

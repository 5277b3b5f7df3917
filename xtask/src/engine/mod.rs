//! The engine: runs scenarios in order, each within its time, and says what came of them.
//!
//! - [`scenario`]: what a scenario declares, and what it answers
//! - [`stage`]: what a scenario works with: its folder, its processes, its random numbers
//! - [`running`]: one process of a scenario
//! - [`strays`]: finding and ending every process that a scenario started, down to the grandchildren
//! - [`tools`]: what a scenario needs from the machine, and whether it is there
//! - [`programs`]: building our binaries and knowing where they are
//! - [`pyyaml`]: what the other programs read in a file
//! - [`watch`]: running one scenario, with its bound
//! - [`progress`], [`report`]: what is shown and written

mod places;
mod programs;
mod progress;
mod pyyaml;
mod random;
mod report;
mod running;
mod scenario;
mod stage;
mod strays;
mod tools;
mod watch;

pub(crate) use pyyaml::{Dates, Reading};
pub(crate) use random::Random;
pub(crate) use running::{Finished, Running, Whom};
pub(crate) use scenario::{Counts, Explain, Failure, Pace, Scenario, Verdict, fail};
pub(crate) use stage::Stage;
pub(crate) use tools::{NOBODY, Tool};

use crate::cli::TestArgs;
use places::Places;
use progress::Progress;
use report::{Record, Report};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tools::Tools;

/// What holds for all scenarios of one run.
pub(crate) struct Run {
    places: Places,
    programs: programs::Programs,
    tools: Tools,
    progress: Progress,
    pace: Pace,
    seed: u64,
    corpus: Vec<std::path::PathBuf>,
}

/// `cargo xtask test`. The count is the last line whatever happens.
pub(crate) fn test(args: &TestArgs, all: &'static [&'static Scenario]) -> Result<ExitCode, Failure> {
    let report = match prepare(args, all) {
        Ok((run, chosen)) => run_all(&run, &chosen, args.require_all),
        Err(failure) => {
            eprintln!("xtask: {failure}");
            println!("{}", Counts { failed: 1, ..Counts::default() });
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("{}", report.counts());
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

type Chosen = Vec<&'static Scenario>;

fn prepare(args: &TestArgs, all: &'static [&'static Scenario]) -> Result<(Arc<Run>, Chosen), Failure> {
    let is_chosen = |s: &Scenario| args.only.as_ref().is_none_or(|pattern| s.name.contains(pattern));
    let chosen: Chosen = all.iter().copied().filter(|scenario| is_chosen(scenario)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = all.iter().map(|scenario| scenario.name).collect();
        return Err(fail(format!("no scenario's name contains that; there are: {}", names.join(", "))));
    }
    let corpus = args.corpus.iter().map(|folder| folder.canonicalize().explain(folder.display()));
    let corpus = corpus.collect::<Result<_, _>>()?;
    let places = Places::find()?;
    let progress = Progress::new(chosen.len());
    let programs = programs::build(&places, &progress)?;
    let run = Run {
        tools: Tools::new(&places),
        places,
        programs,
        progress,
        pace: if args.quick { Pace::Quick } else { Pace::Full },
        seed: args.seed.unwrap_or_else(seed_of_the_moment),
        corpus,
    };
    Ok((Arc::new(run), chosen))
}

fn run_all(run: &Arc<Run>, chosen: &[&'static Scenario], require_all: bool) -> Report {
    run.progress.line(&format!("scenarios: {}, seed: {}", chosen.len(), run.seed));
    let mut records = Vec::with_capacity(chosen.len());
    for scenario in chosen {
        let record = run_one(run, scenario, require_all);
        run.progress.done(&record.line());
        records.push(record);
    }
    run.progress.finish();
    let mut report = Report::new(run.seed, run.pace, records);
    report.write(&run.places.report());
    report.print();
    report
}

fn run_one(run: &Arc<Run>, scenario: &'static Scenario, require_all: bool) -> Record {
    run.progress.start(scenario);
    let outcome = match scenario.needs.iter().find_map(|tool| run.tools.missing(*tool)) {
        Some(reason) => watch::Outcome::Skipped(reason),
        None => {
            let started = std::time::Instant::now();
            let outcome = watch::run(run, scenario);
            return Record::new(scenario, outcome, started.elapsed(), run, require_all);
        }
    };
    Record::new(scenario, outcome, Duration::ZERO, run, require_all)
}

/// Different on every run, and short enough to be typed.
fn seed_of_the_moment() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| u64::from(time.subsec_micros()))
}

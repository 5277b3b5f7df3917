//! The engine: runs the cases of the matrix, each within its time, and says what came of them.
//!
//! - [`scenario`]: what a scenario declares, its cases, and what it answers
//! - [`axes`]: who takes part, what goes wrong, what is upheld, where the files are
//! - [`stage`]: what a scenario works with: its folder, its processes, its random numbers
//! - [`running`]: one process of a scenario
//! - [`strays`]: finding and ending every process that a scenario started, down to the grandchildren
//! - [`tools`]: what a scenario needs from the machine, and whether it is there
//! - [`search_path`]: where a command finds programs
//! - [`programs`]: building our binaries and knowing where they are
//! - [`pyyaml`]: what the other programs read in a file
//! - [`watch`]: running one case, with its bound
//! - [`interrupt`]: whether somebody wants it to end
//! - [`mod@alone`]: a scenario's work outside the matrix
//! - [`progress`], [`report`], [`html`]: what is shown and written

mod alone;
mod axes;
mod html;
mod interrupt;
mod places;
mod programs;
mod progress;
mod pyyaml;
mod random;
mod report;
mod running;
mod scenario;
mod search_path;
mod stage;
mod strays;
mod tools;
mod watch;
mod work_tree;

pub(crate) use alone::{Alone, alone};
pub(crate) use axes::{Client, Fault, Filesystem, Invariant};
pub(crate) use places::Places;
pub(crate) use programs::{FEATURES, Programs, build as build_programs};
pub(crate) use progress::{Lines, Progress};
pub(crate) use pyyaml::{Dates, Reading};
pub(crate) use random::Random;
pub(crate) use running::{Finished, Running, Whom};
pub(crate) use scenario::{Case, Counts, Explain, Failure, Pace, Scenario, Verdict, fail};
pub(crate) use search_path::look_first_in;
pub(crate) use stage::Stage;
pub(crate) use tools::{NOBODY, Tool};
pub(crate) use work_tree::{copy_work_tree, tracked_files};

use crate::cli::TestArgs;
use interrupt::Interrupt;
use report::{Record, Report};
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tools::Tools;

/// What holds for all cases of one run.
pub(crate) struct Run {
    places: Places,
    programs: Programs,
    tools: Tools,
    progress: Progress,
    interrupt: Interrupt,
    pace: Pace,
    /// How many times as many rounds as usual.
    times: NonZero<u32>,
    seed: u64,
    jobs: usize,
    require_all: bool,
    corpus: Vec<std::path::PathBuf>,
}

/// `cargo xtask test`. The count is the last line whatever happens.
pub(crate) fn test(args: &TestArgs, all: &[&'static Scenario]) -> Result<ExitCode, Failure> {
    let count = |counts: Counts| if args.json { eprintln!("{counts}") } else { println!("{counts}") };
    let (run, report) = match prepare(args, all) {
        Ok((run, chosen)) => {
            let report = run_all(&run, &chosen, args);
            (run, report)
        }
        Err(failure) => {
            eprintln!("xtask: {failure}");
            count(Counts { failed: 1, ..Counts::default() });
            return Ok(ExitCode::FAILURE);
        }
    };
    count(report.counts());
    Ok(match run.interrupt.code() {
        Some(code) => code,
        None if report.is_good() => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn prepare(args: &TestArgs, all: &[&'static Scenario]) -> Result<(Arc<Run>, Vec<Case>), Failure> {
    let pace = if args.quick { Pace::Quick } else { Pace::Full };
    let chosen = choose(all, args.only.as_deref(), pace);
    if chosen.is_empty() {
        let names: Vec<_> = all.iter().map(|scenario| scenario.name).collect();
        return Err(fail(format!("no scenario's name contains that; there are: {}", names.join(", "))));
    }
    let corpus = args.corpus.iter().map(|folder| folder.canonicalize().explain(folder.display()));
    let corpus = corpus.collect::<Result<_, _>>()?;
    let places = Places::find()?;
    let progress = Progress::new(chosen.len(), if args.json { Lines::Stderr } else { Lines::Stdout });
    let programs = programs::build(&places, &progress, programs::RELEASE)?;
    if chosen.iter().any(|case| case.scenario.clients.contains(&Client::CargoTest)) {
        programs::build_tests(&places, &progress)?;
    }
    let run = Run {
        tools: Tools::new(&places),
        places,
        programs,
        progress,
        interrupt: Interrupt::listen()?,
        pace,
        times: args.times,
        seed: args.seed.unwrap_or_else(seed_of_the_moment),
        jobs: args.jobs.unwrap_or_else(processors).get(),
        require_all: args.require_all,
        corpus,
    };
    Ok((Arc::new(run), chosen))
}

/// The cases whose names contain `only`, or the one that it names exactly; the first of each scenario where it must be quick.
fn choose(all: &[&'static Scenario], only: Option<&str>, pace: Pace) -> Vec<Case> {
    let matching = |case: &Case| only.is_none_or(|pattern| case.name().contains(pattern));
    let cases: Vec<Case> = all.iter().flat_map(|scenario| scenario.cases()).filter(matching).collect();
    if let Some(exact) = cases.iter().find(|case| only.is_some_and(|pattern| case.name() == pattern)) {
        return vec![*exact];
    }
    let mut chosen: Vec<Case> = Vec::with_capacity(cases.len());
    for case in cases {
        let has_one = chosen.last().is_some_and(|last| last.scenario.name == case.scenario.name);
        if pace == Pace::Full || !has_one {
            chosen.push(case);
        }
    }
    chosen
}

fn run_all(run: &Arc<Run>, chosen: &[Case], args: &TestArgs) -> Report {
    let jobs = run.jobs.min(chosen.len());
    run.progress.line(&format!("cases: {}, at a time: {jobs}, seed: {}", chosen.len(), run.seed));
    let started = Instant::now();
    let waiting = Mutex::new(chosen.iter().enumerate());
    let records = Mutex::new(Vec::with_capacity(chosen.len()));
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while !run.interrupt.is_set() {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((place, case)) = next else { break };
                    let record = run_one(run, *case);
                    records.lock().unwrap_or_else(PoisonError::into_inner).push((place, record));
                }
            });
        }
    });
    run.progress.finish();
    let mut records = records.into_inner().unwrap_or_else(PoisonError::into_inner);
    records.sort_by_key(|(place, _)| *place);
    let records = records.into_iter().map(|(_, record)| record).collect();
    let mut report = Report::new(run, started.elapsed(), records);
    report.write(&run.places);
    if args.json {
        report.print_json();
    } else {
        report.print(&run.places);
    }
    report
}

fn run_one(run: &Arc<Run>, case: Case) -> Record {
    let name = case.name();
    run.progress.start(&name, case.scenario.proves);
    let started = Instant::now();
    let missing = case.scenario.needs.iter().copied().chain(case.filesystem.needs());
    let outcome = match missing.into_iter().find_map(|tool| run.tools.missing(tool)) {
        Some(reason) => watch::Outcome::Skipped(reason),
        None => watch::run(run, case),
    };
    let record = Record::new(case, outcome, started.elapsed(), run);
    run.progress.done(&name, &record.line());
    record
}

/// Most scenarios wait more than they compute, but some kill and count by the clock: one at a time for each processor, and no more.
fn processors() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Different on every run, and short enough to be typed.
fn seed_of_the_moment() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| u64::from(time.subsec_micros()))
}

#[cfg(test)]
mod tests {
    use super::{Case, Filesystem, Pace, Scenario, choose, fail};
    use std::time::Duration;

    const fn scenario(name: &'static str, processes: &'static [u16]) -> Scenario {
        Scenario {
            name,
            proves: "",
            clients: &[],
            faults: &[],
            upholds: &[],
            processes,
            filesystems: &[Filesystem::Target, Filesystem::Memory],
            needs: &[],
            bound: Duration::ZERO,
            run: |_| Err(fail("")),
        }
    }

    static ONE: Scenario = scenario("one", &[1]);
    static MANY: Scenario = scenario("many", &[5, 16]);
    static ALL: &[&Scenario] = &[&ONE, &MANY];

    fn names(only: Option<&str>, pace: Pace) -> Vec<String> {
        choose(ALL, only, pace).iter().map(Case::name).collect()
    }

    #[test]
    fn a_full_run_has_every_case_and_a_quick_one_the_first_of_each() {
        let all =
            ["one/target", "one/tmpfs", "many/5/target", "many/16/target", "many/5/tmpfs", "many/16/tmpfs"];
        assert_eq!(names(None, Pace::Full), all);
        assert_eq!(names(None, Pace::Quick), ["one/target", "many/5/target"]);
    }

    #[test]
    fn a_pattern_chooses_what_contains_it_and_a_whole_name_that_one_alone() {
        assert_eq!(names(Some("/16"), Pace::Full), ["many/16/target", "many/16/tmpfs"]);
        assert_eq!(names(Some("tmpfs"), Pace::Quick), ["one/tmpfs", "many/5/tmpfs"]);
        assert_eq!(names(Some("many/16/tmpfs"), Pace::Quick), ["many/16/tmpfs"]);
        assert!(names(Some("none"), Pace::Full).is_empty());
    }
}

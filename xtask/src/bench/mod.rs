//! Benches: what we do, beside what others do for the same, in one run.
//!
//! Everybody has a go in every round, each round in another order, so that what the machine does meanwhile hits all alike. What is told is
//! the median of the rounds with the least and the greatest; a ratio is taken within each round, and of these the median. Nothing is
//! gated, because time cannot be: a target that is missed is stated as missed, with the reason.
//!
//! - [`measure`]: what is measured, who takes part, what is aimed at; the rounds
//! - [`summary`], [`report`], [`plot`]: what came of it, for people, programs and the documentation
//! - [`machine`]: what it came of
//! - one file or folder for each topic

mod command;
mod dispatch;
mod io;
mod lock;
mod machine;
mod measure;
mod plot;
mod queue;
mod report;
mod summary;

use crate::engine::{Alone, Explain, Failure, Pace, Scenario, Stage, alone, fail};
use clap::{Args, ValueEnum};
use machine::Machine;
use measure::{Measure, Outcome};
use report::Report;
use serde::Serialize;
use std::fs;
use std::process::ExitCode;
use std::time::Duration;

/// Below this a median says little, and the documentation gets none.
const ROUNDS: u16 = 7;

#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    /// By default all, one after the other
    topic: Option<Topic>,
    /// How often everybody has a go
    #[arg(long, value_name = "N", default_value_t = ROUNDS, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Print the result as one JSON object; what is said meanwhile goes to standard error
    #[arg(long)]
    json: bool,
    /// Put the tables into docs/benchmarks.md and the pictures into docs/plots; takes at least 7 rounds, and everybody who is in the tables
    #[arg(long)]
    write_docs: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Topic {
    /// Locks: free ones, handed-over ones, and the longest wait for one
    Lock,
    /// Files: replacing, appending, editing, and a command that does it all
    Io,
    /// The queue: a claim by a command, claims in process, and memory
    Queue,
    /// The dispatcher: a thousand tasks that do nothing
    Dispatch,
}

impl Topic {
    fn all() -> Vec<Self> {
        Self::value_variants().to_vec()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Io => "io",
            Self::Queue => "queue",
            Self::Dispatch => "dispatch",
        }
    }

    fn measures(self) -> Vec<Measure> {
        match self {
            Self::Lock => lock::measures(),
            Self::Io => io::measures(),
            Self::Queue => queue::measures(),
            Self::Dispatch => dispatch::measures(),
        }
    }
}

/// Where benches stand. They are no case of the matrix: they can be slow, not wrong.
static STAGE: Scenario = Scenario {
    name: "bench",
    proves: "how long things take, beside what others take",
    clients: &[],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[],
    bound: Duration::ZERO,
    run: |_| Err(fail("a bench is run by its own command")),
};

/// What a run has for programs.
#[derive(Serialize)]
struct Reports {
    topics: Vec<Report>,
}

/// Where a run leaves its pictures and its JSON, whatever else is asked for.
const KEPT: &str = "bench";

/// `cargo xtask bench`.
pub(crate) fn command(args: &BenchArgs) -> Result<ExitCode, Failure> {
    if args.write_docs && args.rounds < ROUNDS {
        return Err(fail(format!("the documentation wants at least {ROUNDS} rounds")));
    }
    let how = Alone { pace: Pace::Full, seed: None, json: args.json };
    alone(&STAGE, &how, |stage| run(stage, args))?;
    Ok(ExitCode::SUCCESS)
}

fn run(stage: &Stage, args: &BenchArgs) -> Result<(), Failure> {
    let topics = args.topic.map_or_else(Topic::all, |topic| vec![topic]);
    let outcomes =
        |topic: Topic| topic.measures().into_iter().map(|measure| Outcome::of(stage, measure)).collect();
    let prepared: Vec<(Topic, Vec<Outcome>)> =
        topics.into_iter().map(|topic| (topic, outcomes(topic))).collect();
    // Said before anything is measured, which takes minutes.
    let missing = prepared.iter().flat_map(|(_, outcomes)| outcomes).find_map(Outcome::missing);
    if let (true, Some((who, reason))) = (args.write_docs, missing) {
        return Err(fail(format!("the documentation has a row for {who}, who cannot take part: {reason}")));
    }
    let machine = Machine::look(&stage.data())?;
    let kept = stage.kept(KEPT)?;
    let mut reports = Reports { topics: Vec::new() };
    for (topic, mut outcomes) in prepared {
        measure::rounds(stage, topic.name(), &mut outcomes, args.rounds)?;
        let report = Report::new(topic.name(), args.words(), &machine, args.rounds, outcomes)?;
        report.write_pictures(&kept)?;
        if !args.json {
            println!("\n{}", report.text());
        }
        if args.write_docs {
            report.write_docs(&stage.workspace().join("docs"))?;
        }
        reports.topics.push(report);
        // What one topic left is not to be in the way of the next.
        empty(stage)?;
    }
    let json = serde_json::to_string_pretty(&reports)?;
    atomic_io::replace(kept.join("result.json"), json.as_bytes())?;
    if args.json {
        println!("{json}");
    } else {
        println!("\nThe pictures and result.json are in {}.", kept.display());
    }
    Ok(())
}

fn empty(stage: &Stage) -> Result<(), Failure> {
    let folder = stage.data();
    fs::remove_dir_all(&folder).and_then(|()| fs::create_dir(&folder)).explain(folder.display())
}

impl BenchArgs {
    /// What to type for the same again.
    fn words(&self) -> String {
        let topic = self.topic.map_or_else(String::new, |topic| format!(" {}", topic.name()));
        format!("cargo xtask bench{topic} --rounds {}", self.rounds)
    }
}

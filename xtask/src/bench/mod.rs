//! Benches: what we do, beside what others do for the same, in one run.
//!
//! Everybody has a go in every round, each round in another order, so that what the machine does meanwhile hits all alike. What is told is
//! the median of the rounds with the least and the greatest; a ratio is taken within each round, and of these the median. Nothing is
//! gated, because time cannot be: a target that is missed is stated as missed, with the reason.
//!
//! - [`measure`]: what is measured, who takes part, what is aimed at; the rounds
//! - [`report`]: what came of it, for people, programs and the documentation
//! - [`machine`]: what it came of
//! - one file or folder for each topic

mod dispatch;
mod io;
mod lock;
mod machine;
mod measure;
mod queue;
mod report;

use crate::engine::{Alone, Failure, Pace, Scenario, alone, fail};
use clap::{Args, ValueEnum};
use machine::Machine;
use measure::Measure;
use report::Report;
use std::process::ExitCode;
use std::time::Duration;

/// Below this a median says little, and the documentation gets none.
const ROUNDS: u16 = 7;

#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    topic: Topic,
    /// How often everybody has a go
    #[arg(long, value_name = "N", default_value_t = ROUNDS, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Print the result as one JSON object; what is said meanwhile goes to standard error
    #[arg(long)]
    json: bool,
    /// Put the tables into docs/benchmarks.md; takes at least 7 rounds
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

/// `cargo xtask bench`.
pub(crate) fn command(args: &BenchArgs) -> Result<ExitCode, Failure> {
    if args.write_docs && args.rounds < ROUNDS {
        return Err(fail(format!("the documentation wants at least {ROUNDS} rounds")));
    }
    let how = Alone { pace: Pace::Full, seed: None, json: args.json };
    alone(&STAGE, &how, |stage| {
        let machine = Machine::look(&stage.data())?;
        let outcomes = measure::rounds(stage, args.topic.measures(), args.rounds)?;
        let report = Report::new(args.topic.name(), machine, args.rounds, outcomes)?;
        report.print(args.json)?;
        if args.write_docs {
            report.write_docs(&stage.workspace().join("docs").join("benchmarks.md"))?;
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

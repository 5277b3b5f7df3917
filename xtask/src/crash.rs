//! Power cuts: every state that one could leave, and what readers find in it.
//!
//! A real program runs once under strace, which shows every system call with its data. What the calls did to the tracked files becomes a
//! list of operations ([`recorder`]). For each of five filesystems ([`models`]) and each moment of that list, every state that a power
//! cut could leave is made, each a folder of files ([`cuts`]), and the readers and the next save are let loose on it
//! ([`readers`]). Nothing is simulated but the filesystem: program, readers and the recovery are the real ones.
//!
//! The method can be wrong in two ways, and there are controls for both ([`controls`]): it could miss what goes wrong, and it could see wrong what is right.
//!
//! Limitations: one thread changes the files; disks keep what they said they wrote, in sectors of 512 bytes; one power
//! cut, none during the recovery from one; where there are too many combinations of sectors and names, the telling ones and a sample are tried,
//! and how many were not is printed.

mod choose;
mod contents;
mod controls;
mod cuts;
mod journal;
mod log_tree;
mod models;
mod programs;
mod readers;
mod recorder;
mod report;
mod timeline;
mod trial;
mod world;
mod worst;

use crate::engine::{Alone, Explain, Failure, Pace, Scenario, Stage, alone, fail};
use clap::Args;
use cuts::Effort;
use programs::Program;
use report::Report;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use trial::Bench;

#[derive(Args, Debug)]
pub(crate) struct CrashArgs {
    /// Fewer programs, and fewer of very many combinations
    #[arg(long)]
    quick: bool,
    /// Only the programs whose name contains this
    #[arg(long, value_name = "PROGRAM")]
    only: Option<String>,
    /// Repeat the random choices of an earlier run
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print the result as one JSON object; what is said meanwhile goes to standard error
    #[arg(long)]
    json: bool,
    /// Put the table into docs/durability.md
    #[arg(long)]
    write_docs: bool,
}

/// `cargo xtask crash`.
pub(crate) fn command(args: &CrashArgs, scenario: &'static Scenario) -> Result<ExitCode, Failure> {
    let pace = if args.quick { Pace::Quick } else { Pace::Full };
    let how = Alone { pace, seed: args.seed, json: args.json };
    let (report, workspace) = alone(scenario, &how, |stage| {
        let only = args.only.as_deref();
        Ok((enumerate(stage, only)?, stage.workspace().to_path_buf()))
    })?;
    report.print(args.json)?;
    if args.write_docs {
        report.write_docs(&workspace.join("docs").join("durability.md"), &words(args))?;
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The command that does the same again.
fn words(args: &CrashArgs) -> String {
    let quick = if args.quick { " --quick" } else { "" };
    let only = args.only.as_ref().map(|only| format!(" --only '{only}'")).unwrap_or_default();
    format!("cargo xtask crash{quick}{only}")
}

/// Cuts off every program, or those whose name contains `only`, and tries the controls.
pub(crate) fn enumerate(stage: &Stage, only: Option<&str>) -> Result<Report, Failure> {
    let scratch = scratch(stage)?;
    let bench = Bench {
        stage,
        python: python(stage)?,
        states: scratch.path().join("state"),
        evidence: stage.kept("crash")?,
        effort: effort(stage.pace()),
    };
    let is_chosen = |program: &&Program| match only {
        Some(pattern) => program.name.contains(pattern),
        None => program.is_quick || stage.pace() == Pace::Full,
    };
    let chosen: Vec<&Program> = programs::ALL.iter().filter(is_chosen).collect();
    if chosen.is_empty() {
        let names: Vec<_> = programs::ALL.iter().map(|program| program.name).collect();
        return Err(fail(format!("no program's name contains that; there are: {}", names.join("; "))));
    }
    let trials = chosen.into_iter().map(|program| bench.trial(program)).collect::<Result<Vec<_>, _>>()?;
    let controls = controls::all(&bench, &trials)?;
    Ok(Report { seed: stage.seed(), trials, controls })
}

fn effort(pace: Pace) -> Effort {
    match pace {
        Pace::Quick => Effort { contents: 40, names: 64, files: 120 },
        Pace::Full => Effort { contents: 200, names: 200, files: 600 },
    }
}

fn scratch(stage: &Stage) -> Result<tempfile::TempDir, Failure> {
    let memory = Path::new("/dev/shm");
    let made = tempfile::Builder::new().prefix("mooring-crash-").tempdir_in(memory);
    match made {
        Ok(folder) => Ok(folder),
        Err(_) => tempfile::tempdir_in(stage.folder()).explain(stage.folder().display()),
    }
}

fn python(stage: &Stage) -> Result<PathBuf, Failure> {
    let mut python = stage.python("which.py", "import sys; print(sys.executable)")?;
    let output = python.output().explain("cannot run Python")?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    fs::canonicalize(&path).explain(path)
}

//! A process that logs uses of skills into a registry together with others.

use super::count::{LONG, acknowledge};
use crate::engine::Failure;
use clap::Args;
use registry::ops::{self, NewUsage};
use registry::{Ending, Registry};
use std::path::PathBuf;
use std::process::ExitCode;

/// The skills that are used in turn: one that was used before, one that was not, and one that has no usage at all.
const SKILLS: [&str; 3] = ["label-printer", "mover", "catalogue-diff"];

#[derive(Args, Debug)]
pub(crate) struct Uses {
    /// First part of every task's id
    name: String,
    /// The registry
    file: PathBuf,
    /// Where every id is noted once its use was logged
    acknowledged: PathBuf,
    /// How often this client was started before: makes its ids unique
    incarnation: u64,
    /// How many uses
    #[arg(long, default_value_t = u64::MAX)]
    times: u64,
    /// Ends when this file exists
    #[arg(long)]
    stop: Option<PathBuf>,
}

pub(crate) fn log(args: &Uses) -> Result<ExitCode, Failure> {
    let registry = Registry::at(&args.file, LONG);
    let is_over = || args.stop.as_ref().is_some_and(|stop| stop.exists());
    for (turn, skill) in (0..args.times).zip(SKILLS.into_iter().cycle()) {
        if is_over() {
            break;
        }
        let id = format!("{}-{}-{turn}", args.name, args.incarnation);
        let result = match turn % 7 {
            3 => Ending::Failure,
            5 => Ending::Partial,
            _ => Ending::Success,
        };
        // Times that no rounding in between would leave alone.
        let time = 1 + turn * 7_919 % 90_007;
        let usage = NewUsage { execution_time_ms: Some(time), ..NewUsage::new(&id, skill, result) };
        registry.apply(|document, now| ops::log_usage(document, now, &usage))?;
        acknowledge(&args.acknowledged, "used", &id)?;
    }
    Ok(ExitCode::SUCCESS)
}

//! Arguments of what runs tasks: `dispatch`, `run`, and the supervisors.

use super::{Retries, duration};
use clap::Args;
use jiff::SignedDuration;
use std::ffi::OsString;
use std::path::PathBuf;

/// How to run a task.
#[derive(Clone, Debug, Args)]
pub(crate) struct How {
    /// Stop a task that takes longer.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<SignedDuration>,
    /// Where tasks run; by default the queue's folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) cwd: Option<PathBuf>,
    /// The command; by default the task's own, its field `run`.
    #[arg(last = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Dispatch {
    /// How many tasks run at once.
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) slots: u16,
    #[command(flatten)]
    pub(crate) how: How,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The task; the next ready one if left out.
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) retries: Retries,
    #[command(flatten)]
    pub(crate) how: How,
}

#[derive(Debug, Args)]
pub(crate) struct Supervise {
    /// The slot's number.
    #[arg(long)]
    pub(crate) slot: u16,
    #[command(flatten)]
    pub(crate) how: How,
}

//! Arguments of what runs tasks: `dispatch`, `run`, and the supervisors.

use super::{Retries, duration};
use clap::{Args, Subcommand};
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
    /// How many tasks run at once; by default the slots of execution-state.yaml beside the queue, if it describes some, or 4.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) slots: Option<u16>,
    /// The file that describes the slots, which is kept current.
    #[arg(long, value_name = "FILE", conflicts_with = "slots")]
    pub(crate) state: Option<PathBuf>,
    /// Keep waiting for new tasks when none is left.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Stop the least urgent task for a CRITICAL one that finds no free slot.
    #[arg(long)]
    pub(crate) preempt: bool,
    /// Only say what would be claimed now. Nothing at all is changed.
    #[arg(long, conflicts_with_all = ["watch", "monitor"])]
    pub(crate) dry_run: bool,
    /// Only show what happens to the queue, until Ctrl-C. Nothing at all is changed.
    #[arg(long, conflicts_with_all = ["slots", "state", "watch", "preempt", "retries", "retry_wait", "timeout", "cwd", "command"])]
    pub(crate) monitor: bool,
    #[command(flatten)]
    pub(crate) retries: Retries,
    #[command(flatten)]
    pub(crate) how: How,
}

impl Dispatch {
    /// In so many places, and all else as it usually is.
    pub(crate) fn in_slots(slots: u16) -> Self {
        Self {
            slots: Some(slots),
            state: None,
            watch: false,
            preempt: false,
            dry_run: false,
            monitor: false,
            retries: Retries { retries: 0, retry_wait: SignedDuration::ZERO },
            how: How { timeout: None, cwd: None, command: Vec::new() },
        }
    }
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
    #[command(flatten)]
    pub(crate) retries: Retries,
    #[command(flatten)]
    pub(crate) how: How,
}

#[derive(Debug, Args)]
pub(crate) struct Slots {
    /// The file that describes them; by default execution-state.yaml beside the queue.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: Option<SlotsVerb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SlotsVerb {
    /// Set a field of a slot.
    Set {
        /// The slot.
        slot: String,
        /// The field, or a path below one (`resource_profile.max_duration`).
        field: String,
        /// A number, true, false, null, a list as [a, b], or else a text.
        value: String,
    },
}

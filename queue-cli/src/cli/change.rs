//! Arguments of what changes tasks by hand: `edit`, `dep`, `note`, `counts`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The task.
    pub(crate) id: String,
    /// A field, or a path below one (`roi.effort`), and its value: a number, true, false, a list as [a, b], or else a text.
    #[arg(value_name = "FIELD=VALUE")]
    pub(crate) fields: Vec<String>,
    /// A field to be taken away (may be repeated).
    #[arg(long, value_name = "FIELD")]
    pub(crate) unset: Vec<String>,
    /// Take every value as a text.
    #[arg(long)]
    pub(crate) string: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Dep {
    /// Let a task wait for others too.
    Add {
        /// The task.
        id: String,
        /// What it is to wait for.
        #[arg(required = true, value_name = "BLOCKER")]
        blockers: Vec<String>,
    },
    /// Let a task wait for others no more.
    Rm {
        /// The task.
        id: String,
        /// What it is not to wait for.
        #[arg(required = true, value_name = "BLOCKER")]
        blockers: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Note {
    /// The task, by default the environment's QUEUE_TASK_ID; and what is to be noted.
    #[arg(required = true, num_args = 1..=2, value_names = ["ID", "TEXT"])]
    pub(crate) words: Vec<String>,
    /// The attempt that the claim printed, as for `done`.
    #[arg(long, value_name = "N")]
    pub(crate) attempt: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Counts {
    /// Write the truth into the counters that have drifted.
    #[arg(long, conflicts_with = "check")]
    pub(crate) sync: bool,
    /// End with exit code 1 if a counter has drifted.
    #[arg(long)]
    pub(crate) check: bool,
}

//! Arguments of claims: making one, and speaking as its holder.

use super::duration;
use clap::Args;
use jiff::SignedDuration;

#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// The task; the next ready one if left out.
    #[arg(conflicts_with = "next")]
    pub(crate) id: Option<String>,
    /// The next ready task, which is also what happens without an id.
    #[arg(long)]
    pub(crate) next: bool,
    /// How long the claim holds without a heartbeat.
    #[arg(long, default_value = "10m", value_name = "TIME", value_parser = duration)]
    pub(crate) lease: SignedDuration,
}

/// A task in hand, and the proof that it is the caller's.
#[derive(Debug, Args)]
pub(crate) struct Held {
    /// The task; by default the environment's QUEUE_TASK_ID.
    pub(crate) id: Option<String>,
    /// The attempt that the claim printed; by default QUEUE_ATTEMPT for the task QUEUE_TASK_ID. Without it --agent must be the holder.
    #[arg(long, value_name = "N")]
    pub(crate) attempt: Option<u64>,
}

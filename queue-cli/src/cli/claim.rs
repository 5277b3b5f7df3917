//! Arguments of claims: making one, and speaking as its holder.

use super::duration;
use clap::Args;
use jiff::SignedDuration;
use queue_cli::ops::Backoff;
use std::hash::{BuildHasher, Hasher, RandomState};

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

/// Whether a failed task is tried again.
#[derive(Clone, Debug, Args)]
pub(crate) struct Retries {
    /// How many times the task may fail and be tried again.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) retries: u64,
    /// How long to wait after the first failure; about twice as long after each further one, an hour at most.
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = duration)]
    pub(crate) retry_wait: SignedDuration,
}

impl Retries {
    /// What the queue's rules need to know, with jitter of its own.
    pub(crate) fn backoff(&self) -> Backoff {
        // The standard library's source of random numbers is the seed of its hash maps.
        let random = RandomState::new().build_hasher().finish();
        #[expect(clippy::cast_precision_loss, reason = "any number from 0 to 1 will do")]
        let jitter = random as f64 / u64::MAX as f64;
        Backoff { retries: self.retries, first_wait: self.retry_wait, jitter }
    }
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

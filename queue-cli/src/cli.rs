//! The command line of `queue`, and nothing else.
//!
//! | file | holds |
//! |---|---|
//! | here | what every command understands, the list of commands, and how values are read |
//! | `task.rs` | arguments of what is said and asked of tasks |
//! | `claim.rs` | arguments of claims |
//! | `change.rs` | arguments of what changes tasks by hand |
//! | `work.rs` | arguments of what runs tasks |

mod change;
mod claim;
mod task;
mod work;

pub(crate) use change::{Counts, Dep, Edit, Note};
pub(crate) use claim::{Claim, Held, Retries};
pub(crate) use task::{Add, List};
pub(crate) use work::{Dispatch, How, Run, Supervise};

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;
use std::path::PathBuf;

const EXIT_CODES: &str = "Exit codes: 0 done; 1 other failure; 2 usage; 3 nothing to do; 4 conflict (held, stale attempt, wrong state);
5 lock timed out; 6 file invalid (nothing was changed); 7 not found; 8 some tasks failed;
9 saved, but durability unknown.";

/// A task queue in a YAML file that agents, scripts and people share.
#[derive(Debug, Parser)]
#[command(name = "queue", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// The queue.
    #[arg(short, long, global = true, env = "QUEUE_FILE", default_value = "queue.yaml", value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How long to wait for a lock that somebody else has (10s, 500ms, 2m).
    #[arg(long, global = true, default_value = "10s", value_name = "TIME", value_parser = duration)]
    pub(crate) lock_timeout: SignedDuration,
    /// In whose name to act; by default user@host:parent-process.
    #[arg(long, global = true, env = "QUEUE_AGENT", value_name = "NAME")]
    pub(crate) agent: Option<String>,
    /// Where to write events; by default events.yaml beside the queue.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Write no events.
    #[arg(long, global = true, conflicts_with = "events")]
    pub(crate) no_events: bool,
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Use no colour (as does the environment variable NO_COLOR).
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Say more of what happens (twice: every lock and save).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say nothing but results and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an empty queue.
    Init,
    /// Add a task and print its id.
    Add(Add),
    /// Change what a task says of itself.
    Edit(Edit),
    /// Change what a task waits for.
    #[command(subcommand)]
    Dep(Dep),
    /// Show all tasks, and why the pending ones wait.
    List(List),
    /// Show one task with all its fields.
    Show {
        /// The task.
        id: String,
    },
    /// Show the tasks that can be claimed now, the first to be claimed first.
    Ready {
        /// Say of every task that is not ready why it waits, or of the one named.
        #[arg(long, value_name = "ID", num_args = 0..=1)]
        explain: Option<Option<String>>,
    },
    /// Take a task: the next that is ready, or the one named.
    Claim(Claim),
    /// Begin a claimed task.
    Start(Held),
    /// Say that a task is still worked on, which prolongs its lease.
    Heartbeat {
        #[command(flatten)]
        held: Held,
        /// How long the lease runs from now.
        #[arg(long, default_value = "10m", value_name = "TIME", value_parser = duration)]
        lease: SignedDuration,
    },
    /// Finish a task.
    Done(Held),
    /// Give a task up as failed.
    Fail {
        #[command(flatten)]
        held: Held,
        /// What it failed of.
        #[arg(long, default_value = "failed", value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        retries: Retries,
    },
    /// Give a task back, to be claimed by somebody else.
    Release(Held),
    /// Add a line to a task's notes.
    Note(Note),
    /// Put a failed or cancelled task back, to be claimed again.
    Retry {
        /// The task.
        id: String,
    },
    /// Call a task off.
    Cancel {
        /// The task.
        id: String,
    },
    /// Hold a pending task back.
    Block {
        /// The task.
        id: String,
    },
    /// Let a task that was held back come to its turn.
    Unblock {
        /// The task.
        id: String,
    },
    /// Move finished tasks that no unfinished one names into the archive beside the queue.
    Archive {
        /// Only say which.
        #[arg(long)]
        dry_run: bool,
    },
    /// Compare the counters that the file carries with its tasks.
    Counts(Counts),
    /// Count the tasks by status, and say what is in hand.
    Status,
    /// Show what happened.
    Events {
        /// Only of this task.
        #[arg(long, value_name = "ID")]
        task: Option<String>,
    },
    /// Look for what is wrong with the queue and all that stands beside it.
    Doctor {
        /// Repair what can be repaired without taking anything away: events that are missing are added to the log.
        #[arg(long)]
        fix: bool,
    },
    /// Run ready tasks in parallel until nothing is left.
    Dispatch(Dispatch),
    /// Take one task, run a command for it, and write down how it ended.
    Run(Run),
    /// Make a folder with a small queue and dispatch it.
    Demo {
        /// The folder to make; by default mooring-demo, with a number if that exists.
        folder: Option<PathBuf>,
        /// How many tasks run at once.
        #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
        slots: u16,
    },
    /// Watch over one task for a dispatcher, which says on standard input for which.
    #[command(hide = true)]
    Supervise(Supervise),
}

/// `10s`, `1m 30s`, or a bare number of seconds.
fn duration(text: &str) -> Result<SignedDuration, String> {
    let seconds =
        text.parse::<f64>().ok().and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
    let duration = seconds.or_else(|| text.parse().ok()).ok_or("give a time such as 10s, 500ms or 2m")?;
    if duration.is_negative() { Err("a time cannot be negative".into()) } else { Ok(duration) }
}

fn finite(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| "give a number".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read() {
        assert_eq!(duration("2m"), Ok(SignedDuration::from_mins(2)));
        assert_eq!(duration("0.5"), Ok(SignedDuration::from_millis(500)));
        assert!(duration("-1").is_err() && duration("soon").is_err());
    }
}

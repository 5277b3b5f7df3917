//! The command line of `queue`, and nothing else.

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;
use std::ffi::OsString;
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
    },
    /// Give a task back, to be claimed by somebody else.
    Release(Held),
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

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What is to be done.
    pub(crate) title: String,
    /// The id; by default made from the type and the next free number.
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// The type.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// CRITICAL, HIGH, MEDIUM or LOW.
    #[arg(long, value_name = "WORD")]
    pub(crate) priority: Option<String>,
    /// Orders tasks of one priority, the higher the sooner.
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = finite)]
    pub(crate) score: Option<f64>,
    /// A task that must be completed first (may be repeated, or separated by commas).
    #[arg(long = "after", visible_alias = "blocked-by", value_name = "ID", value_delimiter = ',')]
    pub(crate) after: Vec<String>,
    /// How long it will take.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) minutes: Option<u64>,
    /// The parallel group; `sequential` runs alone.
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// The task's own command, for a shell.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) run: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only tasks with this status (may be repeated).
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Vec<String>,
    /// Only tasks with this priority (may be repeated).
    #[arg(long, value_name = "WORD")]
    pub(crate) priority: Vec<String>,
}

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

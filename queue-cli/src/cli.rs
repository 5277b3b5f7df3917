//! The command line of `queue`, and nothing else.
//!
//! | file | holds |
//! |---|---|
//! | here | what every command understands, the list of commands, and how values are read |
//! | `task.rs` | arguments of what is said and asked of tasks |
//! | `claim.rs` | arguments of claims |
//! | `change.rs` | arguments of what changes tasks by hand |
//! | `work.rs` | arguments of what runs tasks |
//! | `look.rs` | arguments of what looks at tasks over time |
//! | `look_again.rs` | arguments of what looks at the queue again |
//! | `plan.rs` | arguments of what looks ahead |
//! | `examples.rs` | what the help of each verb says besides, with examples |

mod change;
mod claim;
mod examples;
mod look;
mod look_again;
mod plan;
mod task;
mod work;

pub(crate) use change::{Counts, Dep, Edit, Note};
pub(crate) use claim::{Claim, Held, Retries};
pub(crate) use look::{Events, Logs, Picture, Restore, Timeline, Wait};
pub(crate) use look_again::{Hook, HookRules, Reanalyze};
pub(crate) use plan::{Export, Format, Graph, Prioritize, Resolve};
pub(crate) use task::{Add, List};
pub(crate) use work::{Dispatch, How, Run, Slots, SlotsVerb, Supervise};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use command_pages::{Completions, Man};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};
use std::path::PathBuf;

const EXIT_CODES: &str = "Exit codes: 0 done; 1 other failure; 2 usage; 3 nothing to do; 4 conflict (held, stale attempt, wrong state); \
5 lock timed out; 6 file invalid (nothing was changed); 7 not found; 8 some tasks failed; \
9 saved, but durability unknown.";

/// How long is waited for a lock without `--lock-timeout`.
const LOCK_TIMEOUT: &str = "10s";

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
    #[arg(
        short,
        long,
        global = true,
        env = "QUEUE_FILE",
        hide_env_values = true,
        default_value = "queue.yaml",
        value_name = "FILE"
    )]
    pub(crate) file: PathBuf,
    /// How long to wait for a lock that somebody else has (10s, 500ms, 2m).
    #[arg(long, global = true, default_value = LOCK_TIMEOUT, value_name = "TIME", value_parser = duration)]
    pub(crate) lock_timeout: SignedDuration,
    /// Take the lock file NAME together with the queue's own, for programs that know the lock under that name (may be repeated, or separated by
    /// commas; env QUEUE_ALSO_LOCK).
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',')]
    pub(crate) also_lock: Vec<PathBuf>,
    /// In whose name to act; by default user@host:parent-process (env QUEUE_AGENT).
    #[arg(long, global = true, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) agent: Option<String>,
    /// Where events are; by default events.yaml beside the queue (env QUEUE_EVENTS).
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Write no events (env QUEUE_NO_EVENTS).
    #[arg(long, global = true, conflicts_with = "events")]
    pub(crate) no_events: bool,
    /// Print one JSON object instead of text; an error is one, in one line, on standard error.
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

impl Global {
    /// Whether locks are waited for as long as without `--lock-timeout`.
    pub(crate) fn has_default_lock_timeout(&self) -> bool {
        duration(LOCK_TIMEOUT) == Ok(self.lock_timeout)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an empty queue.
    #[command(after_help = examples::INIT)]
    Init,
    /// Add a task and print its id.
    #[command(after_help = examples::ADD)]
    Add(Add),
    /// Change what a task says of itself.
    #[command(after_help = examples::EDIT)]
    Edit(Edit),
    /// Change what a task waits for.
    #[command(subcommand, after_help = examples::DEP)]
    Dep(Dep),
    /// Show tasks, and why the pending ones wait.
    #[command(after_help = examples::LIST)]
    List(List),
    /// Show one task with all its fields.
    #[command(after_help = examples::SHOW)]
    Show {
        /// The task.
        id: String,
    },
    /// Show the tasks that can be claimed now, the first to be claimed first.
    #[command(after_help = examples::READY)]
    Ready {
        /// Say of every task that is not ready why it waits, or of the one named.
        #[arg(long, value_name = "ID", num_args = 0..=1)]
        explain: Option<Option<String>>,
    },
    /// Say why a task waits, down to where it comes from.
    #[command(after_help = examples::WHY)]
    Why {
        /// The task.
        id: String,
    },
    /// Take a task: the next that is ready, or the one named.
    #[command(after_help = examples::CLAIM)]
    Claim(Claim),
    /// Begin a claimed task.
    #[command(after_help = examples::START)]
    Start(Held),
    /// Say that a task is still worked on, which prolongs its lease.
    #[command(after_help = examples::HEARTBEAT)]
    Heartbeat {
        #[command(flatten)]
        held: Held,
        /// How long the lease runs from now.
        #[arg(long, default_value = "10m", value_name = "TIME", value_parser = duration)]
        lease: SignedDuration,
    },
    /// Finish a task.
    #[command(after_help = examples::DONE)]
    Done(Held),
    /// Give a task up as failed.
    #[command(after_help = examples::FAIL)]
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
    #[command(after_help = examples::RELEASE)]
    Release(Held),
    /// Add a line to a task's notes.
    #[command(after_help = examples::NOTE)]
    Note(Note),
    /// Put a failed or cancelled task back, to be claimed again.
    #[command(after_help = examples::RETRY)]
    Retry {
        /// The task.
        id: String,
    },
    /// Call a task off.
    #[command(after_help = examples::CANCEL)]
    Cancel {
        /// The task.
        id: String,
    },
    /// Hold a pending task back.
    #[command(after_help = examples::BLOCK)]
    Block {
        /// The task.
        id: String,
    },
    /// Let a task that was held back come to its turn.
    #[command(after_help = examples::UNBLOCK)]
    Unblock {
        /// The task.
        id: String,
    },
    /// Move finished tasks that no unfinished one names into the archive beside the queue.
    #[command(after_help = examples::ARCHIVE)]
    Archive {
        /// Only say which.
        #[arg(long)]
        dry_run: bool,
    },
    /// Compare the counters that the file carries with its tasks.
    #[command(after_help = examples::COUNTS)]
    Counts(Counts),
    /// Look at the queue again: flag, boost, let go and invalidate tasks by rules.
    #[command(after_help = examples::REANALYZE)]
    Reanalyze(Reanalyze),
    /// What git runs after a commit or a merge: `reanalyze` with the triggers that fit.
    #[command(subcommand, after_help = examples::HOOK)]
    Hook(Hook),
    /// Compare the scores of tasks with what the formula makes of their `roi`.
    #[command(after_help = examples::PRIORITIZE)]
    Prioritize(Prioritize),
    /// Say in which order tasks can be done, which side by side, and what stands in the way.
    #[command(after_help = examples::RESOLVE)]
    Resolve(Resolve),
    /// Print the plan of the queue for other programs, as YAML, or with --json as JSON.
    #[command(after_help = examples::EXPORT)]
    Export(Export),
    /// Draw the tasks and what they wait for.
    #[command(after_help = examples::GRAPH)]
    Graph(Graph),
    /// Run ready tasks in parallel until nothing is left.
    #[command(after_help = examples::DISPATCH)]
    Dispatch(Dispatch),
    /// Let the queue's dispatcher start nothing more, and end when what runs has ended.
    #[command(after_help = examples::STOP)]
    Stop {
        /// Stop the tasks that run too, and give them back.
        #[arg(long)]
        now: bool,
    },
    /// Let no dispatcher start anything more until `resume`.
    #[command(after_help = examples::PAUSE)]
    Pause,
    /// End a `pause`.
    #[command(after_help = examples::RESUME)]
    Resume,
    /// Show the slots of execution-state.yaml, or set a field of one.
    #[command(after_help = examples::SLOTS)]
    Slots(Slots),
    /// Take one task, run a command for it, and write down how it ended.
    #[command(after_help = examples::RUN)]
    Run(Run),
    /// Show what a task that was dispatched has printed.
    #[command(after_help = examples::LOGS)]
    Logs(Logs),
    /// Wait until tasks have come to their end.
    #[command(after_help = examples::WAIT)]
    Wait(Wait),
    /// Count the tasks by status, and say what is in hand.
    #[command(after_help = examples::STATUS)]
    Status,
    /// Show what happened.
    #[command(after_help = examples::EVENTS)]
    Events(Events),
    /// Draw who worked on what, and when.
    #[command(after_help = examples::TIMELINE)]
    Timeline(Timeline),
    /// List the versions of the queue that stand beside it, the one that was saved last first.
    #[command(after_help = examples::BACKUPS)]
    Backups,
    /// Go back to a version of the queue. The one that is replaced is put aside, and its place is said.
    #[command(after_help = examples::RESTORE)]
    Restore(Restore),
    /// Look for what is wrong with the queue and with all that stands beside it, and say what to do about it.
    #[command(after_help = examples::DOCTOR)]
    Doctor {
        /// Repair what can be repaired without taking anything away: events that are missing are added to the log, and counters
        /// that have drifted get what is true.
        #[arg(long)]
        fix: bool,
    },
    /// Make a folder with a small queue and dispatch it.
    #[command(after_help = examples::DEMO)]
    Demo {
        /// The folder to make; by default mooring-demo, with a number if that exists.
        folder: Option<PathBuf>,
        /// How many tasks run at once.
        #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
        slots: u16,
    },
    /// Print what a shell needs to complete the words of this program.
    #[command(after_help = examples::COMPLETIONS)]
    Completions(Completions),
    /// Print the manual page, or write a page for this program and each of its verbs.
    #[command(after_help = examples::MAN)]
    Man(Man),
    /// Watch over one task after the other for a dispatcher, which says on standard input for which.
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

/// A point in time: RFC 3339, a date or a time without a zone (UTC), or how long ago.
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    let in_utc = |time: civil::DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let ago = || Timestamp::now().checked_sub(duration(text).ok()?).ok();
    let time = text.parse::<Timestamp>().ok();
    let time = time.or_else(|| text.parse::<civil::DateTime>().ok().and_then(in_utc));
    let time = time.or_else(|| text.parse::<civil::Date>().ok().and_then(|date| in_utc(date.at(0, 0, 0, 0))));
    time.or_else(ago)
        .ok_or_else(|| "give a time such as 2026-11-23T04:11:09Z, a date, or 10m for ten minutes ago".into())
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
    fn the_default_lock_timeout_is_known_however_it_is_said() {
        let is_default = |words: &[&str]| {
            let cli = Cli::try_parse_from([&["queue", "list"], words].concat()).unwrap();
            cli.global.has_default_lock_timeout()
        };
        assert!(is_default(&[]) && is_default(&["--lock-timeout", "10000ms"]));
        assert!(!is_default(&["--lock-timeout", "11s"]));
    }

    #[test]
    fn times_are_read() {
        assert_eq!(duration("2m"), Ok(SignedDuration::from_mins(2)));
        assert_eq!(duration("0.5"), Ok(SignedDuration::from_millis(500)));
        assert!(duration("-1").is_err() && duration("soon").is_err());
    }

    #[test]
    fn moments_are_read() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(moment("2026-11-23T05:11:09+01:00"), Ok(at("2026-11-23T04:11:09Z")));
        assert_eq!(moment("20261123T041109Z"), Ok(at("2026-11-23T04:11:09Z")));
        assert_eq!(moment("2026-11-23 04:11"), Ok(at("2026-11-23T04:11:00Z")));
        assert_eq!(moment("2026-11-23"), Ok(at("2026-11-23T00:00:00Z")));
        let ago = Timestamp::now() - SignedDuration::from_mins(10);
        assert!(moment("10m").unwrap().duration_since(ago).as_secs().abs() < 60);
        assert!(moment("soon").is_err() && moment("yesterday").is_err());
    }

    /// `-f` is the queue before the verb, and follows the log behind it.
    #[test]
    fn logs_has_its_own_short_option() {
        let cli = Cli::try_parse_from(["queue", "-f", "q.yaml", "logs", "A", "-f"]).unwrap();
        assert_eq!(cli.global.file, PathBuf::from("q.yaml"));
        assert!(matches!(cli.command, Command::Logs(Logs { follow: true, .. })));
        let cli = Cli::try_parse_from(["queue", "logs", "A", "--file", "q.yaml"]).unwrap();
        assert_eq!(cli.global.file, PathBuf::from("q.yaml"));
    }
}

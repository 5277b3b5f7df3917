//! The command line of `registry`, and nothing else.
//!
//! | file | holds |
//! |---|---|
//! | here | what every command understands, the list of commands, their arguments, and how values are read |
//! | `examples.rs` | what the help of each verb says besides, with examples |

mod examples;

use clap::{Args, Parser, Subcommand};
use command_pages::{Completions, Man};
use registry::Ending;
use registry::ops::milliseconds;
use std::path::PathBuf;
use std::time::Duration;

const EXIT_CODES: &str = "Exit codes: 0 done; 1 other failure; 2 usage; 5 lock timed out; 6 file invalid (nothing was changed); \
7 not found (the file, or the skill); 9 saved, but durability unknown.";

/// What skills there are, when to choose them, and how they did: a registry in a YAML file that agents, scripts and people share.
#[derive(Debug, Parser)]
#[command(name = "registry", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// The registry.
    #[arg(
        short,
        long,
        global = true,
        env = "REGISTRY_FILE",
        hide_env_values = true,
        default_value = "skill-registry.yaml",
        value_name = "FILE"
    )]
    pub(crate) file: PathBuf,
    /// How long to wait for a lock that somebody else has (10s, 500ms, 2m).
    #[arg(long, global = true, default_value = "10s", value_name = "TIME", value_parser = duration)]
    pub(crate) lock_timeout: Duration,
    /// Take the lock file NAME together with the registry's own, for programs that know the lock under that name (may be repeated, or separated
    /// by commas).
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',')]
    pub(crate) also_lock: Vec<PathBuf>,
    /// Where events are; by default events.yaml beside the registry.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Write no events.
    #[arg(long, global = true, conflicts_with = "events")]
    pub(crate) no_events: bool,
    /// Print one JSON object instead of text; an error is one, in one line, on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more of what happens (twice: every lock and save).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say nothing but results and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the skills, in the order of the file.
    #[command(after_help = examples::LIST)]
    List(List),
    /// Show one skill.
    #[command(after_help = examples::GET)]
    Get {
        /// The id of the skill.
        skill: String,
    },
    /// Show how well skills do, or write down what somebody has measured.
    #[command(after_help = examples::METRICS)]
    Metrics(Metrics),
    /// Show which skills fit a task, the best first.
    #[command(after_help = examples::MATCH)]
    Match {
        /// The description of the task.
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
    },
    /// Show the most effective skills.
    #[command(after_help = examples::TOP)]
    Top {
        /// At most so many.
        #[arg(short = 'n', long, default_value_t = 5, value_name = "N")]
        limit: usize,
    },
    /// Show the uses that were written down, the oldest first.
    #[command(after_help = examples::HISTORY)]
    History(Filter),
    /// Show what became of tasks, the oldest first.
    #[command(after_help = examples::OUTCOMES)]
    Outcomes(Filter),
    /// Write down one more use of a skill.
    #[command(after_help = examples::LOG)]
    Log(Log),
    /// Write down what became of a task, without a use of its skill.
    #[command(after_help = examples::OUTCOME)]
    Outcome(Outcome),
    /// Write down a task that is done: its outcome, the use of its skill, and the event.
    #[command(after_help = examples::RECORD)]
    Record(Record),
    /// Work out how well skills do from what is written down.
    #[command(after_help = examples::RECALCULATE)]
    Recalculate,
    /// Look for what is wrong with the registry, and say what to do about it.
    #[command(after_help = examples::CHECK)]
    Check {
        /// Write the truth into counters that have drifted, and add events that are missing.
        #[arg(long)]
        fix: bool,
    },
    /// Print what a shell needs to complete the words of this program.
    #[command(after_help = examples::COMPLETIONS)]
    Completions(Completions),
    /// Print the manual page, or write a page for this program and each of its verbs.
    #[command(after_help = examples::MAN)]
    Man(Man),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only skills of this category (in any case of letters).
    #[arg(long)]
    pub(crate) category: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Metrics {
    /// The skill; by default all of them, and what the registry says of categories and of them as a whole.
    pub(crate) skill: Option<String>,
    /// Write down a metric in percent, or with `NAME=` that it was never measured (may be repeated).
    #[arg(long, value_name = "NAME=VALUE", requires = "skill")]
    pub(crate) set: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Only of this skill.
    #[arg(long, value_name = "SKILL")]
    pub(crate) skill: Option<String>,
    /// Only of this task.
    #[arg(long, value_name = "ID")]
    pub(crate) task: Option<String>,
    /// Only the last so many.
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// The task.
    #[arg(long, value_name = "ID")]
    pub(crate) task: String,
    /// The skill.
    #[arg(long, value_name = "SKILL")]
    pub(crate) skill: String,
    /// success, failure, partial or unknown.
    #[arg(long, value_name = "WORD", value_parser = ending, default_value = "unknown")]
    pub(crate) outcome: Ending,
    /// How long it took.
    #[arg(long, value_name = "MINUTES", value_parser = minutes)]
    pub(crate) duration_minutes: Option<f64>,
    /// How sure one was of the skill, in percent.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) confidence: Option<u8>,
    /// What spoke for the skill.
    #[arg(long, value_name = "TEXT")]
    pub(crate) trigger_reason: Option<String>,
    /// A skill that would have fitted (may be repeated, or separated by commas).
    #[arg(long, value_name = "SKILL", value_delimiter = ',')]
    pub(crate) applicable: Vec<String>,
    /// What else there is to say.
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Outcome {
    /// The task.
    #[arg(long, value_name = "ID")]
    pub(crate) task: String,
    #[command(flatten)]
    pub(crate) facts: Facts,
}

#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The task (env BB5_TASK_ID).
    #[arg(long, value_name = "ID")]
    pub(crate) task: Option<String>,
    #[command(flatten)]
    pub(crate) facts: Facts,
}

/// What is known of a task that is done. Only what is given is written.
#[derive(Debug, Args)]
pub(crate) struct Facts {
    /// The skill that was used.
    #[arg(long, value_name = "SKILL")]
    pub(crate) skill: Option<String>,
    /// success, failure or partial.
    #[arg(long, value_name = "WORD", value_parser = verdict)]
    pub(crate) outcome: Option<Ending>,
    /// How long it took.
    #[arg(long, value_name = "MINUTES", value_parser = minutes)]
    pub(crate) duration_minutes: Option<f64>,
    /// How good the result is, from 1 to 5.
    #[arg(long, value_name = "1-5", value_parser = rating)]
    pub(crate) quality_rating: Option<u8>,
    /// Whether the skill was the right one, or none was needed.
    #[arg(long, value_name = "true|false", value_parser = truth)]
    pub(crate) trigger_correct: Option<bool>,
    /// Whether it would be chosen again.
    #[arg(long, value_name = "true|false", value_parser = truth)]
    pub(crate) would_use_again: Option<bool>,
    /// What kind of task it was.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) task_type: Option<String>,
    /// What else there is to say.
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
}

/// `10s`, `1m 30s`, or a bare number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let spoken = || text.parse::<jiff::SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    seconds.or_else(spoken).ok_or_else(|| "give a time such as 10s, 500ms or 2m".into())
}

fn ending(text: &str) -> Result<Ending, String> {
    let all = [Ending::Success, Ending::Failure, Ending::Partial, Ending::Unknown];
    let found = all.into_iter().find(|ending| ending.word().eq_ignore_ascii_case(text));
    found.ok_or_else(|| "give success, failure, partial or unknown".into())
}

/// Of a task that is done somebody knows how it ended.
pub(crate) fn verdict(text: &str) -> Result<Ending, String> {
    let known = ending(text).ok().filter(|ending| *ending != Ending::Unknown);
    known.ok_or_else(|| "give success, failure or partial".into())
}

pub(crate) fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse().ok().filter(|minutes: &f64| milliseconds(*minutes).is_some());
    minutes.ok_or_else(|| "give a number of minutes".into())
}

pub(crate) fn rating(text: &str) -> Result<u8, String> {
    text.parse()
        .ok()
        .filter(|rating| (1..=5).contains(rating))
        .ok_or_else(|| "give a number from 1 to 5".into())
}

pub(crate) fn truth(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err("give true or false".into()),
    }
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
    fn values_are_read() {
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("0.5"), Ok(Duration::from_millis(500)));
        assert!(duration("-1").is_err() && duration("soon").is_err());
        assert_eq!(ending("Success"), Ok(Ending::Success));
        assert!(ending("good").is_err() && ending("unknown").is_ok() && verdict("unknown").is_err());
        assert!(minutes("-1").is_err() && minutes("NaN").is_err() && minutes("1.5") == Ok(1.5));
        assert!(minutes("1e300").is_err() && minutes("0") == Ok(0.0));
        assert!(rating("0").is_err() && rating("6").is_err() && rating("5") == Ok(5));
        assert!(truth("Yes") == Ok(true) && truth("0") == Ok(false) && truth("maybe").is_err());
    }
}

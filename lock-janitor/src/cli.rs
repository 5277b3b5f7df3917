//! The command line of `lock-janitor`, and nothing else.

use crate::config::{Grace, Interval, Loopback, Name, Time};
use clap::{Args, Parser, Subcommand};
use command_pages::{Completions, Man};
use std::path::PathBuf;

const EXIT_CODES: &str = "Exit codes: 0 done; 1 other failure, or something could not be looked at; 2 usage; \
4 another janitor looks after this folder; 6 the configuration is invalid; 7 a folder or file does not exist.";

/// Finds lock files, says who holds them, and retires those that nobody uses any more without breaking exclusion.
#[derive(Debug, Parser)]
#[command(name = "lock-janitor", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print one JSON object (`run`: one a line for each event) instead of text; errors are objects on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more on standard error (twice: all).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look after folders until SIGTERM: sweep now and then, watch for changes, tell metrics. SIGHUP reads the configuration anew.
    Run(Run),
    /// Judge all lock files once: retire those that nobody uses, clear what killed writers left, and say why the others stay.
    Sweep(Sweep),
    /// List the lock files in folders and below them: who has them and since when, who waits, how long they have been idle, and the verdict.
    Ls(Where),
    /// Say of each lock how often it was taken, how long was waited for it, and what lock timeout fits.
    Report(Where),
    /// Say what a configuration file means, or what is wrong with it.
    CheckConfig(CheckConfig),
    /// Print what a shell needs to complete the words of this program.
    Completions(Completions),
    /// Print the manual page, or write a page for this program and each of its commands.
    Man(Man),
}

/// Where to look, and by which rules. What is said here goes before what the configuration file says.
#[derive(Debug, Args)]
pub(crate) struct Where {
    /// Where to look; by default the roots of the configuration file, or `.` without one.
    #[arg(value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Retire lock files to which nothing has happened for this long [default: 10m].
    #[arg(long, value_name = "TIME", value_parser = Time::read)]
    pub(crate) min_idle: Option<Time>,
    /// Watch a lock file that was moved aside for this long before it is removed, 1ms to 30s [default: 2s].
    #[arg(long, value_name = "TIME", value_parser = Grace::read)]
    pub(crate) grace: Option<Grace>,
    /// Report locks that are held for longer than this [default: 10m].
    #[arg(long, value_name = "TIME", value_parser = Time::read)]
    pub(crate) long_hold: Option<Time>,
    /// A further name of lock files, or a pattern for such (`.queue.lock`, `*.lck`: with `lock` or `lck` in it); may be repeated.
    #[arg(long, value_name = "NAME", value_parser = Name::read)]
    pub(crate) name: Vec<Name>,
    /// Remove nothing, only report.
    #[arg(long)]
    pub(crate) no_delete: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sweep {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Change nothing; say what would be done.
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
    /// Say only what was done or should be known, not why other lock files stay.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Judge all locks this often [default: 1m].
    #[arg(long, value_name = "TIME", value_parser = Interval::read)]
    pub(crate) sweep_interval: Option<Interval>,
    /// Tell metrics for Prometheus on this loopback address, such as 127.0.0.1:9188 (port 0: any).
    #[arg(long, value_name = "ADDRESS", value_parser = Loopback::read)]
    pub(crate) metrics: Option<Loopback>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    /// The configuration file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

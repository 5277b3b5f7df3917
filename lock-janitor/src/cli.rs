//! The command line of `lock-janitor`, and nothing else.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXIT_CODES: &str =
    "Exit codes: 0 done; 1 something could not be looked at; 2 usage; 7 a folder does not exist.";

/// Finds lock files and says which are held, idle or in the way.
#[derive(Debug, Parser)]
#[command(name = "lock-janitor", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the lock files in folders and below them: held or free, and how long they have been idle.
    Ls(Ls),
}

#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// Where to look.
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

//! The command line of `registry`, and nothing else.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXIT_CODES: &str =
    "Exit codes: 0 done; 1 other failure; 2 usage; 6 file invalid; 7 not found (the file, or the skill).";

/// What skills there are, and how they did: reads a skill registry.
#[derive(Debug, Parser)]
#[command(name = "registry", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The registry.
    #[arg(
        short,
        long,
        global = true,
        env = "REGISTRY_FILE",
        default_value = "skill-registry.yaml",
        value_name = "FILE"
    )]
    pub(crate) file: PathBuf,
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the skills, in the order of the file.
    List(List),
    /// Show one skill.
    Get(Get),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only skills of this category (in any case of letters).
    #[arg(long)]
    pub(crate) category: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The id of the skill.
    pub(crate) skill: String,
}

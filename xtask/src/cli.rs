//! The command line.

use crate::bench::BenchArgs;
use crate::client::ClientCommand;
use crate::crash::CrashArgs;
use crate::dist::DistArgs;
use crate::fuzz::FuzzArgs;
use crate::mutants::MutantsArgs;
use clap::{Args, Parser, Subcommand};
use std::num::NonZero;
use std::path::PathBuf;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The commands of this workspace")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the workspace's tests and the integration matrix; the last line counts what passed, failed and was skipped
    Test(TestArgs),
    /// Enumerate what power cuts could leave of our saves and of others', and read it
    Crash(CrashArgs),
    /// Try generated input in process, by the thousand, until the time is up or something is found
    Fuzz(FuzzArgs),
    /// Measure what we do beside what others do for the same, round by round; nothing is gated
    Bench(BenchArgs),
    /// Make what is given away: an archive with its installer, and a Debian package
    Dist(DistArgs),
    /// Take one safeguard after the other out of a copy of the workspace, and see a scenario go red for each
    Mutants(MutantsArgs),
    /// One client process of a scenario
    #[command(subcommand, hide = true)]
    Client(ClientCommand),
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Fewer rounds of everything: under a minute once things are built
    #[arg(long)]
    pub(crate) quick: bool,
    /// This many times as many rounds of everything, in this many times the time
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) times: NonZero<u32>,
    /// Run only the cases whose name contains this, or the one that has this name
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// Repeat the random choices of an earlier run
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Count a scenario that is skipped, for want of a tool, as failed
    #[arg(long)]
    pub(crate) require_all: bool,
    /// A folder of YAML files to try everything on as well; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Vec<PathBuf>,
    /// How many cases run at a time; by default one for each processor
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
    /// Print the report as one JSON object; what is said meanwhile goes to standard error
    #[arg(long)]
    pub(crate) json: bool,
}

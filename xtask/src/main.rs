//! The commands of this workspace.
//!
//! `cargo xtask test` runs the workspace's own tests and then the integration matrix: real processes, ours and foreign
//! ones, that share files and are killed, starved and lied to. Everything it writes is under `target/xtask`.
#![forbid(unsafe_code)]

mod bench;
mod cli;
mod client;
mod crash;
mod dist;
mod engine;
mod fuzz;
mod judges;
mod made_queue;
mod markdown;
mod mutants;
mod scenarios;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Test(args) => engine::test(&args, scenarios::ALL),
        Command::Crash(args) => crash::command(&args, &scenarios::CRASH_STATES),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Bench(args) => bench::command(&args),
        Command::Dist(args) => dist::command(&args),
        Command::Mutants(args) => mutants::run(&args),
        Command::Client(args) => client::run(args),
    };
    outcome.unwrap_or_else(|failure| {
        eprintln!("xtask: {failure}");
        ExitCode::FAILURE
    })
}

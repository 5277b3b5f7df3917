//! The binary `registry`: reads the command line, runs the command, and says how it ended.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod exit;

use clap::Parser;
use cli::{Cli, Command};
use exit::Failure;
use registry::Registry;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let printed = run(&cli).and_then(|output| print(&output));
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("registry: {}", failure.story());
            failure.exit().into()
        }
    }
}

fn run(cli: &Cli) -> Result<String, Failure> {
    let registry = Registry::at(&cli.global.file);
    match &cli.command {
        Command::List(args) => commands::list::run(&registry, args, cli.global.json),
        Command::Get(args) => commands::get::run(&registry, args, cli.global.json),
    }
}

fn print(output: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(output.as_bytes()) {
        // `registry list | head -1` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

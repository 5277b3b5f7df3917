//! The binary `lock-janitor`: reads the command line, runs the command, and says how it ended.
#![forbid(unsafe_code)]

mod cli;
mod exit;
mod ls;

use clap::Parser;
use cli::{Cli, Command};
use exit::Exit;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Command::Ls(args) => ls::run(args),
    };
    let printed = outcome.and_then(|(output, exit)| print(&output).map(|()| exit));
    match printed {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("lock-janitor: cannot print the result: {error}");
            Exit::Failure.into()
        }
    }
}

fn print(output: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(output.as_bytes()) {
        // `lock-janitor ls | head -1` has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

//! The binary `lock-janitor`: reads the command line, runs the command, and says how it ended.
#![forbid(unsafe_code)]

mod check_config;
mod cli;
mod config;
mod desk;
mod exit;
mod ls;
mod metrics;
mod output;
mod pages;
mod report;
mod service;
mod service_manager;
mod settings;
mod show;
mod sole;
mod sweep_once;
mod time;
mod watch;

use clap::Parser;
use cli::{Cli, Command};
use exit::{Exit, Failure, error_json, with_causes};
use output::{print, say};
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    report_to_stderr(&cli);
    match run(&cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let text = || format!("lock-janitor: {}", with_causes(&failure));
            say(&if cli.json { failure.json().to_string() } else { text() });
            failure.exit.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let (text, exit) = match &cli.command {
        Command::Run(args) => service::run(args, cli.json)?,
        Command::Sweep(args) => sweep_once::run(args, cli.json)?,
        Command::Ls(args) => ls::run(args, cli.json)?,
        Command::Report(args) => report::run(args, cli.json)?,
        Command::CheckConfig(args) => check_config::run(args, cli.json)?,
        Command::Completions(args) => pages::completions(args, cli.json),
        Command::Man(args) => pages::man(args, cli.json)?,
    };
    print(&text).map_err(|error| Failure::because("cannot print the result", error))?;
    Ok(exit)
}

/// Help, or what is wrong with the command line; as JSON where that is asked for, as far as one can tell.
fn usage(error: &clap::Error) -> ExitCode {
    let as_json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if error.use_stderr() && as_json {
        let message = error.render().to_string();
        say(&error_json(Exit::Usage, message.trim_end(), None, None).to_string());
    } else {
        // Nowhere to print it to is no reason to fail otherwise.
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).map_or(Exit::Usage.into(), ExitCode::from)
}

/// A service tells what it does; a command that ends says only what is wrong, beside its result.
fn report_to_stderr(cli: &Cli) {
    let is_service = matches!(cli.command, Command::Run(_));
    let level = match cli.verbose.saturating_add(u8::from(is_service)) {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Its own complaint about a closed standard error would panic.
        .log_internal_errors(false)
        // Whoever keeps the output of a service stamps it too.
        .without_time()
        .with_target(false)
        .init();
}

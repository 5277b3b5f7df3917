//! The binary `registry`: reads the command line, runs the command, and says how it ended.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod exit;
mod output;

use clap::Parser;
use cli::{Cli, Command, Global};
use commands::Context;
use exit::{Exit, Failure, error_json};
use output::{printable_lines, say};
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    report_to_stderr(&cli.global);
    let context = Context::new(cli.global);
    match run(&context, &cli.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let file = &context.global.file;
            let text = || format!("registry: {}", printable_lines(&failure.tell(file)));
            say(&if context.global.json { failure.json(file).to_string() } else { text() });
            failure.exit().into()
        }
    }
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

fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => commands::list::run(context, args),
        Command::Get { skill } => commands::get::run(context, skill),
        Command::Metrics(args) => commands::metrics::run(context, args),
        Command::Match { text } => commands::matches::run(context, text),
        Command::Top { limit } => commands::top::run(context, *limit),
        Command::History(filter) => commands::history::run(context, filter),
        Command::Outcomes(filter) => commands::outcomes::run(context, filter),
        Command::Log(args) => commands::log::run(context, args),
        Command::Outcome(args) => commands::record::outcome(context, args),
        Command::Record(args) => commands::record::record(context, args),
        Command::Recalculate => commands::recalculate::run(context),
        Command::Check { fix } => commands::check::run(context, *fix),
        Command::Completions(args) => Ok(commands::pages::completions(context, args)),
        Command::Man(args) => commands::pages::man(context, args),
    }
}

/// Warnings go to standard error, so that standard output holds results alone.
fn report_to_stderr(global: &Global) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Its own complaint about a closed standard error would panic.
        .log_internal_errors(false)
        .without_time()
        .with_target(false)
        .init();
}

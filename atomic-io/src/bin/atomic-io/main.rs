//! The binary `atomic-io`: reads the command line, runs the command, and says how it ended.
#![forbid(unsafe_code)]

mod child;
mod cli;
mod commands;
mod context;
mod exit;
mod interrupt;
mod output;

use clap::Parser;
use cli::{Cli, Command};
use context::Context;
use exit::{Exit, Failure};
use output::say;
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    report_to_stderr();
    let json = cli.global.json;
    match run(cli) {
        Ok(code) => code.into(),
        Err(failure) => {
            let text = || format!("atomic-io: {}", output::printable(&failure.story()));
            say(&if json { failure.json().to_string() } else { text() });
            if let Failure::Interrupted { signal } = failure {
                interrupt::end_by(signal);
            }
            (failure.exit() as u8).into()
        }
    }
}

fn run(cli: Cli) -> Result<u8, Failure> {
    let context = Context { global: cli.global, interrupts: Arc::default() };
    // `lock` passes signals on instead.
    if !matches!(cli.command, Command::Lock(_)) {
        interrupt::listen(&context.interrupts)?;
    }
    let answer = match cli.command {
        Command::Get(args) => commands::get::run(&context, &args),
        Command::Set(args) => commands::set::run(&context, &args),
        Command::Push(args) => commands::push::run(&context, &args),
        Command::Remove(args) => commands::remove::run(&context, &args),
        Command::Append(args) => commands::append::run(&context, args),
        Command::Tail(args) => commands::tail::run(&context, &args),
        Command::Write(args) => commands::write::run(&context, &args),
        Command::Lock(args) => return commands::lock::run(&context, &args),
        Command::Pipe(args) => commands::pipe::run(&context, &args),
        Command::Edit(args) => commands::edit::run(&context, &args),
        Command::Backups(args) => commands::backups::run(&context, &args),
        Command::Restore(args) => commands::restore::run(&context, args),
        Command::Check(args) => Ok(commands::check::run(&args)),
        Command::Normalize(args) => commands::normalize::run(&context, &args),
        Command::Completions(args) => Ok(commands::pages::completions(&args)),
        Command::Man(args) => commands::pages::man(&args),
    }?;
    output::print(&answer, context.global.json)?;
    Ok(answer.exit as u8)
}

/// Help, or what is wrong with the command line; as JSON where that is asked for, as far as one can tell.
fn usage(error: &clap::Error) -> ExitCode {
    let as_json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if error.use_stderr() && as_json {
        let message = error.render().to_string();
        say(&exit::error_json(Exit::Usage, message.trim_end(), None, None).to_string());
    } else {
        // Nowhere to print it to is no reason to fail otherwise.
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8).into()
}

/// Warnings, such as what was put aside and where, go to standard error, so that standard output holds results alone.
fn report_to_stderr() {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Its own complaint about a closed standard error would panic.
        .log_internal_errors(false)
        .without_time()
        .with_target(false)
        .init();
}

//! The binary `queue`: reads the command line, runs the command, and says how it ended.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod dispatch;
mod exit;
mod output;

use clap::Parser;
use cli::{Cli, Command, Global};
use commands::Context;
use exit::{Exit, Failure};
use output::say;
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    report_to_stderr(&cli.global);
    let context = Context::new(cli.global);
    let outcome = run(&context, cli.command);
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            say(&format!("queue: {}", failure.tell(&context.global.file)));
            failure.exit().into()
        }
    }
}

fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Init => commands::init::run(context),
        Command::Add(args) => commands::add::run(context, args),
        Command::Edit(args) => commands::edit::run(context, &args),
        Command::Dep(args) => commands::dep::run(context, &args),
        Command::List(args) => commands::list::run(context, &args),
        Command::Show { id } => commands::show::run(context, &id),
        Command::Ready { explain } => commands::ready::run(context, explain),
        Command::Claim(args) => commands::claim::run(context, &args),
        Command::Start(held) => commands::held::start(context, &held),
        Command::Heartbeat { held, lease } => commands::held::heartbeat(context, &held, lease),
        Command::Done(held) => commands::held::done(context, &held),
        Command::Fail { held, reason, retries } => commands::held::fail(context, &held, &reason, &retries),
        Command::Release(held) => commands::held::release(context, &held),
        Command::Note(args) => commands::held::note(context, args),
        Command::Retry { id } => commands::by_hand::retry(context, &id),
        Command::Cancel { id } => commands::by_hand::cancel(context, &id),
        Command::Block { id } => commands::by_hand::block(context, &id),
        Command::Unblock { id } => commands::by_hand::unblock(context, &id),
        Command::Archive { dry_run } => commands::archive::run(context, dry_run),
        Command::Counts(args) => commands::counts::run(context, &args),
        Command::Status => commands::status::run(context),
        Command::Events { task } => commands::events::run(context, task.as_deref()),
        Command::Doctor { fix } => commands::doctor::run(context, fix),
        Command::Dispatch(args) => dispatch::run(context, args.slots, &args.how),
        Command::Run(args) => commands::run::run(context, &args),
        Command::Demo { folder, slots } => commands::demo::run(context, folder, slots),
        Command::Supervise(args) => dispatch::supervisor::run(context, &args),
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

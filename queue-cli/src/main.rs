//! The binary `queue`: reads the command line, runs the command, and says how it ended.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod dispatch;
mod exit;
mod folder;
mod git;
mod output;
mod table;
mod watch;
mod xml;

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
    match run(&context, cli.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let file = &context.global.file;
            let text = || format!("queue: {}", printable_lines(&failure.tell(file)));
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

fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Init => commands::init::run(context),
        Command::Add(args) => commands::add::run(context, args),
        Command::Edit(args) => commands::edit::run(context, &args),
        Command::Dep(args) => commands::dep::run(context, &args),
        Command::List(args) => commands::list::run(context, &args),
        Command::Show { id } => commands::show::run(context, &id),
        Command::Ready { explain } => commands::ready::run(context, explain),
        Command::Why { id } => commands::why::run(context, &id),
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
        Command::Reanalyze(args) => commands::reanalyze::run(context, &args),
        Command::Hook(hook) => commands::hook::run(context, &hook),
        Command::Prioritize(args) => commands::prioritize::run(context, &args),
        Command::Resolve(args) => commands::resolve::run(context, &args),
        Command::Export(args) => commands::export::run(context, &args),
        Command::Graph(args) => commands::graph::run(context, &args),
        Command::Status => commands::status::run(context),
        Command::Events(args) => commands::events::run(context, &args),
        Command::Timeline(args) => commands::timeline::run(context, &args),
        Command::Logs(args) => commands::logs::run(context, &args),
        Command::Wait(args) => commands::wait::run(context, &args),
        Command::Backups => commands::backups::run(context),
        Command::Restore(args) => commands::restore::run(context, &args),
        Command::Doctor { fix } => commands::doctor::run(context, fix),
        Command::Dispatch(args) if args.dry_run => dispatch::dry_run(context, &args),
        Command::Dispatch(args) if args.monitor => dispatch::monitor(context),
        Command::Dispatch(args) => dispatch::run(context, &args, None),
        Command::Stop { now } => commands::stop::run(context, now),
        Command::Pause => commands::pause::pause(context),
        Command::Resume => commands::pause::resume(context),
        Command::Slots(args) => commands::slots::run(context, &args),
        Command::Run(args) => commands::run::run(context, &args),
        Command::Demo { folder, slots } => commands::demo::run(context, folder, slots),
        Command::Completions(args) => Ok(commands::pages::completions(context, &args)),
        Command::Man(args) => commands::pages::man(context, &args),
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

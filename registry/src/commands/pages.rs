//! `registry completions` and `registry man`: what shells and `man` are told of this program, made from its own command line.

use super::Context;
use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use clap::CommandFactory;
use command_pages::{Completions, Man, Pages};

pub(crate) fn completions(context: &Context, args: &Completions) -> Exit {
    let answer = args.answer(&pages());
    context.show(|| answer.json, || answer.text);
    Exit::Done
}

/// The page of the program itself, or all pages as files.
pub(crate) fn man(context: &Context, args: &Man) -> Result<Exit, Failure> {
    let answer = args.answer(&pages());
    let answer = answer.map_err(|error| Failure::because("there are no manual pages", error))?;
    context.show(|| answer.json, || answer.text);
    Ok(Exit::Done)
}

fn pages() -> Pages {
    Pages::of("registry", env!("CARGO_PKG_VERSION"), &Cli::command())
}

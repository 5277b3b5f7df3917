//! `queue completions` and `queue man`: what shells and `man` are told of this program, made from its own command line.

use super::Context;
use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_stream, print_text};
use clap::CommandFactory;
use command_pages::{Completions, Man, Pages};

pub(crate) fn completions(context: &Context, args: &Completions) -> Exit {
    let answer = args.answer(&pages());
    if context.global.json {
        print_json(&answer.json);
    } else {
        print_stream(answer.text.as_bytes());
    }
    Exit::Done
}

/// The page of the program itself, or all pages as files.
pub(crate) fn man(context: &Context, args: &Man) -> Result<Exit, Failure> {
    let answer = args.answer(&pages());
    let answer = answer.map_err(|error| Failure::because("there are no manual pages", error))?;
    if context.global.json {
        print_json(&answer.json);
    } else if args.dir.is_some() {
        print_text(&answer.text);
    } else {
        print_stream(answer.text.as_bytes());
    }
    Ok(Exit::Done)
}

fn pages() -> Pages {
    Pages::of("queue", env!("CARGO_PKG_VERSION"), &Cli::command())
}

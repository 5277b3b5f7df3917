//! `atomic-io completions` and `atomic-io man`: what shells and `man` are told of this program, made from its own command line.

use crate::cli::Cli;
use crate::exit::Failure;
use crate::output::Answer;
use clap::CommandFactory;
use command_pages::{Completions, Man, Pages};

pub(crate) fn completions(args: &Completions) -> Answer {
    let answer = args.answer(&pages());
    Answer::new(answer.text, answer.json)
}

/// The page of the program itself, or all pages as files.
pub(crate) fn man(args: &Man) -> Result<Answer, Failure> {
    let answer = args.answer(&pages());
    let answer = answer.map_err(|error| Failure::because("there are no manual pages", error))?;
    Ok(Answer::new(answer.text, answer.json))
}

fn pages() -> Pages {
    Pages::of("atomic-io", env!("CARGO_PKG_VERSION"), &Cli::command())
}

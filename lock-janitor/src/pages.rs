//! `lock-janitor completions` and `lock-janitor man`: what shells and `man` are told of this program, made from its own command line.

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use clap::CommandFactory;
use command_pages::{Answer, Completions, Man, Pages};

pub(crate) fn completions(args: &Completions, as_json: bool) -> (String, Exit) {
    said(args.answer(&pages()), as_json)
}

/// The page of the program itself, or all pages as files.
pub(crate) fn man(args: &Man, as_json: bool) -> Result<(String, Exit), Failure> {
    let answer = args.answer(&pages());
    let answer = answer.map_err(|error| Failure::because("there are no manual pages", error))?;
    Ok(said(answer, as_json))
}

fn said(answer: Answer, as_json: bool) -> (String, Exit) {
    (if as_json { format!("{:#}\n", answer.json) } else { answer.text }, Exit::Done)
}

fn pages() -> Pages {
    Pages::of("lock-janitor", env!("CARGO_PKG_VERSION"), &Cli::command())
}

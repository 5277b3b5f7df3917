//! `queue completions` and `queue man`: what shells and `man` are told of this program, made from its own command line.

use super::Context;
use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_stream, print_text};
use clap::CommandFactory;
use command_pages::{Pages, Shell};
use serde_json::json;
use std::path::Path;

pub(crate) fn completions(context: &Context, shell: Shell) -> Exit {
    let script = pages().completions(shell);
    if context.global.json {
        let script = String::from_utf8_lossy(&script);
        print_json(&json!({ "shell": shell.to_string(), "script": script }));
    } else {
        print_stream(&script);
    }
    Exit::Done
}

/// The page of the program itself, or all pages as files.
pub(crate) fn man(context: &Context, folder: Option<&Path>) -> Result<Exit, Failure> {
    let failed = |error| Failure::because("there are no manual pages", error);
    let Some(folder) = folder else {
        let page = pages().manual().map_err(failed)?;
        if context.global.json {
            print_json(&json!({ "page": String::from_utf8_lossy(&page) }));
        } else {
            print_stream(&page);
        }
        return Ok(Exit::Done);
    };
    let files = pages().write_manuals(folder).map_err(failed)?;
    if context.global.json {
        let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        print_json(&json!({ "files": files }));
    } else {
        print_text(&format!("{} pages are in {}\n", files.len(), folder.display()));
    }
    Ok(Exit::Done)
}

fn pages() -> Pages {
    Pages::of("queue", env!("CARGO_PKG_VERSION"), &Cli::command())
}

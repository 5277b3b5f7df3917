//! `atomic-io completions` and `atomic-io man`: what shells and `man` are told of this program, made from its own command line.

use crate::cli::{Cli, Completions, Man};
use crate::exit::Failure;
use crate::output::Answer;
use clap::CommandFactory;
use command_pages::Pages;
use serde_json::json;

pub(crate) fn completions(args: &Completions) -> Answer {
    let script = String::from_utf8_lossy(&pages().completions(args.shell)).into_owned();
    let json = json!({"shell": args.shell.to_string(), "script": script});
    Answer::new(script, json)
}

/// The page of the program itself, or all pages as files.
pub(crate) fn man(args: &Man) -> Result<Answer, Failure> {
    let failed = |error| Failure::because("there are no manual pages", error);
    let Some(folder) = &args.dir else {
        let page = pages().manual().map_err(failed)?;
        let page = String::from_utf8_lossy(&page).into_owned();
        let json = json!({"page": page});
        return Ok(Answer::new(page, json));
    };
    let files = pages().write_manuals(folder).map_err(failed)?;
    let text = format!("{} pages are in {}\n", files.len(), folder.display());
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    Ok(Answer::new(text, json!({"files": files})))
}

fn pages() -> Pages {
    Pages::of("atomic-io", env!("CARGO_PKG_VERSION"), &Cli::command())
}

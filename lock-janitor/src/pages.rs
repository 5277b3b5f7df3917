//! `lock-janitor completions` and `lock-janitor man`: what shells and `man` are told of this program, made from its own command line.

use crate::cli::{Cli, Completions, Man};
use crate::exit::{Exit, Failure};
use clap::CommandFactory;
use command_pages::Pages;
use serde_json::json;

pub(crate) fn completions(args: &Completions, as_json: bool) -> (String, Exit) {
    let script = String::from_utf8_lossy(&pages().completions(args.shell)).into_owned();
    let object = || json!({"shell": args.shell.to_string(), "script": script});
    (if as_json { format!("{:#}\n", object()) } else { script }, Exit::Done)
}

/// The page of the program itself, or all pages as files.
pub(crate) fn man(args: &Man, as_json: bool) -> Result<(String, Exit), Failure> {
    let failed = |error| Failure::because("there are no manual pages", error);
    let (text, object) = match &args.dir {
        None => {
            let page = pages().manual().map_err(failed)?;
            let page = String::from_utf8_lossy(&page).into_owned();
            let object = json!({"page": page});
            (page, object)
        }
        Some(folder) => {
            let files = pages().write_manuals(folder).map_err(failed)?;
            let text = format!("{} pages are in {}\n", files.len(), folder.display());
            let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            (text, json!({"files": files}))
        }
    };
    Ok((if as_json { format!("{object:#}\n") } else { text }, Exit::Done))
}

fn pages() -> Pages {
    Pages::of("lock-janitor", env!("CARGO_PKG_VERSION"), &Cli::command())
}

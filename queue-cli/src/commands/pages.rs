//! `queue completions` and `queue man`: what shells and `man` are told of this program, made from its own command line.

use super::Context;
use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_stream, print_text};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;
use std::fs;
use std::path::Path;

pub(crate) fn completions(context: &Context, shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "queue", &mut script);
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
    // The verb `help` is told in the program's own page.
    let mut queue = Cli::command().disable_help_subcommand(true);
    queue.build();
    let Some(folder) = folder else {
        let mut page = Vec::new();
        Man::new(queue).render(&mut page).map_err(|error| Failure::because("cannot make the page", error))?;
        if context.global.json {
            print_json(&json!({ "page": String::from_utf8_lossy(&page) }));
        } else {
            print_stream(&page);
        }
        return Ok(Exit::Done);
    };
    fs::create_dir_all(folder)
        .map_err(|error| Failure::because(format!("cannot make the folder {}", folder.display()), error))?;
    let verbs: Vec<_> = queue.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned().collect();
    let mut files = Vec::new();
    for page in std::iter::once(queue).chain(verbs) {
        let page = Man::new(page);
        let path = page.generate_to(folder).map_err(|error| {
            Failure::because(format!("cannot write {}", folder.join(page.get_filename()).display()), error)
        })?;
        files.push(path.display().to_string());
    }
    if context.global.json {
        print_json(&json!({ "files": files }));
    } else {
        print_text(&format!("{} pages are in {}\n", files.len(), folder.display()));
    }
    Ok(Exit::Done)
}

//! `registry completions` and `registry man`: what shells and `man` are told of this program, made from its own command line.

use super::Context;
use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;
use std::fs;
use std::path::Path;

pub(crate) fn completions(context: &Context, shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut visible(), "registry", &mut script);
    if context.global.json {
        let script = String::from_utf8_lossy(&script);
        print_json(&json!({ "shell": shell.to_string(), "script": script }));
    } else {
        print_text(&String::from_utf8_lossy(&script));
    }
    Exit::Done
}

/// The command line without what is not for people; a completion would offer it.
fn visible() -> Command {
    let all = Cli::command();
    let verbs: Vec<_> = all.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned().collect();
    let about = all.get_about().cloned().unwrap_or_default();
    let after = all.get_after_help().cloned().unwrap_or_default();
    let options = all.get_arguments().cloned();
    Command::new("registry")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .after_help(after)
        .subcommand_required(true)
        .args(options)
        .subcommands(verbs)
}

/// The page of the program itself, or all pages as files.
pub(crate) fn man(context: &Context, folder: Option<&Path>) -> Result<Exit, Failure> {
    // The verb `help` is told in the program's own page.
    let mut registry = visible().disable_help_subcommand(true);
    registry.build();
    let Some(folder) = folder else {
        let mut page = Vec::new();
        Man::new(registry)
            .render(&mut page)
            .map_err(|error| Failure::because("cannot make the page", error))?;
        if context.global.json {
            print_json(&json!({ "page": String::from_utf8_lossy(&page) }));
        } else {
            print_text(&String::from_utf8_lossy(&page));
        }
        return Ok(Exit::Done);
    };
    fs::create_dir_all(folder)
        .map_err(|error| Failure::because(format!("cannot make the folder {}", folder.display()), error))?;
    let mut files = Vec::new();
    let mut open = vec![registry];
    while let Some(command) = open.pop() {
        open.extend(command.get_subcommands().cloned());
        let page = Man::new(command);
        let path = page.generate_to(folder).map_err(|error| {
            Failure::because(format!("cannot write {}", folder.join(page.get_filename()).display()), error)
        })?;
        files.push(path.display().to_string());
    }
    files.sort_unstable();
    if context.global.json {
        print_json(&json!({ "files": files }));
    } else {
        print_text(&format!("{} pages are in {}\n", files.len(), folder.display()));
    }
    Ok(Exit::Done)
}

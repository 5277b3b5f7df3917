//! `queue dep add` and `queue dep rm`

use super::Context;
use crate::cli::Dep;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use queue_cli::ops;
use serde_json::json;

pub(crate) fn run(context: &Context, args: &Dep) -> Result<Exit, Failure> {
    let (id, blocked_by) = match args {
        Dep::Add { id, blockers } => {
            (id, context.queue.apply(|document, _| ops::add_blockers(document, id, blockers))?)
        }
        Dep::Rm { id, blockers } => {
            (id, context.queue.apply(|document, _| ops::remove_blockers(document, id, blockers))?)
        }
    };
    if context.global.json {
        print_json(&json!({ "id": id, "blocked_by": blocked_by }));
    } else if !context.global.quiet && blocked_by.is_empty() {
        print_text(&format!("{id} waits for nothing\n"));
    } else if !context.global.quiet {
        print_text(&format!("{id} waits for {}\n", printable(&blocked_by.join(", "))));
    }
    Ok(Exit::Done)
}

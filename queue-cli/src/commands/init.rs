//! `queue init`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use atomic_io::Document;
use serde_json::json;

const EMPTY: &str = "\
# A task queue. Edit it by hand or with `queue`; whoever changes it takes the lock file beside it.
# status: pending, claimed, in_progress, completed, failed, blocked, cancelled
# priority: CRITICAL, HIGH, MEDIUM, LOW
tasks: []
";

pub(crate) fn run(context: &Context) -> Result<Exit, Failure> {
    let file = context.queue.path();
    let content =
        Document::parse(EMPTY).map_err(|error| Failure::because("the empty queue is not YAML", error))?;
    context.queue.create(&content)?;
    if context.global.json {
        print_json(&json!({ "file": file.display().to_string() }));
    } else {
        print_text(&format!("{} is an empty queue now\n", file.display()));
    }
    Ok(Exit::Done)
}

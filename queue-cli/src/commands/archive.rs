//! `queue archive`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use queue_cli::ops;
use serde_json::json;

pub(crate) fn run(context: &Context, dry_run: bool) -> Result<Exit, Failure> {
    let archive = context.queue.archive_path();
    let ids: Vec<String> = if dry_run {
        let shelvable = ops::shelvable(&context.queue.read()?)?;
        shelvable.into_iter().map(|task| task.id).collect()
    } else {
        context.queue.archive()?
    };
    if context.global.json {
        let archive = archive.display().to_string();
        print_json(&json!({ "archive": archive, "archived": ids, "dry_run": dry_run }));
        return Ok(Exit::Done);
    }
    if !context.global.quiet {
        print_text(&ids.iter().map(|id| format!("{}\n", printable(id))).collect::<String>());
    }
    let done = if dry_run { "would be" } else { "are" };
    print_text(&format!("{} tasks {done} moved to {}\n", ids.len(), archive.display()));
    Ok(Exit::Done)
}

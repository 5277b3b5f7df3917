//! `queue add`

use super::Context;
use crate::cli::Add;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use queue_cli::ops::{NewTask, add};
use serde_json::json;

pub(crate) fn run(context: &Context, args: Add) -> Result<Exit, Failure> {
    let new = NewTask {
        id: args.id,
        title: args.title,
        kind: args.kind,
        priority: args.priority,
        priority_score: args.score,
        blocked_by: args.after,
        blocks: args.blocks,
        estimated_minutes: args.minutes,
        parallel_group: args.group,
        resource: args.resource,
        tags: args.tag,
        notes: args.notes,
        run: args.run,
    };
    if new.id.as_ref().is_some_and(String::is_empty) {
        return Err(Failure::new(Exit::Usage, "an id cannot be empty"));
    }
    let archived = context.queue.archived_ids()?;
    let is_taken = |id: &str| archived.contains(id);
    let id = context.queue.apply(|document, now| add(document, now, &is_taken, &new))?;
    if context.global.json {
        print_json(&json!({ "id": id }));
    } else {
        print_text(&format!("{id}\n"));
    }
    Ok(Exit::Done)
}

//! What people decide about a task: `queue retry`, `cancel`, `block` and `unblock`.

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use queue_cli::Status;
use queue_cli::ops;
use serde_json::json;

pub(crate) fn retry(context: &Context, id: &str) -> Result<Exit, Failure> {
    let is_over = context.is_over();
    context.queue.apply(|document, now| ops::retry(document, now, &is_over, id))?;
    Ok(say(context, id, &Status::Pending))
}

pub(crate) fn cancel(context: &Context, id: &str) -> Result<Exit, Failure> {
    let is_over = context.is_over();
    context.queue.apply(|document, now| ops::cancel(document, now, &is_over, id))?;
    Ok(say(context, id, &Status::Cancelled))
}

pub(crate) fn block(context: &Context, id: &str) -> Result<Exit, Failure> {
    context.queue.apply(|document, now| ops::block(document, now, id))?;
    Ok(say(context, id, &Status::Blocked))
}

pub(crate) fn unblock(context: &Context, id: &str) -> Result<Exit, Failure> {
    context.queue.apply(|document, now| ops::unblock(document, now, id))?;
    Ok(say(context, id, &Status::Pending))
}

fn say(context: &Context, id: &str, status: &Status) -> Exit {
    if context.global.json {
        print_json(&json!({ "id": id, "status": status.word() }));
    } else if !context.global.quiet {
        print_text(&format!("{id} is {status}\n"));
    }
    Exit::Done
}

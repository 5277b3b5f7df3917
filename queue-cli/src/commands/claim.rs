//! `queue claim`

use super::Context;
use crate::cli;
use crate::exit::{Exit, Failure};
use crate::output::{fields_json, print_json, print_text};
use queue_cli::ops::{Change, ClaimKind, claim_id, claim_next, reclaim_id};
use queue_cli::{QueueError, tasks};
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, args: &cli::Claim) -> Result<Exit, Failure> {
    let kind = ClaimKind::Leased(args.lease);
    let is_over = context.is_over();
    let committed = context.queue.commit(|document, now| {
        let change = match &args.id {
            // A name that was given is one agent's. The name that is made up without one is that of everything started by one
            // process, and who has the claim already is not to be told apart from who wants it.
            Some(id) if context.agent_is_named => {
                reclaim_id(document, now, &is_over, id, &context.agent, args.lease)?
            }
            Some(id) => claim_id(document, now, &is_over, id, &context.agent, &kind)?,
            None => claim_next(document, now, &is_over, &context.agent, &kind)?,
        };
        // Under the same lock as the claim: a second read could find the next claim of the same task.
        let item = if context.global.json {
            tasks(document)?.into_iter().find(|task| task.id == change.value.id)
        } else {
            None
        };
        let task = match item {
            Some(task) => document.node(task.path())?.map(fields_json).transpose()?,
            None => None,
        };
        Ok::<_, QueueError>(Change { value: (change.value, task), events: change.events })
    })?;
    let (claim, task) = committed.value;
    if context.global.json {
        print_json(&json!({ "id": claim.id, "attempt": claim.attempt, "task": task.unwrap_or(Value::Null) }));
    } else {
        print_text(&format!("{} {}\n", claim.id, claim.attempt));
    }
    // The claim is made and told; that it may not outlive a power cut is told too.
    committed.durability?;
    Ok(Exit::Done)
}

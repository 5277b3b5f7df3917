//! `queue run`

use super::Context;
use crate::cli::Run;
use crate::dispatch::inbox::Inbox;
use crate::dispatch::opening::check_how;
use crate::dispatch::supervisor::{End, Output, Work, supervise};
use crate::dispatch::talk::Talk;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use queue_cli::ProcessIdentity;
use queue_cli::ops::{ClaimKind, claim_id, claim_next};
use serde_json::json;

pub(crate) fn run(context: &Context, args: &Run) -> Result<Exit, Failure> {
    check_how(context, &args.how)?;
    let inbox = Inbox::open()?;
    let kind = ClaimKind::Supervised(ProcessIdentity::own().to_string());
    let is_over = context.is_over();
    let claim = context.queue.apply(|document, now| match &args.id {
        Some(id) => claim_id(document, now, &is_over, id, &context.agent, &kind),
        None => claim_next(document, now, &is_over, &context.agent, &kind),
    })?;
    let output = if context.global.json { Output::StandardError } else { Output::Terminal };
    let work =
        Work { context, claim: &claim, how: &args.how, retries: Some(&args.retries), slot: None, output };
    let end = supervise(&work, &inbox, &Talk::with_nobody(&inbox))?;
    if context.global.json {
        print_json(
            &json!({ "id": claim.id, "attempt": claim.attempt, "end": end.word(), "error": end.error() }),
        );
    } else if !context.global.quiet {
        let why = end.error().map(|error| format!(": {error}")).unwrap_or_default();
        print_text(&format!("{} {}{why}\n", claim.id, end.word()));
    }
    Ok(match end {
        End::Done => Exit::Done,
        End::Failed(_) => Exit::TasksFailed,
        End::Released | End::Preempted => Exit::Failure,
        End::Lost(_) => Exit::Conflict,
    })
}

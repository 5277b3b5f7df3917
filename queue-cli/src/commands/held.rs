//! What the holder of a claim says: `queue start`, `heartbeat`, `done`, `fail` and `release`.

use super::Context;
use crate::cli::{Held, Note, Retries};
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use jiff::SignedDuration;
use queue_cli::Status;
use queue_cli::ops::{self, Proof, Token};
use serde_json::json;

pub(crate) fn start(context: &Context, held: &Held) -> Result<Exit, Failure> {
    let token = token(context, held)?;
    context.queue.apply(|document, now| ops::start(document, now, &token))?;
    Ok(say(context, &token, &Status::InProgress))
}

pub(crate) fn heartbeat(context: &Context, held: &Held, lease: SignedDuration) -> Result<Exit, Failure> {
    let token = token(context, held)?;
    let until = context.queue.apply(|document, now| ops::heartbeat(document, now, &token, lease))?;
    if context.global.json {
        print_json(&json!({ "id": token.id, "lease_until": until }));
    } else if let Some(until) = until.filter(|_| !context.global.quiet) {
        print_text(&format!("{} is leased until {until}\n", token.id));
    }
    Ok(Exit::Done)
}

pub(crate) fn done(context: &Context, held: &Held) -> Result<Exit, Failure> {
    let token = token(context, held)?;
    context.queue.apply(|document, now| ops::done(document, now, &token, &context.agent))?;
    Ok(say(context, &token, &Status::Completed))
}

pub(crate) fn fail(context: &Context, held: &Held, reason: &str, retries: &Retries) -> Result<Exit, Failure> {
    let token = token(context, held)?;
    let backoff = retries.backoff();
    let retry_at =
        context.queue.apply(|document, now| ops::fail(document, now, &token, reason, Some(&backoff)))?;
    let status = if retry_at.is_some() { Status::Pending } else { Status::Failed };
    if context.global.json {
        print_json(&json!({ "id": token.id, "status": status.word(), "retry_at": retry_at }));
        return Ok(Exit::Done);
    }
    match retry_at.filter(|_| !context.global.quiet) {
        Some(at) => print_text(&format!("{} is {status}, to be tried again at {at}\n", token.id)),
        None => return Ok(say(context, &token, &status)),
    }
    Ok(Exit::Done)
}

pub(crate) fn note(context: &Context, args: Note) -> Result<Exit, Failure> {
    let mut words = args.words;
    let text = words.pop().unwrap_or_default();
    let token = token(context, &Held { id: words.pop(), attempt: args.attempt })?;
    context.queue.apply(|document, now| ops::note(document, now, &token, &context.agent, &text))?;
    if context.global.json {
        print_json(&json!({ "id": token.id }));
    }
    Ok(Exit::Done)
}

pub(crate) fn release(context: &Context, held: &Held) -> Result<Exit, Failure> {
    let token = token(context, held)?;
    context.queue.apply(|document, now| ops::release(document, now, &token))?;
    Ok(say(context, &token, &Status::Pending))
}

fn say(context: &Context, token: &Token, status: &Status) -> Exit {
    if context.global.json {
        print_json(&json!({ "id": token.id, "status": status.word() }));
    } else if !context.global.quiet {
        print_text(&format!("{} is {status}\n", token.id));
    }
    Exit::Done
}

/// The task and the proof, from the command line or, inside a task, from the environment. The environment's attempt belongs to the
/// environment's task and says nothing about another one.
fn token(context: &Context, held: &Held) -> Result<Token, Failure> {
    let own = std::env::var("QUEUE_TASK_ID").ok();
    let Some(id) = held.id.clone().or_else(|| own.clone()) else {
        return Err(Failure::new(Exit::NotFound, "no task is named, and QUEUE_TASK_ID is not set"));
    };
    let own_attempt = || {
        let text = std::env::var("QUEUE_ATTEMPT").ok().filter(|_| own.as_ref() == Some(&id))?;
        let no_number = || Failure::new(Exit::Usage, format!("QUEUE_ATTEMPT is not a number: {text}"));
        Some(text.parse::<u64>().ok().ok_or_else(no_number))
    };
    let attempt = match held.attempt {
        Some(attempt) => Some(attempt),
        None => own_attempt().transpose()?,
    };
    let proof = attempt.map_or_else(|| Proof::Agent(context.agent.clone()), Proof::Attempt);
    Ok(Token { id, proof })
}

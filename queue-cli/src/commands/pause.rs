//! `queue pause` and `queue resume`

use super::Context;
use crate::dispatch::pause;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use jiff::Timestamp;
use queue_cli::stamp;
use serde_json::json;

pub(crate) fn pause(context: &Context) -> Result<Exit, Failure> {
    // A mistyped queue is not to be paused.
    context.queue.read()?;
    pause::pause(context, &format!("paused by {} at {}", context.agent, stamp(Timestamp::now())))?;
    say(context, true);
    Ok(Exit::Done)
}

pub(crate) fn resume(context: &Context) -> Result<Exit, Failure> {
    context.queue.read()?;
    if !pause::resume(context)? {
        let message = format!("{} is not paused", context.queue.path().display());
        return Err(Failure::new(Exit::Nothing, message));
    }
    say(context, false);
    Ok(Exit::Done)
}

fn say(context: &Context, is_paused: bool) {
    if context.global.json {
        print_json(&json!({ "paused": is_paused }));
    } else if !context.global.quiet {
        let word = if is_paused { "paused: dispatchers start nothing more" } else { "resumed" };
        print_text(&format!("{} is {word}\n", context.queue.path().display()));
    }
}

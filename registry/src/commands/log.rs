//! `registry log`

use super::Context;
use crate::cli::Log;
use crate::exit::{Exit, Failure};
use registry::ops::{self, Change, NewUsage};
use registry::skill;
use serde_json::json;

pub(crate) fn run(context: &Context, args: &Log) -> Result<Exit, Failure> {
    let usage = NewUsage {
        applicable_skills: args.applicable.clone(),
        confidence: args.confidence,
        trigger_reason: args.trigger_reason.clone(),
        execution_time_ms: args.duration_minutes.and_then(ops::milliseconds),
        notes: args.notes.clone(),
        ..NewUsage::new(&args.task, &args.skill, args.outcome)
    };
    let usage = context.registry.apply(|document, now| {
        let events = ops::log_usage(document, now, &usage)?.events;
        Ok(Change { value: skill(document, &args.skill)?.usage, events })
    })?;
    let object = || json!({ "task_id": args.task, "skill": args.skill, "usage": usage });
    let text = || {
        let times = match usage.usage_count {
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        format!("{} is logged, used {times} now\n", args.skill)
    };
    context.tell(object, text);
    Ok(Exit::Done)
}

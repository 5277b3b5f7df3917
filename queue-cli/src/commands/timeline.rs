//! `queue timeline`: who worked on what, and when, as the events tell it.

mod history;
mod lanes;
mod looks;
mod marks;
mod scale;
mod svg;

use super::events::unreadable;
use super::{Context, produce};
use crate::cli::{Picture, Timeline};
use crate::exit::{Exit, Failure};
use crate::output::{print_json, to_json};
use history::{Attempt, History};
use lanes::Lane;
use queue_cli::stamp;
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, args: &Timeline) -> Result<Exit, Failure> {
    let Some(log) = context.queue.events() else {
        return Err(Failure::new(Exit::NotFound, "there are no events with --no-events or QUEUE_NO_EVENTS"));
    };
    let records = log.read().map_err(|error| unreadable(&error))?.records;
    let records: Vec<Value> = records.into_iter().map(to_json).collect();
    let mut history = History::of(&records);
    if let Some(since) = args.since {
        history.forget_before(since);
    }
    let lanes = lanes::lanes(&history);
    if context.global.json && args.output.is_none() {
        print_json(&json!({
            "from": history.begins().map(stamp),
            "to": history.ends().map(stamp),
            "lanes": lanes.iter().map(|lane| lane_json(&history, lane)).collect::<Vec<_>>(),
            "left_out": history.left_out,
        }));
        return Ok(Exit::Done);
    }
    let name = context.queue.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    match args.format {
        Picture::Svg => produce(context, args.output.as_deref(), &svg::text(&name, &history, &lanes)),
    }
}

fn lane_json(history: &History, lane: &Lane) -> Value {
    let attempt = |(row, attempt): (usize, &Attempt)| {
        json!({
            "id": attempt.id,
            "attempt": attempt.number,
            "agent": attempt.agent,
            "row": row,
            "claimed_at": attempt.claimed.map(stamp),
            "started_at": attempt.started.map(stamp),
            "ended_at": attempt.ended.map(stamp),
            "end": attempt.end.key(),
            "error": attempt.error,
            "waited_ms": attempt.waited().map(|waited| i64::try_from(waited.as_millis()).ok()),
            "recovered": attempt.is_recovered,
        })
    };
    let attempts = lane.bars.iter().filter_map(|bar| Some((bar.row, history.attempts.get(bar.attempt)?)));
    let kind = if lane.is_slot { "slot" } else { "agent" };
    json!({ "name": lane.name, "kind": kind, "attempts": attempts.map(attempt).collect::<Vec<_>>() })
}

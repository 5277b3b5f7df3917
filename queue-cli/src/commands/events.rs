//! `queue events`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_table, print_text, printable, table, to_json};
use atomic_io::{EventError, FileError};
use serde_json::{Value, json};
use std::collections::HashSet;

pub(crate) fn run(context: &Context, task: Option<&str>) -> Result<Exit, Failure> {
    let Some(log) = context.queue.events() else {
        return Err(Failure::new(Exit::NotFound, "there are no events with --no-events"));
    };
    let events = match log.read() {
        Ok(events) => events,
        Err(error) => return Err(unreadable(&error)),
    };
    let mut seen = HashSet::new();
    let shown: Vec<Value> = events
        .records
        .into_iter()
        .map(to_json)
        .filter(|event| task.is_none_or(|id| event["task_id"] == id))
        // A writer that was interrupted between the append and its answer appends again. Records of other programs have no
        // attempt, and are all shown.
        .filter(|event| event["attempt"].is_null() || seen.insert(key(event)))
        .collect();
    if context.global.json {
        print_json(&json!({ "events": shown, "unfinished": events.unfinished }));
        return Ok(Exit::Done);
    }
    let mut table = table(&["time", "task", "attempt", "event", "agent"]);
    for event in &shown {
        table.add_row(
            ["timestamp", "task_id", "attempt", "type", "agent"].map(|field| printable(&text(&event[field]))),
        );
    }
    if !shown.is_empty() {
        print_table(&table);
    }
    if events.unfinished {
        print_text("the last record is unfinished and is left out\n");
    }
    Ok(Exit::Done)
}

fn key(event: &Value) -> String {
    json!([event["task_id"], event["attempt"], event["type"]]).to_string()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn unreadable(error: &EventError) -> Failure {
    let exit = match error {
        EventError::File(FileError::NotFound { .. }) => Exit::NotFound,
        EventError::File(FileError::Invalid { .. }) | EventError::NotAppendable { .. } => Exit::Invalid,
        _ => Exit::Failure,
    };
    Failure::Other {
        exit,
        message: error.to_string(),
        source: std::error::Error::source(&error).map(|source| source.to_string().into()),
    }
}

//! `queue events`

use super::Context;
use crate::cli::Events;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_stream, print_text, printable, say, to_json};
use crate::table::{print_table, table};
use crate::watch::Changes;
use atomic_io::{EventError, EventLog, FileError};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// How often to look when no change was reported.
const SLOW_POLL: Duration = Duration::from_secs(2);
/// How many records are read at first to find the new ones among them, and by how many of those that were there already they are known.
const FIRST_LOOK: usize = 64;
const KNOWN_BY: usize = 8;

/// What happens at most once in an attempt. Two programs that add a missing one at the same time give it two times.
const ONCE: [&str; 7] = ["claimed", "started", "completed", "failed", "released", "requeued", "preempted"];

const FIELDS: [&str; 5] = ["timestamp", "task_id", "attempt", "type", "agent"];

pub(crate) fn run(context: &Context, args: &Events) -> Result<Exit, Failure> {
    let Some(log) = context.queue.events() else {
        return Err(Failure::new(Exit::NotFound, "there are no events with --no-events or QUEUE_NO_EVENTS"));
    };
    let mut filter = Filter { args, seen: HashSet::new() };
    if args.follow {
        // A mistyped queue would be followed in vain.
        context.queue.read()?;
        return follow(context, log, &mut filter);
    }
    let events = log.read().map_err(|error| unreadable(&error))?;
    let shown: Vec<Value> =
        events.records.into_iter().map(to_json).filter(|event| filter.lets_through(event)).collect();
    if context.global.json {
        print_json(&json!({ "events": shown, "unfinished": events.unfinished }));
        return Ok(Exit::Done);
    }
    let mut table = table(&["time", "task", "attempt", "event", "agent"]);
    for event in &shown {
        table.add_row(cells(event));
    }
    if !shown.is_empty() {
        print_table(&table);
    }
    if events.unfinished {
        print_text("the last record is unfinished and is left out\n");
    }
    Ok(Exit::Done)
}

/// Shows what there is, then what comes, until somebody ends it.
fn follow(context: &Context, log: &EventLog, filter: &mut Filter<'_>) -> Result<Exit, Failure> {
    let changes = Changes::new().of(log.path());
    let mut known: Option<Vec<serde_yaml::Value>> = None;
    let mut was_unreadable = false;
    loop {
        match after(log, known.as_deref()) {
            Ok((new, tail)) => {
                for event in new.into_iter().map(to_json).filter(|event| filter.lets_through(event)) {
                    print_followed(context, &event);
                }
                known = Some(tail);
                was_unreadable = false;
            }
            // Nothing has happened yet.
            Err(EventError::File(FileError::NotFound { .. })) => {}
            // An editor may have it half saved; what remains is told, once.
            Err(error) if known.is_some() => {
                if !was_unreadable {
                    say(&format!("queue: {error}"));
                }
                was_unreadable = true;
            }
            Err(error) => return Err(unreadable(&error)),
        }
        changes.wait(SLOW_POLL);
    }
}

/// The records that come after those `known`, and by which records the next ones will be known. Reads no more of a long log than it must.
fn after(
    log: &EventLog,
    known: Option<&[serde_yaml::Value]>,
) -> Result<(Vec<serde_yaml::Value>, Vec<serde_yaml::Value>), EventError> {
    let tail = |records: &[serde_yaml::Value]| records[records.len().saturating_sub(KNOWN_BY)..].to_vec();
    let Some(known) = known.filter(|known| !known.is_empty()) else {
        let records = log.read()?.records;
        let tail = tail(&records);
        return Ok((records, tail));
    };
    let mut look = FIRST_LOOK;
    loop {
        let mut records = log.last(look)?.records;
        let is_all = records.len() < look;
        let place = (0..=records.len()).rev().find(|end| records[..*end].ends_with(known));
        match place {
            Some(place) => {
                let tail = tail(&records);
                records.drain(..place);
                return Ok((records, tail));
            }
            // Another log stands in its place.
            None if is_all => {
                let tail = tail(&records);
                return Ok((records, tail));
            }
            None => look = look.saturating_mul(8),
        }
    }
}

fn print_followed(context: &Context, event: &Value) {
    if context.global.json {
        print_stream(format!("{event}\n").as_bytes());
        return;
    }
    let [time, task, attempt, kind, agent] = cells(event);
    print_stream(format!("{time}  {task:<16} {attempt:>3}  {kind:<10} {agent}\n").as_bytes());
}

/// What is to be shown.
struct Filter<'a> {
    args: &'a Events,
    seen: HashSet<String>,
}

impl Filter<'_> {
    fn lets_through(&mut self, event: &Value) -> bool {
        let is_wanted = self.args.task.as_ref().is_none_or(|id| event["task_id"] == **id)
            && self.args.since.is_none_or(|since| time(&event["timestamp"]).is_some_and(|at| at >= since));
        // A writer that was interrupted between the append and its answer appends again. Records of other programs have no
        // attempt, and are all shown.
        is_wanted && (event["attempt"].is_null() || self.seen.insert(key(event)))
    }
}

/// A time without a zone is taken for UTC, as in all that is written here.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    let local = || text.parse::<civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| local().map(|zoned| zoned.timestamp()))
}

/// What happens once in an attempt is known by that; what may happen again is told apart by its time.
fn key(event: &Value) -> String {
    let is_once = event["type"].as_str().is_some_and(|kind| ONCE.contains(&kind));
    let time = if is_once { &Value::Null } else { &event["timestamp"] };
    json!([event["task_id"], event["attempt"], event["type"], time]).to_string()
}

fn cells(event: &Value) -> [String; 5] {
    FIELDS.map(|field| {
        let later = if field == "type" && event["recovered"] == true { " (recovered)" } else { "" };
        printable(&text(&event[field])) + later
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn unreadable(error: &EventError) -> Failure {
    let exit = match error {
        EventError::File(FileError::NotFound { .. }) => Exit::NotFound,
        EventError::File(FileError::Invalid { .. }) | EventError::NotAppendable { .. } => Exit::Invalid,
        _ => Exit::Failure,
    };
    Failure::Other {
        exit,
        message: error.to_string(),
        source: std::error::Error::source(error).map(|source| source.to_string().into()),
    }
}

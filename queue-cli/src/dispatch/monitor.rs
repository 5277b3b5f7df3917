//! `queue dispatch --monitor`: a line for every change of a task, until Ctrl-C. It only reads; what runs is none of its business.

use super::pause::{note_path, paused};
use super::signals::{Asked, listen_until_hang_up, tell};
use crate::commands::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_text, printable};
use crate::watch::watch_file;
use jiff::Timestamp;
use queue_cli::{QueueError, stamp, tasks};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

/// How often to look when no change was reported.
const SLOW_POLL: Duration = Duration::from_secs(2);

/// What of a task is worth a line when it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    status: String,
    attempt: Option<u64>,
    by: Option<String>,
}

pub(crate) fn monitor(context: &Context) -> Result<Exit, Failure> {
    let (sender, wakes) = mpsc::channel();
    let signals = sender.clone();
    listen_until_hang_up(move |asked| tell(&signals, Some(asked)))?;
    let _watchers = [context.queue.path(), &note_path(context)].map(|path| {
        let changes = sender.clone();
        // There may be no folder for the note of a pause yet.
        path.parent().is_some_and(|folder| folder.as_os_str().is_empty() || folder.is_dir()).then(|| {
            watch_file(path, move || {
                tell(&changes, None);
            })
        })
    });
    let mut seen = look(context)?;
    let mut was_paused = None;
    if !context.global.json && !context.global.quiet {
        print_text(&format!("{} tasks; Ctrl-C ends this and nothing else\n", seen.len()));
    }
    loop {
        let paused = paused(context);
        if paused != was_paused {
            say_pause(context, paused.as_deref());
            was_paused = paused;
        }
        match wakes.recv_timeout(SLOW_POLL) {
            Ok(Some(Asked::Interrupt | Asked::Terminate)) => return Ok(Exit::Done),
            // An editor may have the file away for a moment; the next look tells.
            _ => {
                if let Ok(now) = look(context) {
                    say_changes(context, &seen, &now);
                    seen = now;
                }
            }
        }
    }
}

fn look(context: &Context) -> Result<BTreeMap<String, State>, QueueError> {
    let tasks = tasks(&context.queue.read()?)?;
    Ok(tasks
        .into_iter()
        .map(|task| {
            let state = State { status: task.status.to_string(), attempt: task.attempt, by: task.claimed_by };
            (task.id, state)
        })
        .collect())
}

fn say_changes(context: &Context, before: &BTreeMap<String, State>, now: &BTreeMap<String, State>) {
    for (id, state) in now {
        if before.get(id) != Some(state) {
            say(context, id, before.get(id).map(|state| state.status.as_str()), Some(state));
        }
    }
    for (id, state) in before.iter().filter(|(id, _)| !now.contains_key(*id)) {
        say(context, id, Some(&state.status), None);
    }
}

fn say(context: &Context, id: &str, before: Option<&str>, state: Option<&State>) {
    let time = stamp(Timestamp::now());
    if context.global.json {
        let (status, attempt) = (state.map(|state| &state.status), state.and_then(|state| state.attempt));
        let by = state.and_then(|state| state.by.as_ref());
        let line = json!({ "time": time, "id": id, "from": before, "to": status, "attempt": attempt, "claimed_by": by });
        print_text(&format!("{line}\n"));
        return;
    }
    let from = before.unwrap_or("not there");
    let to = state.map_or("not there", |state| &state.status);
    let attempt = state.and_then(|state| state.attempt).map(|attempt| format!(" (attempt {attempt})"));
    let by = state.and_then(|state| state.by.as_ref()).map(|by| format!(" by {by}"));
    let line =
        format!("{time} {id}: {from} -> {to}{}{}", by.unwrap_or_default(), attempt.unwrap_or_default());
    print_text(&format!("{}\n", printable(&line)));
}

fn say_pause(context: &Context, by: Option<&str>) {
    let time = stamp(Timestamp::now());
    if context.global.json {
        print_text(&format!("{}\n", json!({ "time": time, "paused": by })));
    } else {
        print_text(&format!("{time} {}\n", by.map_or("resumed".into(), printable)));
    }
}

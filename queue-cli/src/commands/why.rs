//! `queue why`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use jiff::Timestamp;
use queue_cli::{Board, QueueError, Reason, Reasons, Status, Waiting, reasons, tasks};
use serde_json::{Value, json};

/// Steps further down than this are not set in further: lines would leave the screen.
const DEEPEST: usize = 12;

/// What there is to know of one step.
struct Told {
    title: String,
    why: String,
    claimed_by: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

pub(crate) fn run(context: &Context, id: &str) -> Result<Exit, Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    let task = board.find(id).ok_or_else(|| QueueError::NoSuchTask { id: id.into() })?;
    let ready: Vec<&str> = board.ready().iter().map(|task| task.id.as_str()).collect();
    let found = reasons(&board, task);
    let place = |id: &str| ready.iter().position(|ready| *ready == id).map(|place| place + 1);
    let told: Vec<Told> =
        found.steps.iter().map(|step| tell(&board, step, place(&step.id), ready.len())).collect();
    if context.global.json {
        let why = told.first().map(|first| first.why.as_str());
        let place = place(id);
        let steps = found.steps.iter().zip(&told).map(|(step, told)| as_json(&board, step, told));
        print_json(&json!({
            "id": id, "ready": place.is_some(), "place": place, "of": ready.len(), "why": why,
            "reasons": steps.collect::<Vec<Value>>(), "cycles": found.cycles,
        }));
    } else {
        print_text(&as_text(&found, &told));
    }
    Ok(Exit::Done)
}

fn tell(board: &Board<'_>, step: &Reason, place: Option<usize>, ready: usize) -> Told {
    let Some(task) = board.find(&step.id) else {
        let why = "not in the queue".to_owned();
        return Told { title: String::new(), why, claimed_by: None, since: None, until: None };
    };
    let in_hand = matches!(
        step.waiting,
        Some(Waiting::Held { .. } | Waiting::Marked(Status::InProgress | Status::Claimed))
    );
    let since = task.claimed_at.as_ref().or(task.started_at.as_ref()).filter(|_| in_hand).cloned();
    let mut why = match (&step.waiting, place) {
        (Some(why), _) => why.to_string(),
        (None, Some(place)) if task.status.is_in_hand() => {
            format!("ready again, its holder is gone: number {place} of {ready} to be claimed")
        }
        (None, Some(place)) => format!("ready, number {place} of {ready} to be claimed"),
        (None, None) => "ready".to_owned(),
    };
    if let Some(since) = &since {
        why.push_str(&format!(", since {since}"));
    }
    match (&task.last_error, &step.waiting) {
        (Some(error), Some(Waiting::Marked(Status::Failed))) => why.push_str(&format!(": {error}")),
        (Some(error), Some(Waiting::Until(_))) => why.push_str(&format!(", because it failed: {error}")),
        _ => {}
    }
    let until = match &step.waiting {
        Some(Waiting::Held { until, .. }) => until.clone(),
        Some(Waiting::Until(time)) => Some(time.clone()),
        _ => None,
    };
    let claimed_by = task.claimed_by.clone().filter(|_| in_hand);
    Told { title: task.title.clone(), why, claimed_by, since, until }
}

fn as_text(found: &Reasons, told: &[Told]) -> String {
    let mut text = String::new();
    for (step, told) in found.steps.iter().zip(told) {
        let indent = "  ".repeat(step.depth.min(DEEPEST));
        let title = if told.title.is_empty() { String::new() } else { format!(" ({})", told.title) };
        let is_long = matches!(step.waiting, Some(Waiting::For(_)));
        let why = if step.is_told_above && is_long { "see above" } else { told.why.as_str() };
        text.push_str(&printable(&format!("{indent}{}{title}: {why}", step.id)));
        text.push('\n');
    }
    for cycle in &found.cycles {
        text.push_str(&printable(&format!("in a circle, so none of them ever: {}", cycle.join(" -> "))));
        text.push('\n');
    }
    text
}

fn as_json(board: &Board<'_>, step: &Reason, told: &Told) -> Value {
    let task = board.find(&step.id);
    json!({
        "id": step.id,
        "depth": step.depth,
        "title": task.map(|task| &task.title),
        "status": task.map(|task| task.status.word()),
        "why": told.why,
        "claimed_by": told.claimed_by,
        "since": told.since,
        "until": told.until,
        "see_above": step.is_told_above,
    })
}

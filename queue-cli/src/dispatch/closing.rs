//! What a dispatch came to: what was done, what failed, and why the rest waits.

use super::supervisor::End;
use crate::commands::Context;
use crate::exit::Failure;
use crate::output::{Tone, colour_wanted, print_json, print_text, printable};
use crate::table::{cell, print_table, table};
use comfy_table::Table;
use jiff::Timestamp;
use queue_cli::{Board, Status, Task, tasks};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// More rows than this of tasks that went well are told by their number.
const ROWS: usize = 40;

/// A task that this dispatcher ran.
pub(crate) struct Ran {
    pub(crate) id: String,
    pub(crate) attempt: u64,
    pub(crate) end: End,
    /// When a failed one is tried again.
    pub(crate) again_at: Option<String>,
    pub(crate) took: Duration,
}

impl Ran {
    /// Whether it failed for good.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.end, End::Failed(_)) && self.again_at.is_none()
    }
}

/// `can_run` tells whether a task could have been run here: it has a command, or one stood after `--`. `folder` is the one that was made for
/// the queue.
pub(crate) fn print_closing(
    context: &Context,
    ran: &[Ran],
    folder: Option<&Path>,
    can_run: impl Fn(&Task) -> bool,
    took: Duration,
) -> Result<(), Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    let open = |task: &&Task| task.status == Status::Pending || task.status.is_in_hand();
    let waiting: Vec<(&Task, String)> =
        tasks.iter().filter(open).map(|task| (task, why(&board, task, &can_run))).collect();
    if context.global.json {
        let mut json = as_json(ran, &waiting, took);
        if let Some(folder) = folder {
            json["folder"] = folder.display().to_string().into();
        }
        print_json(&json);
        return Ok(());
    }
    let colour = colour_wanted(context.global.no_color);
    let table = as_table(ran, &waiting, colour);
    if !ran.is_empty() || !waiting.is_empty() {
        print_table(&table);
    }
    let (done, failed) = (number_done(ran), ran.iter().filter(|ran| ran.has_failed()).count());
    print_text(&format!(
        "{done} done, {failed} failed, {} waiting, in {:.1} s\n",
        waiting.len(),
        took.as_secs_f64()
    ));
    Ok(())
}

fn number_done(ran: &[Ran]) -> usize {
    ran.iter().filter(|ran| matches!(ran.end, End::Done)).count()
}

fn as_table(ran: &[Ran], waiting: &[(&Task, String)], colour: bool) -> Table {
    let done = number_done(ran);
    let id = |id: &str| cell(printable(id), Tone::Plain, colour);
    let mut table = table(&["task", "result", "time", "why"]);
    for ran in ran {
        let tone = match ran.end {
            End::Done if done > ROWS => continue,
            End::Done => Tone::Good,
            End::Failed(_) | End::Lost(_) => Tone::Bad,
            End::Released | End::Preempted => Tone::Waiting,
        };
        let seconds = format!("{:.2} s", ran.took.as_secs_f64());
        let why = match (ran.end.error(), &ran.again_at) {
            (Some(error), Some(at)) => format!("{error}; again at {at}"),
            (error, _) => error.unwrap_or_default().to_owned(),
        };
        table.add_row([id(&ran.id), cell(ran.end.word(), tone, colour), seconds.into(), why.into()]);
    }
    if done > ROWS {
        let word = cell(End::Done.word(), Tone::Good, colour);
        table.add_row([id(&format!("{done} tasks")), word, "".into(), "".into()]);
    }
    for (task, why) in waiting {
        let word = cell(task.status.word(), Tone::Waiting, colour);
        table.add_row([id(&task.id), word, "".into(), why.into()]);
    }
    table
}

fn why(board: &Board<'_>, task: &Task, can_run: impl Fn(&Task) -> bool) -> String {
    match board.waiting(task) {
        Some(why) => why.to_string(),
        None if can_run(task) => "ready".into(),
        None => "ready, but has no command to run".into(),
    }
}

fn as_json(ran: &[Ran], waiting: &[(&Task, String)], took: Duration) -> Value {
    let run = |ran: &Ran| {
        let (seconds, error) = (ran.took.as_secs_f64(), ran.end.error());
        let (end, again_at) = (ran.end.word(), &ran.again_at);
        json!({ "id": ran.id, "attempt": ran.attempt, "end": end, "seconds": seconds, "error": error, "again_at": again_at })
    };
    let wait =
        |(task, why): &(&Task, String)| json!({ "id": task.id, "status": task.status.word(), "why": why });
    json!({
        "ran": ran.iter().map(run).collect::<Vec<_>>(),
        "waiting": waiting.iter().map(wait).collect::<Vec<_>>(),
        "seconds": took.as_secs_f64(),
    })
}

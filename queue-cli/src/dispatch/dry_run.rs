//! `queue dispatch --dry-run`: what would be claimed now, and where it would run. Nothing is written, locked or started.

use super::opening::check_how;
use super::pause::paused;
use super::places::Places;
use crate::cli::Dispatch;
use crate::commands::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use crate::table::{print_table, table};
use jiff::Timestamp;
use queue_cli::ops::{BatchRequest, claim_batch};
use queue_cli::{Board, Status, Task, tasks};
use serde_json::{Value, json};
use std::collections::HashSet;

pub(crate) fn dry_run(context: &Context, args: &Dispatch) -> Result<Exit, Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    check_how(context, &args.how)?;
    let mut places = Places::open(context, args)?;
    let has_command = !args.how.command.is_empty();
    let is_over = context.is_over();
    let supervisors: Vec<String> = (0..places.number()).map(|number| format!("nobody-{number}")).collect();
    let request = BatchRequest {
        agent: &context.agent,
        supervisors: &supervisors,
        own: &[],
        has_command,
        running: 0,
        slots: places.number(),
        except: &[],
        waited: &[],
    };
    let now = Timestamp::now();
    // The operation itself, on a copy that is thrown away.
    let batch = claim_batch(&mut document.clone(), now, &is_over, &request)?.value;
    if let Some(file) = &mut places.file {
        file.see_others(&batch.others);
    }
    let paused = paused(context);
    let claims = if paused.is_some() { &[][..] } else { &batch.claims };
    let mut taken = HashSet::new();
    let mut would_run = Vec::new();
    for claim in claims {
        let place = places.best(claim.resource.as_deref(), |place| !taken.contains(&place));
        taken.extend(place);
        let name = place.and_then(|place| places.get(place)).map(|place| place.name.clone());
        would_run.push((claim.id.clone(), name.unwrap_or_default()));
    }
    let board = Board::new(&tasks, now, &is_over);
    let would = |task: &Task| would_run.iter().any(|(id, _)| *id == task.id);
    let open = |task: &&Task| (task.status == Status::Pending || task.status.is_in_hand()) && !would(task);
    let why = |task: &Task| match board.waiting(task) {
        Some(why) => why.to_string(),
        None if paused.is_some() => "ready, but the queue is paused".into(),
        None if has_command || task.has_command => "waits for a free slot".into(),
        None => "ready, but has no command to run".into(),
    };
    let waiting: Vec<(String, String)> =
        tasks.iter().filter(open).map(|task| (task.id.clone(), why(task))).collect();
    print(context, &would_run, &waiting, paused.as_deref());
    Ok(if would_run.is_empty() { Exit::Nothing } else { Exit::Done })
}

fn print(
    context: &Context,
    would_run: &[(String, String)],
    waiting: &[(String, String)],
    paused: Option<&str>,
) {
    if context.global.json {
        let run = |(id, slot): &(String, String)| json!({ "id": id, "slot": slot });
        let wait = |(id, why): &(String, String)| json!({ "id": id, "why": why });
        let would_run: Vec<Value> = would_run.iter().map(run).collect();
        let waiting: Vec<Value> = waiting.iter().map(wait).collect();
        print_json(&json!({ "would_run": would_run, "waiting": waiting, "paused": paused }));
        return;
    }
    let mut table = table(&["task", "slot", "why"]);
    for (id, slot) in would_run {
        table.add_row([printable(id), printable(slot), "would be claimed now".into()]);
    }
    for (id, why) in waiting {
        table.add_row([printable(id), "-".into(), printable(why)]);
    }
    if !would_run.is_empty() || !waiting.is_empty() {
        print_table(&table);
    }
    if let Some(by) = paused {
        print_text(&format!("{}; `queue resume` goes on\n", printable(by)));
    }
    print_text(&format!(
        "{} would be claimed now, {} wait; nothing was changed\n",
        would_run.len(),
        waiting.len()
    ));
}

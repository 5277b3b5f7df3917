//! `queue wait`

use super::Context;
use crate::cli::Wait;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use crate::table::{print_table, table};
use crate::watch::Changes;
use atomic_io::SharedFile;
use jiff::Timestamp;
use queue_cli::{Board, QueueError, Status, Task, tasks, waiting_for_ever};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often to look when no change was reported.
const SLOW_POLL: Duration = Duration::from_secs(2);
/// How long the queue may be unreadable: editors have a file away, or half saved, for milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a task that was waited for came to.
struct Ended {
    id: String,
    /// `removed` for one that left the queue without a trace.
    status: String,
}

/// What one look at the queue shows of the tasks that are waited for.
#[derive(Default)]
struct Look {
    ended: Vec<Ended>,
    /// The others, and why each is not over.
    open: Vec<(String, String, String)>,
    /// Whether none of the others can come to an end unless somebody changes the queue.
    for_ever: bool,
}

pub(crate) fn run(context: &Context, args: &Wait) -> Result<Exit, Failure> {
    let patience = args.timeout.and_then(|time| Duration::try_from(time).ok());
    let deadline = patience.and_then(|time| Instant::now().checked_add(time));
    let changes = Changes::new().of(context.queue.path());
    let mut seen = HashMap::new();
    let mut look = look(context, &args.ids, &mut seen, true)?;
    let names: Vec<&str> = look.open.iter().map(|(id, ..)| id.as_str()).collect();
    tracing::info!("waiting for {}", names.join(", "));
    let mut unreadable_since: Option<Instant> = None;
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if look.open.is_empty() || look.for_ever || left == Some(Duration::ZERO) {
            return finish(context, args, &look);
        }
        changes.wait(left.map_or(SLOW_POLL, |left| left.min(SLOW_POLL)));
        match self::look(context, &args.ids, &mut seen, false) {
            Ok(now) => {
                look = now;
                unreadable_since = None;
            }
            Err(failure) if unreadable_since.get_or_insert_with(Instant::now).elapsed() >= PATIENCE => {
                return Err(failure);
            }
            Err(_) => {}
        }
    }
}

/// Looks at the queue. `seen` remembers what the named tasks were, for those that are archived or removed while they are waited for.
fn look(
    context: &Context,
    ids: &[String],
    seen: &mut HashMap<String, Status>,
    is_first: bool,
) -> Result<Look, Failure> {
    let document = context.queue.read()?;
    let tasks = tasks(&document)?;
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    let mut look = Look::default();
    let mut open: Vec<&Task> = Vec::new();
    let mut archived = None;
    let named: Vec<&str> = match ids {
        [] => tasks.iter().map(|task| task.id.as_str()).collect(),
        ids => ids.iter().map(String::as_str).collect(),
    };
    for id in named {
        match board.find(id) {
            Some(task) if task.status.is_over() => {
                look.ended.push(Ended { id: id.into(), status: task.status.word().into() });
            }
            Some(task) => open.push(task),
            None => {
                let archived = archived.get_or_insert_with(|| archived_statuses(context));
                // What was over when it was last seen was moved elsewhere; what was not was taken away.
                let last = archived.get(id).or_else(|| seen.get(id).filter(|status| status.is_over()));
                if is_first && last.is_none() {
                    return Err(QueueError::NoSuchTask { id: id.into() }.into());
                }
                let status = last.map_or("removed", Status::word).to_owned();
                look.ended.push(Ended { id: id.into(), status });
            }
        }
        if let Some(task) = board.find(id).filter(|_| !ids.is_empty()) {
            seen.insert(id.into(), task.status.clone());
        }
    }
    let stuck = waiting_for_ever(&tasks);
    look.for_ever = !open.is_empty() && open.iter().all(|task| stuck.contains(task.id.as_str()));
    let why = |task: &Task| board.waiting(task).map_or("ready".to_owned(), |why| why.to_string());
    look.open = open.iter().map(|task| (task.id.clone(), task.status.word().to_owned(), why(task))).collect();
    Ok(look)
}

/// What the tasks in the archive were when they were moved there. One that is not there, or cannot be read, tells nothing.
fn archived_statuses(context: &Context) -> HashMap<String, Status> {
    let archive = SharedFile::at(context.queue.archive_path()).read();
    let tasks = archive.ok().and_then(|document| tasks(&document).ok()).unwrap_or_default();
    tasks.into_iter().map(|task| (task.id, task.status)).collect()
}

fn finish(context: &Context, args: &Wait, look: &Look) -> Result<Exit, Failure> {
    print(context, look);
    let names = |open: &[(String, String, String)]| match open {
        [(id, ..)] => id.clone(),
        all => format!("{} tasks", all.len()),
    };
    if look.open.is_empty() {
        let all_completed = look.ended.iter().all(|ended| ended.status == Status::Completed.word());
        return Ok(if all_completed { Exit::Done } else { Exit::TasksFailed });
    }
    if look.for_ever {
        let message = format!("{} will not end unless somebody changes the queue", names(&look.open));
        return Err(Failure::new(Exit::Nothing, message));
    }
    let time = args.timeout.unwrap_or_default();
    Err(Failure::new(Exit::Failure, format!("{} did not end within {time:#}", names(&look.open))))
}

fn print(context: &Context, look: &Look) {
    if context.global.json {
        let ended = |ended: &Ended| json!({ "id": ended.id, "status": ended.status });
        let open =
            |(id, status, why): &(String, String, String)| json!({ "id": id, "status": status, "why": why });
        print_json(&json!({
            "ended": look.ended.iter().map(ended).collect::<Vec<Value>>(),
            "open": look.open.iter().map(open).collect::<Vec<Value>>(),
            "for_ever": look.for_ever,
        }));
        return;
    }
    let bad: Vec<&Ended> =
        look.ended.iter().filter(|ended| ended.status != Status::Completed.word()).collect();
    if !context.global.quiet {
        let mut rows = table(&["id", "now"]);
        for ended in &bad {
            rows.add_row([printable(&ended.id), printable(&ended.status)]);
        }
        for (id, _, why) in &look.open {
            rows.add_row([printable(id), printable(why)]);
        }
        if !bad.is_empty() || !look.open.is_empty() {
            print_table(&rows);
        }
        let completed = look.ended.len() - bad.len();
        print_text(&format!("{completed} completed, {} not, {} open\n", bad.len(), look.open.len()));
    }
}

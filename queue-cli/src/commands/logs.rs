//! `queue logs`

use super::Context;
use crate::cli::Logs;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_stream};
use crate::watch::Changes;
use queue_cli::tasks;
use serde_json::json;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

/// How often to look when no change was reported: the end of a claim whose holder was killed changes no file.
const SLOW_POLL: Duration = Duration::from_secs(1);
const CHUNK: usize = 64 * 1024;

pub(crate) fn run(context: &Context, args: &Logs) -> Result<Exit, Failure> {
    let attempt = chosen(context, args)?;
    let path = context.queue.runs().log_path(&args.id, attempt);
    let cannot = |error| Failure::because(format!("cannot read {}", path.display()), error);
    let mut reader = Reader { file: open(&path, args, attempt)?, prints: !context.global.json };
    if args.follow {
        let changes = Changes::new().of(&path).of(context.queue.path());
        loop {
            // In this order: what the task wrote before its end is read after its end was seen.
            let is_over = is_over(context, &args.id, attempt);
            reader.pass_on().map_err(cannot)?;
            if is_over {
                break;
            }
            changes.wait(SLOW_POLL);
        }
    } else {
        reader.pass_on().map_err(cannot)?;
    }
    if context.global.json {
        let text = String::from_utf8_lossy(&fs::read(&path).map_err(cannot)?).into_owned();
        let file = path.display().to_string();
        print_json(&json!({ "id": args.id, "attempt": attempt, "path": file, "text": text }));
    }
    Ok(Exit::Done)
}

/// The attempt that was asked for, or the newest one that has a log.
fn chosen(context: &Context, args: &Logs) -> Result<u64, Failure> {
    if let Some(attempt) = args.attempt {
        return Ok(attempt);
    }
    let runs = context.queue.runs();
    let newest = runs
        .logged_attempts(&args.id)
        .map_err(|error| Failure::because("cannot read the folder of the logs", error))?
        .into_iter()
        .max();
    if let Some(newest) = newest {
        return Ok(newest);
    }
    // Without any log: either there is no such task, or nobody has run it here.
    let document = context.queue.read()?;
    let known = tasks(&document)?.into_iter().any(|task| task.id == args.id);
    let id = &args.id;
    Err(Failure::new(
        Exit::NotFound,
        if known {
            format!("{id} has no log: no dispatcher has run it (what `claim` and `run` do is not logged)")
        } else {
            format!("there is no task {id}, and no log of one")
        },
    ))
}

fn open(path: &Path, args: &Logs, attempt: u64) -> Result<File, Failure> {
    File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            Failure::new(Exit::NotFound, format!("attempt {attempt} of {} has no log", args.id))
        }
        _ => Failure::because(format!("cannot read {}", path.display()), error),
    })
}

/// Whether this attempt has come to its end. A queue that cannot be read for a moment says nothing about that.
fn is_over(context: &Context, id: &str, attempt: u64) -> bool {
    let Ok(tasks) = context.queue.read().and_then(|document| tasks(&document)) else { return false };
    match tasks.into_iter().find(|task| task.id == id) {
        None => true,
        Some(task) => {
            let is_ours = task.attempt == Some(attempt) && task.status.is_in_hand();
            !is_ours || (task.supervisor.is_some() && context.queue.runs().claim_is_over(&task))
        }
    }
}

struct Reader {
    file: File,
    /// Whether what is read is shown as it comes.
    prints: bool,
}

impl Reader {
    /// Shows what there is by now and was not shown yet, as the task wrote it: it is its output, colours and all.
    fn pass_on(&mut self) -> std::io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        while self.prints {
            let read = self.file.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            print_stream(&chunk[..read]);
        }
        Ok(())
    }
}

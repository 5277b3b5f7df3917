//! `queue restore`

use super::Context;
use super::backups::{name, read, saved};
use crate::cli::{Restore, moment};
use crate::exit::{Exit, Failure, with_causes};
use crate::output::{print_json, print_text};
use atomic_io::{BackupKind, Document};
use jiff::Timestamp;
use queue_cli::recovery::History;
use queue_cli::{Board, QueueError, Task, Waiting, ops, tasks};
use serde_json::json;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn run(context: &Context, args: &Restore) -> Result<Exit, Failure> {
    let from = chosen(context, args)?;
    if !args.force {
        check_version(&from)?;
        check_claims(context)?;
    }
    let was_there = context.queue.path().exists();
    let before = context.queue.read().and_then(|document| tasks(&document));
    let known = match &before {
        Ok(tasks) => attempts_of(tasks),
        Err(_) => attempts_in_history(context),
    };
    let (mut attempts_kept, aside) = match with_attempts(&known, &from, args)? {
        Some((content, kept)) => {
            let copy = Copy::of(context, content.text())?;
            (kept, context.queue.restore(&copy.0)?)
        }
        None => (0, context.queue.restore(&from)?),
    };
    // For claims that were made meanwhile.
    if let Some(aside) = &aside {
        let known = match read(aside) {
            Ok((_, replaced)) => attempts_of(&replaced),
            // Broken since that look.
            Err(_) if before.is_ok() => attempts_in_history(context),
            Err(_) => HashMap::new(),
        };
        attempts_kept += keep_attempts(context, &known)?;
    }
    let (file, from) = (context.queue.path().display(), from.display());
    if context.global.json {
        let changed = aside.is_some() || !was_there;
        let aside = aside.map(|aside| aside.display().to_string());
        print_json(&json!({
            "file": file.to_string(), "from": from.to_string(), "changed": changed, "aside": aside,
            "attempts_kept": attempts_kept,
        }));
        return Ok(Exit::Done);
    }
    let mut text = format!("{file} is what {from} {}\n", if aside.is_some() { "was" } else { "is" });
    if let Some(aside) = &aside {
        text.push_str(&format!("the version before is kept as {}\n", aside.display()));
    }
    if attempts_kept > 0 {
        text.push_str(&format!(
            "attempts kept, so that no claim from before fits one to come: {attempts_kept}\n"
        ));
    }
    print_text(&text);
    Ok(Exit::Done)
}

/// The version that is meant: the newest that is a queue, the one of that name, or the one that stood at that time. What was displaced is only
/// taken by name.
fn chosen(context: &Context, args: &Restore) -> Result<PathBuf, Failure> {
    let backups = context.queue.backups()?;
    let file = context.queue.path().display();
    let in_turn = || backups.iter().filter(|backup| backup.kind != BackupKind::Recovered);
    let Some(wanted) = &args.version else {
        let newest = in_turn().find(|backup| args.force || read(&backup.path).is_ok());
        let none = || Failure::new(Exit::NotFound, format!("{file} has no backup that is a queue"));
        return newest.map(|backup| backup.path.clone()).ok_or_else(none);
    };
    let named = backups.iter().find(|backup| name(backup) == *wanted || backup.path == Path::new(wanted));
    if let Some(backup) = named {
        return Ok(backup.path.clone());
    }
    if Path::new(wanted).is_file() {
        return Ok(wanted.into());
    }
    let none =
        |why: &str| Failure::new(Exit::NotFound, format!("{file} has no version {why}; see `queue backups`"));
    match moment(wanted) {
        Ok(time) => {
            let newest = in_turn().find(|backup| saved(backup) <= time);
            newest.map(|backup| backup.path.clone()).ok_or_else(|| none(&format!("from {time:.0} or before")))
        }
        Err(_) => Err(none(wanted)),
    }
}

fn check_version(from: &Path) -> Result<(), Failure> {
    read(from).map(drop).map_err(|error| match error {
        error @ QueueError::File(_) => error.into(),
        error => {
            let message =
                format!("{} is no queue: {error}; --force restores it all the same", from.display());
            Failure::new(Exit::Invalid, message)
        }
    })
}

/// Whoever works on a task would find that it is not theirs any more.
fn check_claims(context: &Context) -> Result<(), Failure> {
    // One that cannot be read is what a restore is for.
    let Ok(tasks) = context.queue.read().and_then(|document| tasks(&document)) else { return Ok(()) };
    let is_over = context.is_over();
    let board = Board::new(&tasks, Timestamp::now(), &is_over);
    let mut held = tasks.iter().filter_map(|task| match board.waiting(task) {
        Some(why @ Waiting::Held { .. }) => Some(format!("{} is {why}", task.id)),
        _ => None,
    });
    let Some(first) = held.next() else { return Ok(()) };
    let more = match held.count() {
        0 => String::new(),
        count => format!(", and {count} more are held"),
    };
    let message = format!("{first}{more}; `queue wait`, or --force takes the tasks from their holders");
    Err(Failure::new(Exit::Conflict, message))
}

fn attempts_of(tasks: &[Task]) -> HashMap<String, u64> {
    tasks.iter().filter_map(|task| Some((task.id.clone(), task.attempt?))).collect()
}

/// The attempts that tasks have come to as the event log tells, where the queue itself does not.
fn attempts_in_history(context: &Context) -> HashMap<String, u64> {
    let warn = |why: &str| {
        tracing::warn!(
            "attempts may go back, so that a claim from before fits one to come: the queue cannot be read, and {why}"
        );
    };
    let Some(log) = context.queue.events() else {
        warn("there are no events with --no-events or QUEUE_NO_EVENTS");
        return HashMap::new();
    };
    match log.read() {
        Ok(events) => {
            if events.unfinished {
                warn(&format!("the last record of {} is unfinished", log.path().display()));
            }
            let history = History::of(&events);
            history.newest_attempts().map(|(id, attempt)| (id.to_owned(), attempt)).collect()
        }
        Err(error) => {
            warn(&with_causes(&error));
            HashMap::new()
        }
    }
}

/// The version at `from` with the attempts that its tasks have come to since, and of how many tasks these were others; `None` if of none.
/// A claim from before must not fit a claim to come, and there is no instant between the restore and this one.
fn with_attempts(
    known: &HashMap<String, u64>,
    from: &Path,
    args: &Restore,
) -> Result<Option<(Document, usize)>, Failure> {
    let (mut document, _) = match read(from) {
        Ok(version) => version,
        // By force: what is no queue has no attempts; what is wrong with it is said by the restore.
        Err(_) => return Ok(None),
    };
    match ops::keep_attempts(&mut document, known) {
        Ok(change) if change.value > 0 => Ok(Some((document, change.value))),
        Ok(_) => Ok(None),
        Err(error) if args.force => {
            tracing::warn!("attempts go back, because the version cannot be edited: {error}");
            Ok(None)
        }
        Err(error) => Err(Failure::new(
            Exit::Invalid,
            format!("{}: attempts would go back: {error}; --force restores it all the same", from.display()),
        )),
    }
}

/// The same for what was claimed between that look and the restore, as the version tells that was replaced.
fn keep_attempts(context: &Context, known: &HashMap<String, u64>) -> Result<usize, Failure> {
    if known.is_empty() {
        return Ok(0);
    }
    let restored = context.queue.read()?;
    // By force it may be no queue, or none that can be edited.
    if tasks(&restored).is_err() || restored.check_editable().is_err() {
        return Ok(0);
    }
    Ok(context.queue.apply(|document, _| ops::keep_attempts(document, known))?)
}

/// A file that is gone when this is.
struct Copy(PathBuf);

impl Copy {
    fn of(context: &Context, text: &str) -> Result<Self, Failure> {
        let folder = context.queue.folder().join(".mooring");
        let copy = Self(folder.join(format!("restore.{}.yaml", std::process::id())));
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&copy.0, text));
        written.map_err(|error| Failure::because(format!("cannot write {}", copy.0.display()), error))?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // One that stays does no harm.
        let _ = fs::remove_file(&self.0);
    }
}

//! `queue restore`

use super::Context;
use super::backups::{name, read, saved};
use crate::cli::{Restore, moment};
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use atomic_io::BackupKind;
use jiff::Timestamp;
use queue_cli::{Board, QueueError, Waiting, ops, tasks};
use serde_json::json;
use std::path::{Path, PathBuf};

pub(crate) fn run(context: &Context, args: &Restore) -> Result<Exit, Failure> {
    let from = chosen(context, args)?;
    if !args.force {
        check_version(&from)?;
        check_claims(context)?;
    }
    let was_there = context.queue.path().exists();
    let aside = context.queue.restore(&from)?;
    let attempts_kept = match &aside {
        Some(aside) => keep_attempts(context, aside)?,
        None => 0,
    };
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
            "{attempts_kept} tasks keep the attempt they were at, so that no claim from before comes to life\n"
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
    let Ok((document, tasks)) = context.queue.read().and_then(|document| {
        let tasks = tasks(&document)?;
        Ok((document, tasks))
    }) else {
        return Ok(());
    };
    drop(document);
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

/// A claim of the version that was replaced must not fit a claim to come.
fn keep_attempts(context: &Context, aside: &Path) -> Result<usize, Failure> {
    let Ok((_, replaced)) = read(aside) else { return Ok(0) };
    // Restored by force, it may be no queue.
    if context.queue.read().and_then(|document| tasks(&document)).is_err() {
        return Ok(0);
    }
    Ok(context.queue.apply(|document, _| ops::keep_attempts(document, &replaced))?)
}

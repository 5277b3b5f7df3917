//! Whether the file can be read, and what its tasks say.

use super::finding::{Finding, shown};
use crate::commands::Context;
use crate::commands::backups::{name, read, saved};
use crate::exit::{Exit, with_causes};
use atomic_io::{BackupKind, FileError};
use queue_cli::faults::{FaultKind, faults};
use queue_cli::{QueueError, Task, stamp, tasks};

pub(super) struct Content {
    pub(super) findings: Vec<Finding>,
    /// None of a file that is no valid queue.
    pub(super) tasks: Option<Vec<Task>>,
    /// How the command ends where no other one can work on the queue.
    pub(super) exit: Option<Exit>,
}

pub(super) fn look(context: &Context) -> Content {
    let document = match context.queue.read() {
        Ok(document) => document,
        Err(error) => return unusable(context, &error),
    };
    let file = shown(context.queue.path());
    let faults = faults(&document);
    let is_invalid = faults.iter().any(|fault| fault.kind.is_invalid());
    let mut findings: Vec<Finding> = faults
        .into_iter()
        .map(|fault| {
            let place = match (fault.task.filter(|_| !fault.kind.is_invalid()), fault.line) {
                (Some(task), _) => task,
                _ => file.clone(),
            };
            Finding::problem(fault.kind.word(), place, fault.what).remedy(fault.remedy)
        })
        .collect();
    if let Err(error) = document.check_editable() {
        let what = format!("it can be read, but not changed: {error}");
        findings.push(Finding::problem("read-only-form", &file, what).remedy(
            "rewrite that place, or the whole file with `atomic-io normalize`, which loses its comments",
        ));
    }
    let exit = is_invalid.then_some(Exit::Invalid);
    Content { findings, tasks: tasks(&document).ok(), exit }
}

fn unusable(context: &Context, error: &QueueError) -> Content {
    let file = shown(context.queue.path());
    let (kind, what, exit) = match error {
        QueueError::File(FileError::Invalid { error, .. }) => {
            let place = format!("line {}, column {}", error.line, error.column);
            let what = format!("it is not YAML: {place}: {}: `{}`", error.message, error.line_text.trim());
            (FaultKind::Invalid.word(), what, Exit::Invalid)
        }
        QueueError::File(FileError::NotFound { .. }) => {
            ("missing", "it does not exist".into(), Exit::NotFound)
        }
        error => ("not-looked-at", with_causes(error), Exit::Failure),
    };
    let finding = Finding::problem(kind, file, what).remedy(remedy(context, exit));
    Content { findings: vec![finding], tasks: None, exit: Some(exit) }
}

/// The way back to the newest version that is a queue. What was put aside was displaced by something, so it comes last.
fn remedy(context: &Context, exit: Exit) -> String {
    let by_hand = match exit {
        Exit::Invalid => "mend that line",
        Exit::NotFound => "make it with `queue init`",
        _ => return "see to it that it can be read".into(),
    };
    let versions = context.queue.backups().unwrap_or_default();
    let (aside, kept): (Vec<_>, Vec<_>) =
        versions.into_iter().partition(|version| version.kind == BackupKind::Recovered);
    match kept.iter().chain(&aside).find(|version| version.parses && read(&version.path).is_ok()) {
        None => format!("{by_hand}; there is no version of it to go back to"),
        Some(version) => {
            let file = shown(context.queue.path());
            let (time, name) = (stamp(saved(version)), name(version));
            format!("{by_hand}, or go back to the version of {time}: queue -f {file} restore {name}")
        }
    }
}

//! Whether the event log can be read, and tells all that the queue does.

use super::finding::{Finding, shown};
use crate::commands::Context;
use crate::exit::with_causes;
use atomic_io::{EventError, EventLog, FileError};
use queue_cli::Event;
use queue_cli::recovery::{add_missing, find_missing};

pub(super) fn look(context: &Context, fix: bool, queue_is_valid: bool) -> Vec<Finding> {
    let Some(log) = context.queue.events() else { return Vec::new() };
    let place = shown(log.path());
    let unfinished = match log.read() {
        Ok(events) => events.unfinished,
        Err(EventError::File(FileError::NotFound { .. })) => false,
        Err(error) => return vec![unreadable(log, &error)],
    };
    let mut findings = Vec::new();
    if queue_is_valid {
        findings.extend(missing(context, log, fix));
    }
    if unfinished {
        let what =
            "its last record is unfinished: somebody is writing it now, or was killed while writing it";
        let note = Finding::note("unfinished-record", place, what);
        findings.push(note.remedy("whoever appends next puts what is torn aside"));
    }
    findings
}

fn unreadable(log: &EventLog, error: &EventError) -> Finding {
    let place = shown(log.path());
    let is_content =
        matches!(error, EventError::NotAppendable { .. } | EventError::File(FileError::Invalid { .. }));
    if is_content {
        let what = format!("no event can be read or written: {}", with_causes(error));
        Finding::problem("invalid-log", place, what)
            .remedy("mend that line; the queue itself does not depend on it, and doctor --fix adds what was not written")
    } else {
        Finding::not_looked_at(place, with_causes(error))
    }
}

fn missing(context: &Context, log: &EventLog, fix: bool) -> Vec<Finding> {
    let place = shown(log.path());
    let missing = match find_missing(&context.queue) {
        Ok(missing) => missing,
        Err(error) => return vec![Finding::not_looked_at(place, with_causes(&error))],
    };
    let mended = if fix { add_missing(&context.queue, &missing).map(|_| true) } else { Ok(false) };
    let mut findings: Vec<Finding> = missing.iter().map(|event| lacking(event, log)).collect();
    match mended {
        Ok(fixed) => findings.iter_mut().for_each(|finding| finding.fixed = fixed),
        Err(error) => {
            let what = format!("what is missing cannot be added: {}", with_causes(&error));
            findings.push(Finding::problem("not-mended", place, what).remedy("see to that, and ask again"));
        }
    }
    findings
}

fn lacking(event: &Event, log: &EventLog) -> Finding {
    let (kind, attempt) = (event.kind.word(), event.attempt.unwrap_or_default());
    let log = shown(log.path());
    let what = format!("attempt {attempt} was {kind}, as the queue says, and {log} does not tell");
    let finding = Finding::problem("missing-event", &event.task_id, what);
    Finding { fixable: true, ..finding.remedy("queue doctor --fix adds it to the log, marked `recovered`") }
}

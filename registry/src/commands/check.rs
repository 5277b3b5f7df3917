//! `registry check`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::printable;
use atomic_io::{Document, EventError};
use registry::{Event, Finding, Level, RegistryError, check, ops};
use serde_json::{Value, json};

/// A finding, and whether it was mended.
struct Seen {
    finding: Finding,
    fixed: bool,
}

impl Seen {
    fn remains(&self) -> bool {
        self.finding.level == Level::Problem && !self.fixed
    }
}

pub(crate) fn run(context: &Context, fix: bool) -> Result<Exit, Failure> {
    let document = context.registry.read()?;
    let findings = check(&document)?;
    let is_fixable = |finding: &Finding| fix && finding.fixable;
    if findings.iter().any(is_fixable) {
        context.registry.apply(ops::sync_counters)?;
    }
    let mut seen: Vec<Seen> =
        findings.into_iter().map(|finding| Seen { fixed: is_fixable(&finding), finding }).collect();
    seen.extend(events(context, &document, fix)?);
    // A stable sort: problems first, and the events behind the registry's own.
    seen.sort_by_key(|seen| seen.finding.level);
    let remain = seen.iter().any(Seen::remains);
    let object = || {
        let findings: Vec<Value> = seen.iter().map(json).collect();
        let file = context.registry.path().display().to_string();
        json!({ "file": file, "healthy": !remain, "findings": findings })
    };
    context.show(object, || text(context, &seen, remain));
    Ok(if remain { Exit::Failure } else { Exit::Done })
}

/// The events that the log lacks, which are added if they are to be, and what is wrong with it.
fn events(context: &Context, document: &Document, fix: bool) -> Result<Vec<Seen>, Failure> {
    let missing = match context.registry.missing_events() {
        Ok(missing) => missing,
        Err(RegistryError::Log(error)) => return Ok(vec![broken(&error)]),
        Err(error) => return Err(error.into()),
    };
    let (fixed, trouble) = match fix && !missing.is_empty() {
        false => (false, None),
        true => match context.registry.add_missing_events() {
            Ok(_) => (true, None),
            Err(RegistryError::Log(error)) => (error.is_recorded(), Some(broken(&error))),
            Err(error) => return Err(error.into()),
        },
    };
    let seen = |event: &Event| Seen { finding: missing_event(document, &event.task_id), fixed };
    Ok(missing.iter().map(seen).chain(trouble).collect())
}

fn broken(error: &EventError) -> Seen {
    Seen { finding: Finding::of_log(error), fixed: false }
}

fn missing_event(document: &Document, task: &str) -> Finding {
    let outcomes = document.root().field("task_outcomes");
    let of_task = |found: &atomic_io::Node<'_>| {
        found.field("task_id").and_then(|id| id.str()).is_some_and(|id| id == task)
    };
    let line = outcomes.and_then(|list| list.items().find(of_task)).and_then(|found| found.line());
    Finding::missing_event(task, line)
}

fn json(seen: &Seen) -> Value {
    let mut object = json!(seen.finding);
    object["fixed"] = seen.fixed.into();
    object
}

fn text(context: &Context, seen: &[Seen], remain: bool) -> String {
    let file = context.registry.path().display().to_string();
    let mut text = String::new();
    for Seen { finding, fixed } in seen {
        let word = match finding.level {
            _ if *fixed => "mended",
            Level::Problem => "problem",
            Level::Note => "note",
        };
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        text.push_str(&format!("{word}: {file}{line}: {} [{}]\n", printable(&finding.what), finding.kind));
        if !fixed {
            text.push_str(&format!("    {}\n", printable(&finding.remedy)));
        }
    }
    let state = if remain { "not healthy" } else { "healthy" };
    text.push_str(&format!("{file} is {state}\n"));
    text
}

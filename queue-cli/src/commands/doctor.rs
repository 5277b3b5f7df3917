//! `queue doctor`

mod beside;
mod claims;
mod content;
mod counters;
mod finding;
mod history;
mod locks;

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text};
use finding::{Finding, Level};
use serde_json::json;

/// Looks at everything, also where something before could not be looked at, and with `fix` repairs what takes nothing away.
pub(crate) fn run(context: &Context, fix: bool) -> Result<Exit, Failure> {
    let content = content::look(context);
    let mut findings = content.findings;
    findings.extend(locks::look(context));
    findings.extend(beside::look(context, content.tasks.is_some()));
    if let Some(tasks) = &content.tasks {
        findings.extend(claims::look(context, tasks));
    }
    findings.extend(history::look(context, fix, content.tasks.is_some()));
    if content.tasks.is_some() {
        // After the events: a save would make them look as if they could be on their way.
        findings.extend(counters::look(context, fix));
    }
    // A stable sort: problems first, each kind of thing in the order in which it was looked at.
    findings.sort_by_key(|finding| finding.level);
    let remain = findings.iter().any(Finding::remains);
    tell(context, &findings, remain);
    Ok(match content.exit {
        Some(exit) => exit,
        None if remain => Exit::Failure,
        None => Exit::Done,
    })
}

fn tell(context: &Context, findings: &[Finding], remain: bool) {
    let file = context.queue.path();
    if context.global.json {
        let findings: Vec<_> = findings.iter().map(Finding::json).collect();
        let file = file.display().to_string();
        print_json(&json!({ "file": file, "healthy": !remain, "findings": findings }));
        return;
    }
    let mut text: String = findings.iter().map(Finding::text).collect();
    let count = |is: fn(&Finding) -> bool| findings.iter().filter(|finding| is(finding)).count();
    let counted = [
        (count(|finding| finding.fixed), "mended"),
        (count(Finding::remains), "to be mended"),
        (count(|finding| finding.level == Level::Note && !finding.fixed), "to be known"),
    ];
    let counted: Vec<String> = counted
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let state = if remain { "not healthy" } else { "healthy" };
    let details = if counted.is_empty() { String::new() } else { format!(" ({})", counted.join(", ")) };
    text.push_str(&format!("{} is {state}{details}\n", file.display()));
    print_text(&text);
}

//! `queue reanalyze`

use super::Context;
use crate::cli::Reanalyze;
use crate::exit::{Exit, Failure};
use crate::git::Repository;
use crate::output::{print_json, print_text, printable, to_json};
use atomic_io::{FileError, ParseError};
use jiff::Timestamp;
use queue_cli::QueueError;
use queue_cli::reanalysis::{Changes, Facts, FieldChange, Reanalysis, Rules, TaskChange, Trigger, reanalyze};
use serde_json::{Value, json};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is to be looked at.
pub(crate) struct Request<'a> {
    pub(crate) dry_run: bool,
    pub(crate) triggers: &'a [Trigger],
    pub(crate) rules: Option<&'a Path>,
    pub(crate) since: Option<&'a str>,
}

/// What came of it.
pub(crate) struct Looked {
    pub(crate) reanalysis: Reanalysis,
    /// Why nobody could tell which files changed.
    pub(crate) trouble: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Reanalyze) -> Result<Exit, Failure> {
    if args.print_rules {
        print_text(Rules::BUILT_IN);
        return Ok(Exit::Done);
    }
    let triggers = if args.triggers.is_empty() { &Trigger::ALL[..] } else { &args.triggers };
    let request = Request {
        dry_run: args.dry_run,
        triggers,
        rules: args.rules.as_deref(),
        since: args.since.as_deref(),
    };
    let looked = look(context, &request)?;
    show(context, &looked, args.dry_run);
    // Who asked for it by name must learn of it from the exit code too.
    let was_named = args.triggers.contains(&Trigger::StructuralChange);
    Ok(if looked.trouble.is_some() && was_named { Exit::Failure } else { Exit::Done })
}

/// Goes through the rules, and writes down what they say unless it is a dry run.
pub(crate) fn look(context: &Context, request: &Request<'_>) -> Result<Looked, Failure> {
    let rules = read_rules(request.rules)?;
    let folder = context.queue.folder();
    let repository = Repository::around(&folder);
    let mut trouble = None;
    let mut changes: Option<Changes> = None;
    if rules.ask_for_changes(request.triggers) {
        let since = request.since.unwrap_or(&rules.since);
        let known = repository.as_ref().map_err(String::clone);
        // A run writes these, and what it writes must not make the next one find something.
        let log = context.queue.events().map(|log| log.path().to_owned());
        let own: Vec<PathBuf> = [context.queue.path().to_owned()].into_iter().chain(log).collect();
        match known.and_then(|repository| repository.changes_since(since, &folder, &own)) {
            Ok(known) => changes = Some(known),
            Err(why) => trouble = Some(why),
        }
    }
    let root = repository.as_ref().ok().map(Repository::root);
    let is_gone = |file: &str| {
        let missing = |from: &Path| matches!(from.join(file).try_exists(), Ok(false));
        missing(&folder) && root.is_none_or(missing)
    };
    let facts = Facts { changes: changes.as_ref(), is_gone: &is_gone };
    let reanalysis = if request.dry_run {
        // A check of a long queue after each of thousands of edits would take minutes. A run does the same.
        let mut copy = context.queue.read()?.checked_once();
        let tried = reanalyze(&mut copy, Timestamp::now(), &rules, request.triggers, &facts)?.value;
        if copy.is_sound() {
            tried
        } else {
            reanalyze(&mut context.queue.read()?, Timestamp::now(), &rules, request.triggers, &facts)?.value
        }
    } else {
        context.queue.apply(|document, now| reanalyze(document, now, &rules, request.triggers, &facts))?
    };
    Ok(Looked { reanalysis, trouble })
}

fn read_rules(path: Option<&Path>) -> Result<Rules, Failure> {
    let Some(path) = path else {
        return Rules::built_in().map_err(|error| invalid(Path::new("the built-in rules"), error));
    };
    let text = fs::read_to_string(path).map_err(|source| {
        let path = path.into();
        QueueError::File(match source.kind() {
            ErrorKind::NotFound => FileError::NotFound { path },
            ErrorKind::InvalidData => {
                let message = "this is not UTF-8 text".into();
                let error = ParseError { line: 1, column: 1, message, line_text: String::new() };
                FileError::Invalid { path, error }
            }
            _ => FileError::Read { path, source },
        })
    })?;
    Rules::parse(&text).map_err(|error| invalid(path, error))
}

fn invalid(path: &Path, error: ParseError) -> Failure {
    QueueError::File(FileError::Invalid { path: path.into(), error }).into()
}

/// The same of a dry run as of a run, but for the last line, or the field `dry_run`.
pub(crate) fn show(context: &Context, looked: &Looked, dry_run: bool) {
    let Looked { reanalysis, trouble } = looked;
    if let Some(why) = trouble {
        tracing::warn!("changed files are not looked at: {why}");
    }
    let changes = &reanalysis.changes;
    if context.global.json {
        let skipped = trouble.iter().map(
            |why| json!({ "trigger": Trigger::StructuralChange.word(), "what": "changed files", "why": why }),
        );
        print_json(&json!({
            "tasks": reanalysis.tasks,
            "changes": changes.iter().map(change_json).collect::<Vec<_>>(),
            "skipped": skipped.collect::<Vec<_>>(),
            "dry_run": dry_run,
        }));
        return;
    }
    for change in changes {
        print_change(change);
    }
    let plural = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let (tasks, done) = (plural(reanalysis.tasks, "task"), plural(changes.len(), "change"));
    print_text(&format!("{tasks} looked at, {done}\n"));
    if dry_run {
        print_text("nothing was written: this is a dry run\n");
    }
}

fn print_change(change: &TaskChange) {
    let reasons = change.reasons.iter().map(|reason| format!("{}: {}", reason.trigger.word(), reason.text));
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    print_text(&format!("{}  {}  {}\n", printable(&change.id), change.action.word(), printable(&reasons)));
    for FieldChange { field, before, after, .. } in &change.fields {
        let text = |value: &Option<serde_yaml::Value>| match value {
            Some(value) => to_json(value.clone()).to_string(),
            None => "nothing".into(),
        };
        print_text(&format!("    {field}: {} -> {}\n", text(before), text(after)));
    }
}

fn change_json(change: &TaskChange) -> Value {
    let reason = |reason: &queue_cli::reanalysis::Reason| json!({ "trigger": reason.trigger.word(), "rule": reason.rule, "why": reason.text });
    let field = |change: &FieldChange| {
        let value = |value: &Option<serde_yaml::Value>| value.clone().map(to_json);
        json!({ "field": change.field, "before": value(&change.before), "after": value(&change.after) })
    };
    json!({
        "id": change.id,
        "action": change.action.word(),
        "reasons": change.reasons.iter().map(reason).collect::<Vec<_>>(),
        "fields": change.fields.iter().map(field).collect::<Vec<_>>(),
    })
}

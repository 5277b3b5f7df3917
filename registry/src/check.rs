//! What is wrong with a registry that is one: what its figures and words contradict.

use crate::RegistryError;
use crate::history::{TASK_OUTCOMES, USAGE_HISTORY, task_outcomes, usage_history};
use crate::ops::{SCHEMA, components, counters, mended_counts};
use crate::section::{each_skill, items, map, text};
use crate::selection::same_trigger;
use crate::skill::{Usage, skills};
use atomic_io::{Document, EventError, FileError, Node};
use serde::Serialize;
use std::error::Error;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something is wrong until somebody does something.
    Problem,
    /// Good to know.
    Note,
}

/// One thing that is wrong, or good to know.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Its word, for programs.
    pub kind: &'static str,
    /// How much it matters.
    pub level: Level,
    /// The line, from 1; `None` where none is known.
    pub line: Option<usize>,
    /// What it is.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether it can be mended without taking anything away: by [`sync_counters`](crate::ops::sync_counters), or by
    /// [`add_missing_events`](crate::Registry::add_missing_events) if it is such an event.
    pub fixable: bool,
}

impl Finding {
    /// The kind of an event that the log lacks.
    pub const MISSING_EVENT: &'static str = "missing-event";

    /// That the log does not tell of the outcome of `task`, which stands on `line`.
    pub fn missing_event(task: &str, line: Option<usize>) -> Self {
        let what = format!("the outcome of {task} is not in the event log");
        let finding = Self::at(Self::MISSING_EVENT, line, what, "registry check --fix");
        Self { fixable: true, ..finding }
    }

    /// That something is wrong with the event log, which is a finding like any other.
    pub fn of_log(error: &EventError) -> Self {
        let reason = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        match error {
            EventError::NotAppendable { .. } | EventError::File(FileError::Invalid { .. }) => {
                let what = format!("no event can be read or written: {error}{reason}");
                let remedy = "mend that line; the registry itself does not depend on it, and registry check --fix adds what was not written";
                Self::at("invalid-log", None, what, remedy)
            }
            _ => {
                let what = format!("the event log was not looked at: {error}{reason}");
                Self::at("not-looked-at", None, what, "see to it that it can be read, and ask again")
            }
        }
    }

    fn at(kind: &'static str, line: Option<usize>, what: String, remedy: &str) -> Self {
        Self { kind, level: Level::Problem, line, what, remedy: remedy.into(), fixable: false }
    }
}

/// Looks for counters that have drifted, counts that contradict each other, weights that do not add up to 1, categories that the analysis does not know, triggers that two skills
/// have, tasks with two outcomes, and records of skills that are not there. The problems come first.
///
/// # Errors
///
/// [`RegistryError::Invalid`], with its line, if the file is no registry, or a part of it is of another kind than it should be.
pub fn check(document: &Document) -> Result<Vec<Finding>, RegistryError> {
    skills(document)?;
    usage_history(document)?;
    task_outcomes(document)?;
    let mut findings = drifted(document)?;
    findings.extend(contradictory_counts(document)?);
    findings.extend(weights(document)?);
    findings.extend(categories(document)?);
    findings.extend(doubled_outcomes(document)?);
    findings.extend(triggers(document)?);
    findings.extend(strangers(document)?);
    findings.sort_by_key(|finding| finding.level);
    Ok(findings)
}

fn drifted(document: &Document) -> Result<Vec<Finding>, RegistryError> {
    let finding = |counter: crate::ops::Counter| {
        let says = counter.stored.map_or_else(|| "says nothing".into(), |stored| format!("says {stored}"));
        let truth = match counter.skill {
            Some(_) => format!("the history tells of {}", counter.actual),
            None => format!("there are {}", counter.actual),
        };
        let what = format!("`{}` {says}, but {truth}", counter.path());
        let finding = Finding::at("counter", counter.line, what, "registry check --fix");
        Finding { fixable: true, ..finding }
    };
    Ok(counters(document)?.into_iter().map(finding).collect())
}

/// Counts that the history shows to be too low have drifted, and are told as that.
fn contradictory_counts(document: &Document) -> Result<Vec<Finding>, RegistryError> {
    let mut findings = Vec::new();
    for skill in each_skill(document)? {
        let (id, skill) = skill?;
        let usage = mended_counts(document, skill, &id)?;
        if usage.is_contradictory() {
            let Usage { usage_count, success_count, failure_count, .. } = usage;
            let what = format!(
                "the skill `{id}` succeeded {success_count} times and failed {failure_count} times, but was used {usage_count} times"
            );
            let line = line_of(skill.field("usage").unwrap_or(skill), "usage_count");
            let remedy = "put right the count that is wrong; until then `recalculate` gives no success rate";
            findings.push(Finding::at("counts", line, what, remedy));
        }
    }
    Ok(findings)
}

fn weights(document: &Document) -> Result<Vec<Finding>, RegistryError> {
    let Some(schema) = map(document.root(), SCHEMA, "")? else { return Ok(Vec::new()) };
    let line = schema.field("components").unwrap_or(schema).line();
    let sum: f64 = components(document)?.iter().map(|component| component.weight).sum();
    // Weights are written with a few digits, whose sum in binary is a hair off.
    if (sum - 1.0).abs() < 1e-6 {
        return Ok(Vec::new());
    }
    let what = format!("the weights of `{SCHEMA}` add up to {}, not to 1", (sum * 1e6).round() / 1e6);
    Ok(vec![Finding::at(
        "weights",
        line,
        what,
        "change the weights; until then each counts for its part of the sum",
    )])
}

/// A category is known when the analysis lists it; where there is no such list, all are.
fn categories(document: &Document) -> Result<Vec<Finding>, RegistryError> {
    let Some(analysis) = map(document.root(), "analysis", "")? else { return Ok(Vec::new()) };
    let listed = items(analysis, "category_performance")?;
    let known: Vec<String> = listed.into_iter().filter_map(|item| text(item, "category")).collect();
    let mut findings = Vec::new();
    for skill in each_skill(document)? {
        let (id, skill) = skill?;
        let Some(category) = text(skill, "category").filter(|category| !known.contains(category)) else {
            continue;
        };
        if known.is_empty() {
            continue;
        }
        let line = line_of(skill, "category");
        let what =
            format!("the skill `{id}` is of the category `{category}`, which the analysis does not know");
        let remedy = format!(
            "give it one of {}, or add that one to `analysis.category_performance`",
            known.join(", ")
        );
        findings.push(Finding::at("category", line, what, &remedy));
    }
    Ok(findings)
}

fn doubled_outcomes(document: &Document) -> Result<Vec<Finding>, RegistryError> {
    let mut findings = Vec::new();
    let mut seen: Vec<(String, Option<usize>)> = Vec::new();
    for item in items(document.root(), TASK_OUTCOMES)? {
        let Some(task) = text(item, "task_id") else {
            let what = "this outcome names no task".into();
            findings.push(Finding::at("outcome", item.line(), what, "give it a `task_id`, or remove it"));
            continue;
        };
        match seen.iter().find(|(other, _)| *other == task) {
            Some((_, first)) => {
                let what = format!("{task} has an outcome already{}", on_line(*first));
                findings.push(Finding::at("outcome", item.line(), what, "remove one of them"));
            }
            None => seen.push((task, item.line())),
        }
    }
    Ok(findings)
}

/// A trigger twice in one skill counts once, so one of them is a mistake. Of two skills each may mean it.
fn triggers(document: &Document) -> Result<Vec<Finding>, RegistryError> {
    let mut seen: Vec<(String, String, Option<usize>)> = Vec::new();
    let mut findings = Vec::new();
    for skill in each_skill(document)? {
        let (id, skill) = skill?;
        let list = map(skill, "selection", "")?.and_then(|selection| selection.field("triggers"));
        for item in list.into_iter().flat_map(|list| list.items()) {
            let Some(trigger) = item.str() else { continue };
            if let Some((other, _, first)) = seen.iter().find(|(_, seen, _)| same_trigger(seen, &trigger)) {
                let what = match *other == id {
                    true => format!("the skill `{id}` has the trigger `{trigger}` twice"),
                    false => format!(
                        "the trigger `{trigger}` of the skill `{id}` is also one of `{other}`{}",
                        on_line(*first)
                    ),
                };
                let remedy = "remove one, unless both are meant; `match` counts it for each";
                let finding = Finding::at("trigger", item.line(), what, remedy);
                let level = if *other == id { Level::Problem } else { Level::Note };
                findings.push(Finding { level, ..finding });
            }
            seen.push((id.clone(), trigger.into_owned(), item.line()));
        }
    }
    Ok(findings)
}

fn strangers(document: &Document) -> Result<Vec<Finding>, RegistryError> {
    let known: Vec<String> = skills(document)?.into_iter().map(|skill| skill.id).collect();
    let mut findings = Vec::new();
    for (list, key) in [(USAGE_HISTORY, "skill"), (TASK_OUTCOMES, "skill_used")] {
        for item in items(document.root(), list)? {
            let Some(skill) = text(item, key).filter(|skill| !known.contains(skill)) else { continue };
            let what = format!("an entry of `{list}` names the skill `{skill}`, which is not there");
            let finding =
                Finding::at("stranger", line_of(item, key), what, "add the skill, unless it was removed");
            findings.push(Finding { level: Level::Note, ..finding });
        }
    }
    Ok(findings)
}

fn line_of(node: Node<'_>, key: &str) -> Option<usize> {
    node.field(key).unwrap_or(node).line()
}

fn on_line(line: Option<usize>) -> String {
    line.map(|line| format!(", on line {line}")).unwrap_or_default()
}

//! `registry history`

use super::Context;
use crate::cli::Filter;
use crate::exit::{Exit, Failure};
use crate::output::{cell, counted, table, time};
use registry::UsageRecord;
use serde_json::json;

pub(crate) fn run(context: &Context, filter: &Filter) -> Result<Exit, Failure> {
    let mut uses = context.registry.history()?;
    uses.retain(|found| passes(filter, found.skill.as_ref(), found.task_id.as_ref()));
    let uses = last(uses, filter.limit);
    let row = |found: &UsageRecord| {
        vec![
            cell(found.timestamp.as_ref()),
            cell(found.task_id.as_ref()),
            cell(found.skill.as_ref()),
            cell(found.result.as_ref()),
            time(found.execution_time_ms),
            found.notes.as_ref().map_or_else(String::new, |notes| cell(Some(notes))),
        ]
    };
    let rows = || uses.iter().map(row).collect::<Vec<_>>();
    let header = ["WHEN", "TASK", "SKILL", "RESULT", "TIME", "NOTES"];
    let object = || json!({ "uses": uses });
    context.show(object, || table(&header, &[4], &rows()) + &counted(uses.len(), "use"));
    Ok(Exit::Done)
}

/// Whether a record is of the skill and the task that are asked for.
pub(super) fn passes(filter: &Filter, skill: Option<&String>, task: Option<&String>) -> bool {
    let is = |wanted: &Option<String>, found: Option<&String>| wanted.is_none() || wanted.as_ref() == found;
    is(&filter.skill, skill) && is(&filter.task, task)
}

/// The last so many.
pub(super) fn last<T>(mut all: Vec<T>, limit: Option<usize>) -> Vec<T> {
    let count = limit.unwrap_or(all.len()).min(all.len());
    all.split_off(all.len() - count)
}

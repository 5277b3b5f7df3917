//! `registry outcomes`

use super::Context;
use super::history::{last, passes};
use crate::cli::Filter;
use crate::exit::{Exit, Failure};
use crate::output::{cell, counted, table};
use registry::TaskOutcome;
use serde_json::json;

pub(crate) fn run(context: &Context, filter: &Filter) -> Result<Exit, Failure> {
    let mut outcomes = context.registry.outcomes()?;
    outcomes.retain(|found| passes(filter, found.skill_used.as_ref(), Some(&found.task_id)));
    let outcomes = last(outcomes, filter.limit);
    let row = |found: &TaskOutcome| {
        vec![
            cell(found.timestamp.as_ref()),
            cell(Some(&found.task_id)),
            cell(found.skill_used.as_ref()),
            cell(found.outcome.as_ref()),
            cell(found.duration_minutes),
            cell(found.quality_rating),
            found.notes.as_ref().map_or_else(String::new, |notes| cell(Some(notes))),
        ]
    };
    let rows = || outcomes.iter().map(row).collect::<Vec<_>>();
    let header = ["WHEN", "TASK", "SKILL", "OUTCOME", "MINUTES", "RATING", "NOTES"];
    let object = || json!({ "outcomes": outcomes });
    context.show(object, || table(&header, &[4, 5], &rows()) + &counted(outcomes.len(), "outcome"));
    Ok(Exit::Done)
}

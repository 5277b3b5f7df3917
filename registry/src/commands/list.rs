//! `registry list`

use super::Context;
use crate::cli::List;
use crate::exit::{Exit, Failure};
use crate::output::{cell, counted, table, tenths};
use registry::Skill;
use serde_json::json;

pub(crate) fn run(context: &Context, args: &List) -> Result<Exit, Failure> {
    let skills = match &args.category {
        Some(category) => context.registry.skills_of(category)?,
        None => context.registry.skills()?,
    };
    let object = || json!({ "skills": skills });
    context.show(object, || rows(&skills) + &counted(skills.len(), "skill"));
    Ok(Exit::Done)
}

pub(super) fn rows(skills: &[Skill]) -> String {
    let row = |skill: &Skill| {
        vec![
            cell(Some(&skill.id)),
            cell(Some(&skill.name)),
            cell(skill.category.as_ref()),
            cell(skill.agent.as_ref()),
            skill.usage.usage_count.to_string(),
            tenths(skill.metrics.effectiveness_score),
        ]
    };
    let rows: Vec<_> = skills.iter().map(row).collect();
    table(&["SKILL", "NAME", "CATEGORY", "AGENT", "USED", "SCORE"], &[4, 5], &rows)
}

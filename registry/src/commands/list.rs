//! `registry list`

use crate::cli::List;
use crate::exit::Failure;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use registry::{Registry, Skill};

pub(crate) fn run(registry: &Registry, args: &List, json: bool) -> Result<String, Failure> {
    let mut skills = registry.skills()?;
    if let Some(wanted) = &args.category {
        let is_wanted = |found: &String| found.eq_ignore_ascii_case(wanted);
        skills.retain(|skill| skill.category.as_ref().is_some_and(is_wanted));
    }
    if json {
        return Ok(serde_json::to_string_pretty(&serde_json::json!({ "skills": skills }))? + "\n");
    }
    Ok(match skills.len() {
        0 => "no skills\n".into(),
        1 => format!("{}1 skill\n", table(&skills)),
        count => format!("{}{count} skills\n", table(&skills)),
    })
}

fn table(skills: &[Skill]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["SKILL", "NAME", "CATEGORY", "AGENT", "USED", "SCORE"]);
    for skill in skills {
        table.add_row([
            skill.id.clone(),
            skill.name.clone(),
            skill.category.clone().unwrap_or_else(|| "-".into()),
            skill.agent.clone().unwrap_or_else(|| "-".into()),
            skill.usage.usage_count.to_string(),
            skill.metrics.effectiveness_score.map_or("-".into(), |score| format!("{score:.1}")),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    for number in [4, 5] {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

//! `registry get SKILL`

use crate::cli::Get;
use crate::exit::Failure;
use registry::{Registry, Skill};

pub(crate) fn run(registry: &Registry, args: &Get, json: bool) -> Result<String, Failure> {
    let skill = registry.get(&args.skill)?;
    if json {
        return Ok(serde_json::to_string_pretty(&skill)? + "\n");
    }
    Ok(lines(&skill))
}

/// One fact a line; what is not known has none.
fn lines(skill: &Skill) -> String {
    let percent = |value: Option<f64>| value.map(|value| format!("{value:.1} %"));
    let (usage, metrics, selection) = (&skill.usage, &skill.metrics, &skill.selection);
    let used =
        format!("{} ({} succeeded, {} failed)", usage.usage_count, usage.success_count, usage.failure_count);
    let facts = [
        ("skill", Some(skill.id.clone())),
        ("name", Some(skill.name.clone())),
        ("description", skill.description.clone()),
        ("category", skill.category.clone()),
        ("agent", skill.agent.clone()),
        ("version", skill.version.clone()),
        ("created", skill.created.clone()),
        ("used", Some(used)),
        ("last used", usage.last_used.clone()),
        ("mean time", usage.avg_execution_time_ms.map(|time| format!("{:.2} s", time / 1000.0))),
        ("effectiveness", percent(metrics.effectiveness_score)),
        ("success rate", percent(metrics.success_rate)),
        ("time efficiency", percent(metrics.time_efficiency)),
        ("trigger accuracy", percent(metrics.trigger_accuracy)),
        ("quality", percent(metrics.quality_score)),
        ("reuse", percent(metrics.reuse_rate)),
        ("triggers", Some(selection.triggers.join(", ")).filter(|text| !text.is_empty())),
        ("threshold", percent(selection.confidence_threshold)),
        ("use it for", selection.when_to_use.clone()),
        ("avoid it for", selection.when_to_avoid.clone()),
    ];
    facts
        .into_iter()
        .filter_map(|(what, value)| value.map(|value| format!("{:<17} {value}\n", format!("{what}:"))))
        .collect()
}

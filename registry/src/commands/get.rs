//! `registry get`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{printable, time};
use registry::{Metrics, Skill};
use serde_json::json;

pub(crate) fn run(context: &Context, skill: &str) -> Result<Exit, Failure> {
    let skill = context.registry.get(skill)?;
    context.show(|| json!(skill), || lines(&facts(&skill)));
    Ok(Exit::Done)
}

/// One fact a line; what is not known has none.
pub(super) fn lines(facts: &[(&str, Option<String>)]) -> String {
    let known = facts.iter().filter_map(|(what, value)| Some((what, value.as_ref()?)));
    known.map(|(what, value)| format!("{:<17} {}\n", format!("{what}:"), printable(value))).collect()
}

pub(super) fn metrics(metrics: &Metrics) -> [(&'static str, Option<String>); 6] {
    [
        ("effectiveness", percent(metrics.effectiveness_score)),
        ("success rate", percent(metrics.success_rate)),
        ("time efficiency", percent(metrics.time_efficiency)),
        ("trigger accuracy", percent(metrics.trigger_accuracy)),
        ("quality", percent(metrics.quality_score)),
        ("reuse", percent(metrics.reuse_rate)),
    ]
}

fn percent(value: Option<f64>) -> Option<String> {
    value.map(|value| format!("{value:.1} %"))
}

fn facts(skill: &Skill) -> Vec<(&'static str, Option<String>)> {
    let (usage, roi, selection) = (&skill.usage, &skill.roi, &skill.selection);
    let used =
        format!("{} ({} succeeded, {} failed)", usage.usage_count, usage.success_count, usage.failure_count);
    let mean = usage.avg_execution_time_ms.map(|mean| time(Some(mean)));
    let mut facts = vec![
        ("skill", Some(skill.id.clone())),
        ("name", Some(skill.name.clone())),
        ("description", skill.description.clone()),
        ("category", skill.category.clone()),
        ("agent", skill.agent.clone()),
        ("version", skill.version.clone()),
        ("created", skill.created.clone()),
        ("used", Some(used)),
        ("last used", usage.last_used.clone()),
        ("mean time", mean),
        ("without it", roi.baseline_minutes.map(|minutes| format!("{minutes} min"))),
    ];
    facts.extend(metrics(&skill.metrics));
    facts.extend([
        ("triggers", Some(selection.triggers.join(", ")).filter(|text| !text.is_empty())),
        ("threshold", percent(selection.confidence_threshold)),
        ("use it for", selection.when_to_use.clone()),
        ("avoid it for", selection.when_to_avoid.clone()),
    ]);
    facts
}

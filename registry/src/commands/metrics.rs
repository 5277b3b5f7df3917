//! `registry metrics`

use super::Context;
use super::get::{lines, metrics};
use crate::cli::Metrics;
use crate::exit::{Exit, Failure};
use crate::output::{cell, printable, table, tenths};
use registry::ops::{self, Change, MetricEdit};
use registry::{Analysis, Skill, analysis, confidence_threshold, skill, skills};
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, args: &Metrics) -> Result<Exit, Failure> {
    let Some(id) = &args.skill else { return all(context) };
    let edits: Vec<MetricEdit> = args.set.iter().map(|word| edit(word)).collect::<Result<_, _>>()?;
    let found = if edits.is_empty() {
        context.registry.metrics(id)?
    } else {
        // Read before it is saved: what cannot be told is refused with nothing changed.
        context.registry.apply(|document, now| {
            let events = ops::update_metrics(document, now, id, &edits)?.events;
            Ok(Change { value: skill(document, id)?.metrics, events })
        })?
    };
    let text = || lines(&[("skill", Some(id.clone()))]) + &lines(&metrics(&found));
    context.show(|| json!({ "id": id, "metrics": found }), text);
    Ok(Exit::Done)
}

fn edit(word: &str) -> Result<MetricEdit, Failure> {
    let wrong = || {
        Failure::new(Exit::Usage, format!("`{word}` is no metric with its value: give NAME=VALUE, or NAME="))
    };
    let (name, text) = word.split_once('=').ok_or_else(wrong)?;
    let value = if text.is_empty() { None } else { Some(text.parse().ok().ok_or_else(wrong)?) };
    Ok(MetricEdit { name: name.into(), value })
}

fn all(context: &Context) -> Result<Exit, Failure> {
    let document = context.registry.read()?;
    let (skills, analysis) = (skills(&document)?, analysis(&document)?);
    let threshold = confidence_threshold(&document)?;
    let object = || {
        let of = |skill: &Skill| json!({ "id": skill.id, "metrics": skill.metrics });
        let skills: Vec<Value> = skills.iter().map(of).collect();
        json!({
            "skills": skills,
            "categories": analysis.category_performance,
            "roi": analysis.roi_summary,
            "last_calculated": analysis.last_calculated,
            "confidence_threshold": threshold,
        })
    };
    context.show(object, || tables(&skills, &analysis));
    Ok(Exit::Done)
}

fn tables(skills: &[Skill], analysis: &Analysis) -> String {
    let of_skill = |skill: &Skill| {
        let of = &skill.metrics;
        let values = [
            of.effectiveness_score,
            of.success_rate,
            of.time_efficiency,
            of.trigger_accuracy,
            of.quality_score,
            of.reuse_rate,
        ];
        std::iter::once(printable(&skill.id)).chain(values.map(tenths)).collect()
    };
    let rows: Vec<Vec<String>> = skills.iter().map(of_skill).collect();
    let header = ["SKILL", "SCORE", "SUCCESS", "TIME", "TRIGGER", "QUALITY", "REUSE"];
    let mut text = table(&header, &[1, 2, 3, 4, 5, 6], &rows);
    let rows: Vec<Vec<String>> = analysis
        .category_performance
        .iter()
        .map(|of| {
            vec![
                printable(&of.category),
                tenths(of.avg_effectiveness),
                cell(of.total_tasks),
                tenths(of.success_rate),
            ]
        })
        .collect();
    let categories = table(&["CATEGORY", "SCORE", "USED", "SUCCESS"], &[1, 2, 3], &rows);
    if !categories.is_empty() {
        text.push('\n');
        text.push_str(&categories);
    }
    if let Some(saved) = analysis.roi_summary.total_time_saved_minutes {
        text.push_str(&format!("\ntime saved: {saved} min\n"));
    }
    text
}

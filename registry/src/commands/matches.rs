//! `registry match`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{printable, table};
use registry::{Match, TriggerRule, auto_trigger_rules, matches};
use serde_json::json;

pub(crate) fn run(context: &Context, words: &[String]) -> Result<Exit, Failure> {
    let text = words.join(" ");
    let document = context.registry.read()?;
    let found = matches(&document, &text)?;
    let mut rules = auto_trigger_rules(&document)?;
    rules.retain(|rule| rule.applies_to(&text));
    let object = || json!({ "text": text, "matches": found, "rules": rules });
    context.show(object, || lines(&found, &rules));
    Ok(Exit::Done)
}

fn lines(found: &[Match], rules: &[TriggerRule]) -> String {
    let row = |found: &Match| {
        let sure = if found.is_confident { "yes" } else { "no" };
        vec![
            printable(&found.id),
            found.score.to_string(),
            sure.into(),
            printable(&found.triggers.join(", ")),
        ]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    let mut text = table(&["SKILL", "SCORE", "SURE", "TRIGGERS"], &[1], &rows);
    if text.is_empty() {
        text.push_str("no skill fits\n");
    }
    for rule in rules {
        let name = rule.rule_id.as_ref().or(rule.name.as_ref());
        let name = name.map_or("a rule", String::as_str);
        let action = rule.action.as_ref().or(rule.name.as_ref()).map_or("applies", String::as_str);
        text.push_str(&printable(&format!("{name}: {action}")));
        text.push('\n');
    }
    text
}

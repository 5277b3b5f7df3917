//! `queue export`

use super::{Context, plan_json, plan_yaml, produce};
use crate::cli::Export;
use crate::exit::{Exit, Failure};
use jiff::Timestamp;
use queue_cli::plan::{Plan, Score, scores};
use queue_cli::{Board, stamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) fn run(context: &Context, args: &Export) -> Result<Exit, Failure> {
    let document = context.queue.read()?;
    let now = Timestamp::now();
    let plan = Plan::of(&document)?;
    let is_over = context.is_over();
    let ready = Board::new(&plan.tasks, now, &is_over).ready().len();
    let mut head = Map::new();
    head.insert("generated_at".into(), stamp(now).into());
    head.insert("counts".into(), counts(&plan, ready));
    head.extend(plan_json::schedule(&plan));
    head.extend(plan_json::troubles(&plan));
    let head = Value::Object(head);
    let scores = scores(&document)?;
    let tasks = tasks(&plan, &scores);
    let text = if context.global.json { as_json(&head, tasks) } else { as_yaml(&head, tasks) };
    produce(context, args.output.as_deref(), &text)
}

/// One task after the other: all of them at once, as values, are ten times as large as their text.
fn as_yaml(head: &Value, tasks: impl Iterator<Item = Value>) -> String {
    let mut text = plan_yaml::text(head);
    let mut tasks = tasks.peekable();
    text.push_str(if tasks.peek().is_some() { "tasks:\n" } else { "tasks: []\n" });
    for task in tasks {
        plan_yaml::push_item(task, &mut text);
    }
    text
}

fn as_json(head: &Value, tasks: impl Iterator<Item = Value>) -> String {
    let mut text = format!("{head:#}");
    text.truncate(text.trim_end_matches(['}', '\n']).len());
    text.push_str(",\n  \"tasks\": [");
    let mut end = "]\n}\n";
    for (number, task) in tasks.enumerate() {
        // No string has a line break of its own in JSON.
        let task = format!("{task:#}").replace('\n', "\n    ");
        text.push_str(&format!("{}\n    {task}", if number == 0 { "" } else { "," }));
        end = "\n  ]\n}\n";
    }
    text.push_str(end);
    text
}

fn counts(plan: &Plan, ready: usize) -> Value {
    let mut by_status: BTreeMap<String, usize> = BTreeMap::new();
    for task in &plan.tasks {
        *by_status.entry(task.status.to_string()).or_default() += 1;
    }
    json!({
        "total": plan.tasks.len(),
        "open": plan.order.len() + plan.left_out.len(),
        "ready": ready,
        "planned": plan.order.len(),
        "left_out": plan.left_out.len(),
        "waves": plan.waves.len(),
        "by_status": by_status,
    })
}

/// Each task in names that are the same whatever dialect the file has, in the order of the file.
fn tasks<'a>(plan: &'a Plan, scores: &'a [Score]) -> impl Iterator<Item = Value> + 'a {
    let mut place_in_order: Vec<Option<usize>> = vec![None; plan.tasks.len()];
    for (number, place) in plan.order.iter().enumerate() {
        place_in_order[*place] = Some(number + 1);
    }
    let mut wave_of: Vec<Option<usize>> = vec![None; plan.tasks.len()];
    for (number, wave) in plan.waves.iter().enumerate() {
        wave.tasks.iter().for_each(|place| wave_of[*place] = Some(number + 1));
    }
    let one = move |(score, place): (&Score, usize)| {
        let task = &plan.tasks[place];
        json!({
            "id": task.id,
            "title": task.title,
            "type": task.kind,
            "status": task.status.word(),
            "priority": task.priority_word,
            "priority_score": task.priority_score,
            "computed_score": score.computed.as_ref().ok(),
            "estimated_minutes": plan.minutes[place].map(plan_json::minutes),
            "resource": task.resource,
            "parallel_group": task.parallel_group,
            "blocked_by": task.blocked_by,
            "waits_for": plan.ids(&plan.open_blockers[place]),
            "claimed_by": task.claimed_by,
            "place": place_in_order[place],
            "wave": wave_of[place],
        })
    };
    scores.iter().zip(0..).map(one)
}

//! The parts of a plan as objects, for `resolve --json` and for `export`.

use queue_cli::plan::{Field, Plan};
use serde_json::{Map, Value, json};

/// A time without a needless `.0`.
pub(super) fn minutes(minutes: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole, and small enough for every whole number to be one"
    )]
    if minutes.fract() == 0.0 && minutes.abs() < 9e15 { json!(minutes as i64) } else { json!(minutes) }
}

/// What stands in the way: circles, missing tasks, disagreements, conflicts, and what is left out for it.
pub(super) fn troubles(plan: &Plan) -> Map<String, Value> {
    let id = |place: usize| plan.tasks[place].id.as_str();
    let circles: Vec<_> = plan.circles.iter().map(|circle| plan.ids(circle)).collect();
    let word = |field: Field| match field {
        Field::WaitsFor => "waits_for",
        Field::Blocks => "blocks",
    };
    let missing = plan.missing.iter().map(
        |missing| json!({ "task": id(missing.task), "missing": missing.id, "named_in": word(missing.field) }),
    );
    let disagreements = plan.disagreements.iter().map(
        |one| json!({ "blocker": id(one.blocker), "blocked": id(one.blocked), "said_in": word(one.said_in) }),
    );
    let left_out = plan.left_out.iter().map(
        |left| json!({ "id": id(left.task), "status": plan.tasks[left.task].status.word(), "why": left.why }),
    );
    let mut object = Map::new();
    object.insert("cycles".into(), json!(circles));
    object.insert("more_cycles".into(), json!(plan.more_circles));
    object.insert("missing".into(), missing.collect());
    object.insert("disagreeing".into(), disagreements.collect());
    object.insert("conflicts".into(), conflicts(plan));
    object.insert("left_out".into(), left_out.collect());
    object
}

fn conflicts(plan: &Plan) -> Value {
    let one = |conflict: &queue_cli::plan::Conflict| {
        let together = conflict.side_by_side.iter();
        let together: Vec<Value> =
            together.map(|(wave, tasks)| json!({ "wave": wave, "tasks": plan.ids(tasks) })).collect();
        json!({
            "resource": conflict.resource, "tasks": plan.ids(&conflict.tasks), "side_by_side": together,
        })
    };
    plan.conflicts.iter().map(one).collect()
}

/// What can be done: the order, the waves, and the critical path.
pub(super) fn schedule(plan: &Plan) -> Map<String, Value> {
    let waves = plan.waves.iter().enumerate().map(|(place, wave)| {
        json!({
            "wave": place + 1, "tasks": plan.ids(&wave.tasks), "alone": plan.ids(&wave.alone),
            "minutes": minutes(wave.minutes),
        })
    });
    let path = &plan.critical_path;
    let mut object = Map::new();
    object.insert("order".into(), json!(plan.ids(&plan.order)));
    object.insert("waves".into(), waves.collect());
    object.insert(
        "critical_path".into(),
        json!({ "tasks": plan.ids(&path.tasks), "minutes": minutes(path.minutes) }),
    );
    object
}

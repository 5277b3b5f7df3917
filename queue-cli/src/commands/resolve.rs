//! `queue resolve`

use super::{Context, plan_json};
use crate::cli::Resolve;
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use queue_cli::plan::{Conflict, Field, Plan};
use serde_json::{Map, Value};
use std::fmt::Write;

pub(crate) fn run(context: &Context, args: &Resolve) -> Result<Exit, Failure> {
    let plan = Plan::of(&context.queue.read()?)?;
    if context.global.json {
        let mut object = Map::new();
        object.insert("tasks".into(), plan.tasks.len().into());
        object.extend(plan_json::schedule(&plan));
        object.extend(plan_json::troubles(&plan));
        print_json(&Value::Object(object));
    } else {
        print_text(&as_text(&plan));
    }
    Ok(if args.check && !plan.is_sound() { Exit::Failure } else { Exit::Done })
}

fn as_text(plan: &Plan) -> String {
    let mut text = String::new();
    section(&mut text, "in a circle", plan.circles.iter().map(|circle| path(plan, circle, " waits for ")));
    if plan.more_circles {
        text.push_str("  and others, among the same tasks\n");
    }
    section(&mut text, "missing", missing(plan));
    let title = format!("dependencies that disagree ({})", plan.disagreements.len());
    section(&mut text, &title, disagreements(plan));
    section(&mut text, "conflicts", plan.conflicts.iter().map(|conflict| self::conflict(plan, conflict)));
    for (number, wave) in plan.waves.iter().enumerate() {
        let title =
            format!("wave {} ({}, {} min)", number + 1, counted(wave.tasks.len(), "task"), wave.minutes);
        section(&mut text, &title, wave.tasks.iter().map(|place| task(plan, *place)));
    }
    let critical = &plan.critical_path;
    if !critical.tasks.is_empty() {
        let title =
            format!("critical path ({}, {} min)", counted(critical.tasks.len(), "task"), critical.minutes);
        section(&mut text, &title, [path(plan, &critical.tasks, " -> ")].into_iter());
    }
    let id = |place: usize| printable(&plan.tasks[place].id);
    let left_out = plan.left_out.iter().map(|left| format!("{}: {}", id(left.task), printable(&left.why)));
    section(&mut text, &format!("left out ({})", plan.left_out.len()), left_out);
    if plan.is_sound() {
        text.push_str("no dependency is in a circle, missing or in disagreement\n");
    }
    let _ = writeln!(
        text,
        "{}: {} planned in {}, {} left out",
        counted(plan.tasks.len(), "task"),
        plan.order.len(),
        counted(plan.waves.len(), "wave"),
        plan.left_out.len()
    );
    text
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    for (number, line) in lines.enumerate() {
        if number == 0 {
            let _ = writeln!(text, "{title}:");
        }
        let _ = writeln!(text, "  {line}");
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn path(plan: &Plan, places: &[usize], between: &str) -> String {
    printable(&plan.ids(places).join(between))
}

fn missing(plan: &Plan) -> impl Iterator<Item = String> {
    plan.missing.iter().map(|missing| {
        let (task, id) = (printable(&plan.tasks[missing.task].id), printable(&missing.id));
        match missing.field {
            Field::WaitsFor => format!("{task} waits for {id}, which is not in the queue"),
            Field::Blocks => format!("{task} says that it blocks {id}, which is not in the queue"),
        }
    })
}

fn disagreements(plan: &Plan) -> impl Iterator<Item = String> {
    plan.disagreements.iter().map(|one| {
        let id = |place: usize| printable(&plan.tasks[place].id);
        let (blocker, blocked) = (id(one.blocker), id(one.blocked));
        match one.said_in {
            Field::WaitsFor => format!("{blocked} waits for {blocker}, whose `blocks` does not name it"),
            Field::Blocks => format!("{blocker} says that it blocks {blocked}, which does not wait for it"),
        }
    })
}

fn conflict(plan: &Plan, conflict: &Conflict) -> String {
    let names = |places: &[usize]| printable(&plan.ids(places).join(", "));
    let mut text = format!("{}: {}", printable(&conflict.resource), names(&conflict.tasks));
    for (wave, tasks) in &conflict.side_by_side {
        let _ = write!(text, "; side by side in wave {wave}: {}", names(tasks));
    }
    text
}

/// A task of a wave: what it is now if that is more than pending, how long it takes, what it is about.
fn task(plan: &Plan, place: usize) -> String {
    let task = &plan.tasks[place];
    let mut words = vec![format!("{} {}", task.id, task.priority_text())];
    if task.status.word() != "pending" {
        words.push(task.status.word().to_owned());
    }
    words.extend(plan.minutes[place].map(|minutes| format!("{minutes} min")));
    words.extend(task.runs_alone().then(|| "alone".to_owned()));
    let title = if task.title.is_empty() { String::new() } else { format!(": {}", task.title) };
    printable(&format!("{}{title}", words.join(", ")))
}

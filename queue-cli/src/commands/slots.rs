//! `queue slots` and `queue slots set`

use super::Context;
use super::edit::value;
use crate::cli::{Slots, SlotsVerb};
use crate::exit::{Exit, Failure};
use crate::output::{print_json, print_text, printable};
use crate::table::{print_table, table};
use atomic_io::{DocPath, SharedFile};
use queue_cli::QueueError;
use queue_cli::slots::{Slot, set_field, slots};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn run(context: &Context, args: &Slots) -> Result<Exit, Failure> {
    let usual = context.usual_slots_file();
    let path = args.state.as_deref().unwrap_or(&usual);
    let file = SharedFile::at(path).wait(context.lock_wait());
    match &args.verb {
        None => show(context, path, &file),
        Some(SlotsVerb::Set { slot, field, value: text }) => {
            let field: DocPath = field.parse().map_err(QueueError::from)?;
            let value = if text == "null" { Value::Null } else { value(text, false)? };
            file.update(|document| set_field(document, slot, &field, &value))
                .map_err(|error| Failure::in_file(path, QueueError::from(error)))?;
            if context.global.json {
                print_json(&json!({ "slot": slot, "field": field.to_string(), "value": value }));
            }
            Ok(Exit::Done)
        }
    }
}

fn show(context: &Context, path: &Path, file: &SharedFile) -> Result<Exit, Failure> {
    let document = file.read().map_err(QueueError::from)?;
    let slots = slots(&document).map_err(|error| Failure::in_file(path, error))?;
    if context.global.json {
        let object = |slot: &Slot| {
            let limit = slot.max_duration.map(|limit| limit.as_secs());
            json!({
                "name": slot.name,
                "status": slot.status,
                "profile": slot.profile.word(),
                "max_duration_s": limit,
                "current_task": slot.current_task,
                "usable": slot.is_usable(),
            })
        };
        let path = path.display().to_string();
        print_json(&json!({ "file": path, "slots": slots.iter().map(object).collect::<Vec<Value>>() }));
        return Ok(Exit::Done);
    }
    if slots.is_empty() {
        print_text(&format!("{} describes no slots\n", path.display()));
        return Ok(Exit::Done);
    }
    let mut table = table(&["slot", "status", "profile", "limit", "task"]);
    for slot in &slots {
        let limit = slot.max_duration.map_or("-".into(), |limit| format!("{limit:#}"));
        let task = slot.current_task.as_deref().unwrap_or("-");
        table.add_row([
            printable(&slot.name),
            printable(&slot.status),
            printable(slot.profile.word()),
            limit,
            printable(task),
        ]);
    }
    print_table(&table);
    Ok(Exit::Done)
}

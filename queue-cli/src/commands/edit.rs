//! `queue edit`

use super::Context;
use crate::cli::Edit;
use crate::exit::{Exit, Failure};
use crate::output::{fields_json, print_json, print_text};
use atomic_io::Document;
use queue_cli::ops::{self, Change, FieldEdit};
use queue_cli::{QueueError, tasks};
use serde_json::{Value, json};

pub(crate) fn run(context: &Context, args: &Edit) -> Result<Exit, Failure> {
    let mut edits = Vec::new();
    for word in &args.fields {
        let Some((field, text)) = word.split_once('=') else {
            let message = format!("`{word}` has no value: give FIELD=VALUE, or --unset FIELD");
            return Err(Failure::new(Exit::Usage, message));
        };
        edits.push(FieldEdit { field: field.into(), value: Some(value(text, args.string)?) });
    }
    edits.extend(args.unset.iter().map(|field| FieldEdit { field: field.clone(), value: None }));
    if edits.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            "nothing is to be changed: give FIELD=VALUE, or --unset FIELD",
        ));
    }
    let task = context.queue.apply(|document, _| {
        let change = ops::edit(document, &args.id, &edits)?;
        let task = tasks(document)?.into_iter().find(|task| task.id == args.id);
        let item = task.map(|task| document.node(task.path())).transpose()?.flatten();
        Ok::<_, QueueError>(Change { value: item.map(fields_json).transpose()?, events: change.events })
    })?;
    if context.global.json {
        print_json(&json!({ "id": args.id, "task": task }));
    } else if !context.global.quiet {
        print_text(&format!("{} is changed\n", args.id));
    }
    Ok(Exit::Done)
}

/// A value as somebody types it: what begins like a list, a mapping or a quoted text is YAML, and so are numbers, `true` and
/// `false`; all else is a text, whatever signs it has in it.
pub(super) fn value(text: &str, is_text: bool) -> Result<Value, Failure> {
    let yaml = text.starts_with(['[', '{', '"', '\'']);
    if is_text || text.is_empty() {
        return Ok(text.into());
    }
    let parsed = Document::parse(text).map_err(|error| error.to_string());
    let parsed = parsed.and_then(|document| document.get::<Value>(".").map_err(|error| error.to_string()));
    match parsed {
        Ok(value) if yaml || value.is_number() || value.is_boolean() => Ok(value),
        Err(error) if yaml => Err(Failure::new(
            Exit::Usage,
            format!("`{text}` is no YAML ({error}); --string takes it as it is"),
        )),
        _ => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_look_like() {
        let read = |text| value(text, false).unwrap();
        assert_eq!(read("30"), json!(30));
        assert_eq!(read("true"), json!(true));
        assert_eq!(read("[a, b]"), json!(["a", "b"]));
        assert_eq!(read("'30'"), json!("30"));
        assert_eq!(read("Fix: the #1 thing"), json!("Fix: the #1 thing"));
        assert_eq!(read("~"), json!("~"));
        assert_eq!(read(""), json!(""));
        assert_eq!(value("30", true).unwrap(), json!("30"));
        assert_eq!(value("[a", false).unwrap_err().exit(), Exit::Usage);
    }
}

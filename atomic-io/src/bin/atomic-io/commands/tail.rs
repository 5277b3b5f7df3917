//! `atomic-io tail`

use crate::cli::Tail;
use crate::context::Context;
use crate::exit::Failure;
use crate::output::{Answer, say, to_json};
use atomic_io::Document;
use serde_json::json;
use serde_yaml::Value;

pub(crate) fn run(context: &Context, args: &Tail) -> Result<Answer, Failure> {
    let events = context.log(&args.file).last(args.count)?;
    if context.global.json {
        let records: Vec<_> = events.records.into_iter().map(to_json).collect();
        let file = args.file.display().to_string();
        let json = json!({"file": file, "records": records, "unfinished": events.unfinished});
        return Ok(Answer::new("", json));
    }
    if events.unfinished {
        say(&format!("atomic-io: {}: an unfinished record at the end is left out", args.file.display()));
    }
    let text = match events.records.is_empty() {
        true => String::new(),
        false => Document::of(&Value::Sequence(events.records))
            .map_err(Failure::in_document(&args.file))?
            .into_text(),
    };
    Ok(Answer::new(text, json!({})))
}

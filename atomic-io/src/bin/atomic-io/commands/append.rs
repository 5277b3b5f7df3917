//! `atomic-io append`

use crate::cli::Append;
use crate::context::{Context, document, refuse_within_lock, standard_input};
use crate::exit::Failure;
use crate::output::Answer;
use atomic_io::Appended;
use serde_json::json;
use serde_yaml::Value;

pub(crate) fn run(context: &Context, args: Append) -> Result<Answer, Failure> {
    let (text, what) = match args.event {
        Some(text) => (text, "the event"),
        None => (standard_input()?, "standard input"),
    };
    let event = document(text, what)?;
    let event: Value =
        event.get(".").map_err(|error| Failure::because(format!("cannot read {what}"), error))?;
    refuse_within_lock(&args.file)?;
    let log = context.log(&args.file);
    let appended = match &args.key {
        Some(key) => log.append_once(&event, key)?,
        None => log.append(&event).map(|()| Appended::Now)?,
    };
    let file = args.file.display().to_string();
    Ok(Answer::new("", json!({"file": file, "appended": appended == Appended::Now})))
}

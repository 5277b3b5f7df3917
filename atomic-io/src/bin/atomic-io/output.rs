//! Text for people, JSON for programs. No colours.

use crate::exit::{Exit, Failure};
use serde_json::{Map, Value, json};
use std::io::{self, ErrorKind, Write};

/// What a command has to say, in both forms.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) json: Value,
    /// How the program ends; not always well: `check` has something to say also when a file is invalid.
    pub(crate) exit: Exit,
}

impl Answer {
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, exit: Exit::Done }
    }

    /// Of a command that changes a file, and says nothing to people when that went well.
    pub(crate) fn changed(file: &std::path::Path, changed: bool) -> Self {
        Self::new("", json!({"file": file.display().to_string(), "changed": changed}))
    }
}

/// Prints an answer on standard output. Whoever reads it may have gone (`atomic-io tail … | head -1`), and that is no failure of ours.
pub(crate) fn print(answer: &Answer, as_json: bool) -> Result<(), Failure> {
    let text = if as_json { format!("{:#}\n", answer.json) } else { answer.text.clone() };
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::because("cannot write to standard output", error))
        }
        _ => Ok(()),
    }
}

/// Says something on standard error. Where nobody can hear it, it is not said; `eprintln!` would panic.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Text from a file, fit for a terminal: what would move the cursor is shown as an escape.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let is_harmless = matches!(character, '\n' | '\t') || !character.is_control();
        if is_harmless { out.push(character) } else { out.extend(character.escape_default()) }
    }
    out
}

/// A YAML value as JSON. Keys that are no strings are spelt as such; JSON knows no others.
pub(crate) fn to_json(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => json!(number),
            (_, Some(number), _) => json!(number),
            // JSON has no word for infinity and none for "not a number".
            (.., Some(float)) if !float.is_finite() => Value::String(number.to_string()),
            (.., float) => json!(float),
        },
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items.into_iter().map(to_json).collect(),
        Yaml::Mapping(entries) => {
            let entry = |(key, value)| (key_text(to_json(key)), to_json(value));
            Value::Object(entries.into_iter().map(entry).collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => to_json(tagged.value),
    }
}

fn key_text(key: Value) -> String {
    match key {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

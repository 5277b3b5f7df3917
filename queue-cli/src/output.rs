//! Text for people, JSON for programs.

use crate::exit::Exit;
use atomic_io::Node;
use queue_cli::{Board, QueueError, Task};
use serde_json::{Map, Value, json};
use std::io::{self, ErrorKind, IsTerminal, Write};

/// What a cell means, for terminals with colours. The text always says it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Bad,
    Waiting,
}

/// Whether standard output is to be coloured.
pub(crate) fn colour_wanted(no_color: bool) -> bool {
    !no_color
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && io::stdout().is_terminal()
}

/// Prints one JSON object.
pub(crate) fn print_json(value: &Value) {
    print_text(&format!("{value:#}\n"));
}

/// Prints to standard output. Whoever reads it may have gone (`queue list | head`), and that is no failure of ours; any other
/// reason is, because what was to be said may be needed, as the attempt of a claim is.
pub(crate) fn print_text(text: &str) {
    match print(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            say(&format!("queue: cannot write to standard output: {error}; it was:\n{}", text.trim_end()));
            std::process::exit(Exit::Failure as i32);
        }
        _ => {}
    }
}

/// Prints what does not end by itself, byte for byte. When nobody reads it any more this program is over, and well.
pub(crate) fn print_stream(bytes: &[u8]) {
    match print(bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(Exit::Done as i32),
        Err(error) => {
            say(&format!("queue: cannot write to standard output: {error}"));
            std::process::exit(Exit::Failure as i32);
        }
    }
}

fn print(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}

/// Says something on standard error. Where nobody can hear it, it is not said; `eprintln!` would panic.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Text from a file, fit for a terminal: what would move the cursor, break the row or turn its direction is shown as an escape.
pub(crate) fn printable(text: &str) -> String {
    let turns = |character| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || turns(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

/// The same for a text of several lines.
pub(crate) fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// One task as an object: what the rules know of it, and under `task` all its fields as they stand in the file.
pub(crate) fn task_json(board: &Board<'_>, task: &Task, item: Option<Node<'_>>) -> Result<Value, QueueError> {
    let waiting = board.waiting(task);
    Ok(json!({
        "id": task.id,
        "title": task.title,
        "status": task.status.word(),
        "priority": task.priority_word,
        "ready": waiting.is_none(),
        "waiting": waiting.map(|why| why.to_string()),
        "attempt": task.attempt,
        "claimed_by": task.claimed_by,
        "task": item.map(fields_json).transpose()?,
    }))
}

/// A YAML value as JSON. Keys that are no strings are spelt as such; JSON knows no others.
pub(crate) fn fields_json(item: Node<'_>) -> Result<Value, QueueError> {
    Ok(to_json(item.get::<serde_yaml::Value>()?))
}

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

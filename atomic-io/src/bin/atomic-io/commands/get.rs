//! `atomic-io get`

use crate::cli::Get;
use crate::context::Context;
use crate::exit::Failure;
use crate::output::{Answer, to_json};
use atomic_io::{Document, DocumentError, Node};
use serde_json::json;
use serde_yaml::Value;

pub(crate) fn run(context: &Context, args: &Get) -> Result<Answer, Failure> {
    let failed = Failure::in_document(&args.file);
    let document = context.file(&args.file).read()?;
    let node = document.node(&args.path).map_err(&failed)?;
    let node = node.ok_or_else(|| failed(DocumentError::NotFound { path: args.path.clone() }))?;
    if context.global.json {
        let value = document.get::<Value>(&args.path).map_err(&failed)?;
        let file = args.file.display().to_string();
        return Ok(Answer::new("", json!({"file": file, "path": args.path, "value": to_json(value)})));
    }
    let mut text = match node.str() {
        Some(text) => text.into_owned(),
        None => collection(&document, node).map_err(&failed)?,
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(Answer::new(text, json!({})))
}

/// A list, a mapping or null as YAML of its own.
fn collection(document: &Document, node: Node<'_>) -> Result<String, DocumentError> {
    if node.is_null() {
        return Ok("null".to_owned());
    }
    match node.raw() {
        Some(raw) => Ok(dedented(document.text(), raw)),
        None => Ok(Document::of(&node.get::<Value>()?)?.into_text()),
    }
}

/// `raw`, a part of `text`, moved to column 0: its first line begins behind a key or dash, the others are indented.
fn dedented(text: &str, raw: &str) -> String {
    let at = (raw.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let column = at - line_start;
    let mut lines = raw.split_inclusive('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |mut out, line| {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        out.push_str(&line[spaces.min(column)..]);
        out
    })
}

//! From the bytes of a log to its records.

use super::error::EventError;
use super::heal;
use crate::document::without_mark;
use crate::shared_file::parse;
use crate::target::Target;
use crate::{FileError, ParseError};
use serde_yaml::Value;

/// What a log held when it was read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Events {
    /// The records, in the order of the file: each as parsed YAML, those of other programs among them.
    pub records: Vec<Value>,
    /// Whether something at the end was left out: a record that is being written at this moment, or was torn by a crash.
    pub unfinished: bool,
}

/// The records in `bytes`, without what is torn at their end.
pub(super) fn events(target: &Target, bytes: Vec<u8>) -> Result<Events, EventError> {
    let Some(from) = heal::judged_from(&bytes, true) else { return unstamped(target, bytes) };
    if heal::torn_since_stamp(&bytes[from..]).is_empty() {
        return Ok(Events { records: records(target, bytes)?, unfinished: false });
    }
    let torn = heal::torn_in_log(&bytes, from);
    let whole = heal::filled(&bytes, &torn).into_owned();
    Ok(Events { records: records(target, whole)?, unfinished: !torn.is_empty() })
}

/// The items of the list in `bytes`; a file that holds nothing has none.
pub(super) fn records(target: &Target, bytes: Vec<u8>) -> Result<Vec<Value>, EventError> {
    let (_, value) = value(target, bytes)?;
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Sequence(records) => Ok(records),
        _ => Err(EventError::NotAppendable {
            path: target.given.clone(),
            line: 1,
            reason: "the file holds no list",
        }),
    }
}

/// The text and what it means; or where it stops being YAML.
pub(super) fn value(target: &Target, bytes: Vec<u8>) -> Result<(String, Value), FileError> {
    if let Some(at) = memchr::memchr(0, &bytes) {
        // What a power cut leaves. The parsers do not say where.
        let before = String::from_utf8_lossy(&bytes[..at]);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let (line, column) = (1 + before.matches('\n').count(), 1 + before[line_start..].chars().count());
        return Err(invalid(target, line, column, "a NUL byte", &before[line_start..]));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // It is known to fail, and says where.
        Err(error) => {
            let error = parse(target, error.into_bytes()).err();
            return Err(error.unwrap_or_else(|| invalid(target, 1, 1, "the bytes here are not UTF-8", "")));
        }
    };
    // A document that has nothing but comments is null.
    match serde_yaml::from_str::<Option<Value>>(without_mark(&text)) {
        Ok(value) => Ok((text, value.unwrap_or(Value::Null))),
        Err(error) => {
            let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            let line_text = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            let error = invalid(target, line, column, &error.to_string(), line_text);
            // `Document` words it for people; where it is content, the reason of the parser stands.
            Err(parse(target, text.into_bytes()).err().unwrap_or(error))
        }
    }
}

fn invalid(target: &Target, line: usize, column: usize, message: &str, line_text: &str) -> FileError {
    let error = ParseError { line, column, message: message.into(), line_text: line_text.into() };
    FileError::Invalid { path: target.given.clone(), error }
}

/// A log that only other programs wrote to. If it ends in the middle of a line, somebody is appending right now: then, and only
/// then, its last item is left out if the rest is sound.
fn unstamped(target: &Target, bytes: Vec<u8>) -> Result<Events, EventError> {
    let is_cut = !bytes.is_empty() && !bytes.ends_with(b"\n");
    let last = memchr::memmem::rfind(&bytes, b"\n- ").map_or(0, |at| at + 1);
    let before = if is_cut { Some(bytes[..last].to_vec()) } else { None };
    match (records(target, bytes), before) {
        (Ok(records), _) => Ok(Events { records, unfinished: false }),
        (Err(error), None) => Err(error),
        (Err(error), Some(before)) => match records(target, before) {
            Ok(records) => Ok(Events { records, unfinished: true }),
            Err(_) => Err(error),
        },
    }
}

//! From the bytes of a log to its records.

use super::error::EventError;
use super::heal;
use crate::shared_file::parse;
use crate::target::Target;
use crate::{FileError, ParseError};
use serde_yaml::Value;
use std::borrow::Cow;

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
    let Some(stamp) = heal::judged_from(&bytes, true) else { return unstamped(target, bytes) };
    let torn = heal::torn_since_stamp(&bytes[stamp..]);
    let unfinished = !torn.is_empty();
    let whole = match heal::filled(&bytes[stamp..], &torn) {
        Cow::Borrowed(_) => bytes,
        Cow::Owned(tail) => [&bytes[..stamp], &tail].concat(),
    };
    Ok(Events { records: records(target, whole)?, unfinished })
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
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            return Err(parse(target, error.into_bytes()).err().unwrap_or_else(|| not_text(target)));
        }
    };
    // A document that has nothing but comments is null.
    match serde_yaml::from_str::<Option<Value>>(&text) {
        Ok(value) => Ok((text, value.unwrap_or(Value::Null))),
        Err(error) => {
            let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            let line_text = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned();
            let error = ParseError { line, column, message: error.to_string(), line_text };
            let error = FileError::Invalid { path: target.given.clone(), error };
            // `Document` words it for people; where it is content, the reason of the parser stands.
            Err(parse(target, text.into_bytes()).err().unwrap_or(error))
        }
    }
}

fn not_text(target: &Target) -> FileError {
    let error = ParseError { line: 1, column: 1, message: "not UTF-8".into(), line_text: String::new() };
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

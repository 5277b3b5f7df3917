//! Knowing an event that is in the log already, by the value of one of its fields.

use super::error::EventError;
use super::read;
use crate::target::Target;
use memchr::memmem;
use serde_yaml::Value;

/// What became of an event that is to be in the log once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It was appended.
    Now,
    /// A record with this value of the key was there already, so nothing was written.
    Before,
}

/// The field by which an event is known, and its value.
#[derive(Clone, Debug)]
pub(super) struct Key<'a> {
    pub(super) field: &'a str,
    pub(super) value: Value,
}

impl Key<'_> {
    pub(super) fn is_in(&self, record: &Value) -> bool {
        record.get(self.field).is_some_and(|found| *found == self.value)
    }

    /// Whether a record in `content` has it.
    pub(super) fn is_in_log(&self, target: &Target, content: Vec<u8>) -> Result<bool, EventError> {
        if self.cannot_be_in(&content) {
            return Ok(false);
        }
        Ok(read::events(target, content)?.records.iter().any(|record| self.is_in(record)))
    }

    /// Tells without parsing, which takes 30 times as long, that a value is nowhere: one word of letters, digits and `-_.:/` stands in
    /// every form of YAML as it is, unless it is written with escapes, which need a backslash.
    fn cannot_be_in(&self, content: &[u8]) -> bool {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.:/".contains(&c);
        let Value::String(text) = &self.value else { return false };
        !text.is_empty()
            && text.bytes().all(is_plain)
            && memchr::memchr(b'\\', content).is_none()
            && memmem::find(content, text.as_bytes()).is_none()
    }
}

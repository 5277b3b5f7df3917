//! From an event to the bytes that are appended for it.

use super::stamp::Stamp;
use crate::document;
use serde::Serialize;
use serde_yaml::Value;

/// One event, ready to be appended.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) value: Value,
    /// The stamp and the body.
    pub(super) stamped: String,
}

impl Record {
    /// The record for `event`, or why there is none.
    pub(super) fn of(event: &(impl Serialize + ?Sized)) -> Result<Self, String> {
        let value = serde_yaml::to_value(event).map_err(|error| error.to_string())?;
        if value.as_mapping().is_none_or(serde_yaml::Mapping::is_empty) {
            return Err("it is not a mapping with at least one key".into());
        }
        let body = document::list_item(&value)?;
        check(&body, &value)?;
        let stamp = Stamp::of(body.as_bytes()).ok_or("it is longer than 4 GiB")?;
        Ok(Self { value, stamped: stamp.line() + &body })
    }
}

/// What healing relies on: the body is one item that reads back equal, its first line begins with `- `, its others are
/// indented, so none can be taken for an item or a stamp, and it ends with a line break.
fn check(body: &str, value: &Value) -> Result<(), String> {
    let mut lines = body.lines();
    let is_one_block = body.ends_with('\n')
        && !body.contains('\0')
        && lines.next().is_some_and(|line| line.starts_with("- "))
        && lines.all(|line| line.starts_with("  "));
    if !is_one_block {
        return Err("it does not have the form of one item".into());
    }
    match serde_yaml::from_str::<(Value,)>(body) {
        Ok((back,)) if back == *value => Ok(()),
        Ok(_) => Err("it would not read back equal".into()),
        Err(error) => Err(format!("it would not read back: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(yaml: &str) -> Result<Record, String> {
        Record::of(&serde_yaml::from_str::<Value>(yaml).unwrap())
    }

    #[test]
    fn an_event_becomes_a_stamp_and_one_block_item() {
        let record = record("{type: claimed, attempt: 1, data: {from_state: pending}}").unwrap();
        let (stamp, body) = record.stamped.split_at(super::super::stamp::LEN);
        assert_eq!(body, "- type: claimed\n  attempt: 1\n  data:\n    from_state: pending\n");
        assert_eq!(Stamp::parse(stamp.as_bytes()), Stamp::of(body.as_bytes()));
    }

    /// PyYAML takes these for dates, numbers, booleans or null unless they are quoted.
    #[test]
    fn what_yaml_1_1_reads_otherwise_is_quoted() {
        for text in
            ["2026-11-23T04:11:09Z", "2026-11-23", "yes", "017", "1_000", "12:30", "=", "~", "", " x", "null"]
        {
            let record =
                Record::of(&serde_yaml::from_str::<Value>(&format!("{{k: '{text}'}}")).unwrap()).unwrap();
            let written = record.stamped.lines().nth(1).unwrap();
            assert!(written.ends_with(['"', '\'']), "{written}");
        }
    }

    #[test]
    fn a_text_that_looks_like_a_log_stays_inside_its_record() {
        let note = "line\n#@1 00000007 0badcafe\n- a: 1\n\ttab \u{1}\u{85}\u{2028}\r\n";
        let value: Value = [("note", note)]
            .into_iter()
            .map(|(k, v)| (k.into(), v.into()))
            .collect::<serde_yaml::Mapping>()
            .into();
        let record = Record::of(&value).unwrap();
        assert_eq!(record.stamped.lines().count(), 2, "{}", record.stamped);
    }

    #[test]
    fn only_a_mapping_with_keys_is_an_event() {
        for yaml in ["text", "[a, b]", "{}", "null", "7"] {
            assert!(record(yaml).is_err(), "{yaml}");
        }
    }
}

//! One item of a list that has no document around it, for the event log.

use super::emit;
use super::outline::Outline;
use super::style::Style;
use serde_yaml::Value;

/// `value` as an item of a block list at column 0, in whole lines; or why it cannot be written.
pub(crate) fn list_item(value: &Value) -> Result<String, String> {
    let no_neighbours = Outline::default();
    emit::list_item(&Style::of("", &no_neighbours), value, 0, None)
}

//! A list item that has no neighbours to look like: a record of an event log.

use super::emit::{self, Emit};
use super::scan;
use super::style::Style;
use serde_yaml::Value;

/// `value` as an item of a block list at column 0, in whole lines.
pub(crate) fn list_item(value: &Value) -> Emit<String> {
    // The style of a document that has none of its own: two columns, `\n`, quotes only where they are needed.
    let plain = "- 1\n";
    let outline = scan::outline(plain).map_err(|refusal| refusal.reason.to_owned())?;
    emit::list_item(&Style::of(plain, &outline), value, 0, None)
}

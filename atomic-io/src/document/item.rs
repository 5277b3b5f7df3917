//! One item of a block list, for the event log.

use super::emit;
use serde_yaml::Value;

/// `value` as an item of a block list at column 0, in whole lines.
pub(crate) fn list_item(value: &Value) -> Result<String, String> {
    let mut out = "- ".to_owned();
    block(value, 2, &mut out)?;
    Ok(out)
}

fn block(value: &Value, column: usize, out: &mut String) -> Result<(), String> {
    let Value::Mapping(map) = value else {
        out.push_str(&emit::scalar(value)?);
        out.push('\n');
        return Ok(());
    };
    for (i, (key, value)) in map.iter().enumerate() {
        if i > 0 {
            out.push_str(&" ".repeat(column));
        }
        out.push_str(&emit::scalar(key)?);
        out.push(':');
        match value {
            Value::Mapping(inner) if !inner.is_empty() => {
                out.push('\n');
                out.push_str(&" ".repeat(column + 2));
                block(value, column + 2, out)?;
            }
            Value::Sequence(items) if !items.is_empty() => {
                out.push('\n');
                for item in items {
                    out.push_str(&" ".repeat(column + 2));
                    out.push_str("- ");
                    block(item, column + 4, out)?;
                }
            }
            _ => {
                out.push(' ');
                block(value, column, out)?;
            }
        }
    }
    Ok(())
}

//! What the two reference parsers are known to differ in: each has a name, and is counted under it whenever it comes up.

use super::core_schema::{Type, in_yaml_1_2};
use super::reference::Difference;
use serde_yaml::Value;

/// The name of a known reason of the second reference to refuse what libyaml reads.
pub(super) fn refusal(error: &str) -> Option<&'static str> {
    match error {
        // YAML 1.2 wants every line of a quoted or bracketed value deeper than its key; libyaml takes any column.
        _ if error.contains("invalid indentation") || error.contains("tab cannot be used as indentation") => {
            Some("with lines at a column that YAML 1.2 does not allow")
        }
        // YAML allows a comment there, less indented than the text.
        _ if error.contains("wrongly indented line in block scalar") => {
            Some("with a comment right below a block scalar")
        }
        // It takes a dash at the end of a plain value, as in `[1 -]`, for the beginning of one.
        _ if error.contains("plain scalar cannot start with '-'") => Some("with a dash before a bracket"),
        _ => None,
    }
}

/// The name of a known difference in a text that both read.
pub(super) fn named(difference: &Difference, text: &str) -> Option<&'static str> {
    match difference {
        Difference::Structure(_) => None,
        Difference::Text(first, second) => {
            // Whether the last line of a block scalar ends with a line break if the file ends before it.
            let is_at_end = !text.ends_with('\n') && second.strip_suffix('\n') == Some(first);
            is_at_end.then_some("block scalars that the end of the text cuts off")
        }
        Difference::Type { text, value } => named_type(text, value),
    }
}

/// Types that `serde_yaml` gives by rules of its own. Our documents leave types to it.
fn named_type(text: &str, value: &Value) -> Option<&'static str> {
    let unsigned = text.trim_start_matches(['-', '+']);
    match (value, in_yaml_1_2(text)) {
        (Value::String(_), Type::Int | Type::Float) if unsigned.starts_with('0') => {
            Some("numbers with leading zeros")
        }
        // `5e678` parses to infinity, which only `.inf` may be written for.
        (Value::String(_), Type::Int | Type::Float) if unsigned.parse().is_ok_and(f64::is_infinite) => {
            Some("numbers beyond the largest float")
        }
        (Value::Number(_), Type::Text) if unsigned.starts_with("0b") => Some("binary numbers"),
        (Value::Number(_), Type::Text) if unsigned.starts_with("0x") || unsigned.starts_with("0o") => {
            Some("numbers with a sign and a base")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{named, refusal};
    use crate::fuzz::targets::reference::Difference;
    use serde_yaml::Value;

    fn of_type(text: &str, value: impl Into<Value>) -> Difference {
        Difference::Type { text: text.into(), value: value.into() }
    }

    #[test]
    fn only_what_is_known_has_a_name() {
        assert!(named(&of_type("012", "012"), "").is_some());
        assert!(named(&of_type("0b1", 1), "").is_some());
        assert!(named(&of_type("-5e678", "-5e678"), "").is_some());
        assert!(named(&of_type("5e67", "5e67"), "").is_none());
        assert!(named(&of_type(".inf", ".inf"), "").is_none());
        assert!(named(&of_type("12", "12"), "").is_none());
        assert!(named(&of_type("yes", true), "").is_none());
        let cut = |text| named(&Difference::Text("x".into(), "x\n".into()), text);
        assert!(cut("a: |\n x").is_some());
        assert!(cut("a: |\n x\n").is_none());
        assert!(refusal("a tab").is_none());
    }
}

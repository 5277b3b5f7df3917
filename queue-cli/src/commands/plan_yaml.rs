//! A plan as YAML that every reader takes for the same plan.
//!
//! `Document::of` would do, but reads back what it has written, which takes seconds and gigabytes for 100,000 tasks. This is for readers only, and
//! plain in form: block style, and strings either bare words or in the quotes of JSON.

use serde_json::Value;

pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// Appends `item` to the list that is the last value of the text so far.
pub(super) fn push_item(item: Value, text: &mut String) {
    write(&Value::Array(vec![item]), 2, text);
}

/// Writes `value` from the beginning of a line, set in by `indent`.
fn write(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                set_in(indent, out);
                push_text(key, out);
                out.push(':');
                below(value, indent + 2, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                set_in(indent, out);
                out.push('-');
                if matches!(item, Value::Object(map) if !map.is_empty()) {
                    let begin = out.len();
                    write(item, indent + 2, out);
                    // The first key stands behind the dash.
                    out.replace_range(begin..begin + indent + 2, " ");
                } else {
                    below(item, indent + 2, out);
                }
            }
        }
        scalar => {
            push_scalar(scalar, out);
            out.push('\n');
        }
    }
}

/// Writes what stands behind a key or a dash: a scalar in the same line, all else below.
fn below(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if map.is_empty() => out.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => out.push_str(" []\n"),
        Value::Object(_) | Value::Array(_) => {
            out.push('\n');
            write(value, indent, out);
        }
        scalar => {
            out.push(' ');
            push_scalar(scalar, out);
            out.push('\n');
        }
    }
}

fn set_in(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn push_scalar(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => push_text(text, out),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            // YAML 1.1 takes `1e-6` for a string, and `1` for no float.
            Some(float) => {
                let text = float.to_string();
                out.push_str(&text);
                if !text.contains('.') {
                    out.push_str(".0");
                }
            }
            None => out.push_str(&number.to_string()),
        },
        other => out.push_str(&other.to_string()),
    }
}

/// Words that some version of YAML takes for something else than a string.
const TAKEN: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

fn push_text(text: &str, out: &mut String) {
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "_-./".contains(character))
        && !TAKEN.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_word {
        out.push_str(text);
        return;
    }
    for character in Value::from(text).to_string().chars() {
        // JSON has these as they are; readers of YAML refuse them, or take them for the end of a line.
        let code = u32::from(character);
        if matches!(code, 0x7f..=0x9f | 0x2028 | 0x2029 | 0xfeff | 0xfffe | 0xffff) {
            out.push_str(&format!("\\u{code:04x}"));
        } else {
            out.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_again() {
        let odd: String = (0..0x300)
            .chain(0x2000..0x2070)
            .chain(0xfdf0..0xffff)
            .chain(0x1f600..0x1f610)
            .filter_map(char::from_u32)
            .collect();
        let value = json!({
            "": [[], {}, [[1, []], "x"], {"a": {"b": []}, "c": null}], "yes": "No", "key: #": ["~", "-", "", "a b", odd],
            "numbers": [0, -3, 1e-6, 2.0, 1e300, u64::MAX, true], "nested": [{"x": [1], "y": {"z": "2026-02-07"}}],
        });
        let text = text(&value);
        let read: Value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(read, value, "{text}");
    }
}

//! Bringing a list that other programs wrote into the shape that records can be appended to.
//!
//! A file without any stamp is new, or was written as a whole by a program that knows nothing of stamps. It is read once in
//! full, and gets the shape by one replacement: a block list at column 0 that ends with a line break.

use crate::document::without_mark;
use serde_yaml::Value;

/// Why a text is not brought into shape.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misshapen {
    /// From 1.
    pub(super) line: usize,
    pub(super) reason: &'static str,
}

/// `text`, which is the YAML for `value`, as a block list at column 0 to which `records` can be appended.
///
/// The bytes of items are not touched but for their indentation. The result, records included, is parsed again and must hold
/// what was there before; where a rule of YAML that is not thought of here gets in the way, that shows, and nothing is written.
pub(super) fn shaped(text: &str, value: &Value, records: &str) -> Result<String, Misshapen> {
    let (first_line, first) = first_content(text);
    let misshapen = |reason| Misshapen { line: first_line, reason };
    let items: &[Value] = match value {
        Value::Null => &[],
        Value::Sequence(items) => items,
        Value::Mapping(_) => return Err(misshapen("the file holds a mapping, not a list")),
        _ => return Err(misshapen("the file holds a single value, not a list")),
    };
    let mut shaped = if items.is_empty() {
        comments_of(text)
    } else if let Some(indent) = block_indent(first) {
        dedented(text, indent)
    } else {
        return Err(misshapen(
            "the list is written in brackets or on one line; write one item per line, each after `- `",
        ));
    };
    if !shaped.is_empty() && !shaped.ends_with('\n') {
        shaped.push('\n');
    }
    let kept = shaped.len();
    shaped.push_str(records);
    let is_kept = |whole: &[Value]| whole.starts_with(items) && whole.len() > items.len();
    match serde_yaml::from_str::<Vec<Value>>(without_mark(&shaped)) {
        Ok(whole) if is_kept(&whole) => Ok(shaped),
        _ => {
            let line = 1 + shaped[..kept].matches('\n').count();
            Err(Misshapen { line, reason: "an item appended after the last line would not be read as one" })
        }
    }
}

/// The first line that is more than a comment, a directive or the start of the document, and its number.
fn first_content(text: &str) -> (usize, &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    lines.into_iter().find(|(_, line)| !is_around(line)).unwrap_or((1, ""))
}

fn is_around(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with(['#', '%']) || line == "---" || line.starts_with("--- #")
}

/// The column of the first dash, if `line` is the first line of a block list.
fn block_indent(line: &str) -> Option<usize> {
    let item = line.trim_start_matches(' ');
    (item == "-" || item.starts_with("- ")).then_some(line.len() - item.len())
}

/// Comments are all that is kept of an empty list; the one behind `[]` too.
fn comments_of(text: &str) -> String {
    let mut kept = String::new();
    for line in text.split_inclusive('\n') {
        if is_around(line.trim_start_matches('\u{feff}')) {
            kept.push_str(line);
        } else if let Some(at) = line.find(" #") {
            kept.push_str(line[at..].trim_start());
        }
    }
    kept
}

fn dedented(text: &str, indent: usize) -> String {
    if indent == 0 {
        return text.to_owned();
    }
    let dedent = |line: &str| {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        line[spaces.min(indent)..].to_owned()
    };
    text.split_inclusive('\n').map(dedent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "#@1 00000007 00000000\n- z: 9\n";

    fn check(text: &str, expected: &str) {
        let value = serde_yaml::from_str(text).unwrap();
        let shaped = shaped(text, &value, RECORD).unwrap_or_else(|error| panic!("{text:?}: {error:?}"));
        assert_eq!(shaped, format!("{expected}{RECORD}"), "{text:?}");
    }

    fn refused(text: &str) -> Misshapen {
        let value = serde_yaml::from_str(text).unwrap();
        shaped(text, &value, RECORD).unwrap_err()
    }

    #[test]
    fn what_holds_nothing_keeps_its_comments() {
        check("", "");
        check("# Events\n", "# Events\n");
        check("# Events", "# Events\n");
        check("[]", "");
        check("[]\n", "");
        check("# Events\n[]  # none yet\n", "# Events\n# none yet\n");
        check("---\n[]\n", "---\n");
        check("[\n]\n", "");
        check("null\n", "");
        check("\n\n", "\n\n");
        check("\u{feff}# Events\r\n[]\r\n", "\u{feff}# Events\r\n");
    }

    #[test]
    fn a_block_list_at_column_0_stays_as_it_is() {
        for text in
            ["- a: 1\n", "# E\n---\n- a: 1\n  b: |\n    text\n# end\n", "-\n  a: 1\n", "- a: 1\r\n- b: 2\r\n"]
        {
            check(text, text);
        }
        check("- a: 1", "- a: 1\n");
    }

    #[test]
    fn an_indented_list_moves_to_column_0_with_its_block_scalars() {
        check(
            "  - a: 1\n    b: |\n      one\n        two\n\n  # why\n  - c: 2\n",
            "- a: 1\n  b: |\n    one\n      two\n\n# why\n- c: 2\n",
        );
        check("# E\n - a: 'one\n   two'", "# E\n- a: 'one\n  two'\n");
    }

    #[test]
    fn what_is_no_block_list_is_refused_with_its_line() {
        assert_eq!(refused("# E\nevents:\n- a: 1\n").line, 2);
        assert_eq!(refused("done\n").reason, "the file holds a single value, not a list");
        assert_eq!(refused("# E\n\n[{a: 1}]\n").line, 3);
    }

    #[test]
    fn a_list_that_an_appended_item_would_change_or_miss_is_refused() {
        // Without its line break the value is "text", with it "text\n".
        assert!(refused("- a: |\n    text").reason.contains("appended"));
        assert!(refused("- a: 1\n...\n").reason.contains("appended"));
    }
}

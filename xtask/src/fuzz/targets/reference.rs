//! What two parsers that are not ours make of a text: libyaml, by `serde_yaml`, and a YAML 1.2 parser in Rust.

use super::core_schema::{Type, in_yaml_1_2};
use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_yaml::Value;

/// A document as the second reference reads it: structure and texts, without types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    Scalar {
        text: String,
        is_plain: bool,
    },
    Map(Vec<(Tree, Tree)>),
    List(Vec<Tree>),
    /// An alias, or anything with an anchor or a tag.
    Special,
}

/// Deeper than this nothing is compared; our own limit is below it.
const DEPTH: usize = 200;

/// The text that references are given: libyaml as `serde_yaml` calls it takes a byte order mark for a column.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What `text` is to the second reference; or what it has against it.
pub(super) fn second(text: &str) -> Result<Tree, String> {
    let mut parser = Parser::new_from_str(without_mark(text));
    let mut root = None;
    loop {
        match next(&mut parser)? {
            Event::StreamEnd => return root.ok_or_else(|| "it holds no document".to_owned()),
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            _ if root.is_some() => return Err("it holds several documents".to_owned()),
            event => root = Some(node(&mut parser, event, 0)?),
        }
    }
}

fn next<'t>(parser: &mut Parser<'t, StrInput<'t>>) -> Result<Event<'t>, String> {
    match parser.next_event() {
        Some(Ok((event, _))) => Ok(event),
        Some(Err(error)) => Err(error.to_string()),
        None => Ok(Event::StreamEnd),
    }
}

fn node<'t>(parser: &mut Parser<'t, StrInput<'t>>, event: Event<'t>, depth: usize) -> Result<Tree, String> {
    if depth > DEPTH {
        return Err("too deep to compare".to_owned());
    }
    let is_special = match &event {
        Event::Scalar(_, _, anchor, tag) => *anchor != 0 || tag.is_some(),
        Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => *anchor != 0 || tag.is_some(),
        _ => false,
    };
    let tree = match event {
        Event::Scalar(text, style, ..) => {
            Tree::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain }
        }
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match next(parser)? {
                    Event::SequenceEnd => break Tree::List(items),
                    event => items.push(node(parser, event, depth + 1)?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut entries = Vec::new();
            loop {
                match next(parser)? {
                    Event::MappingEnd => break Tree::Map(entries),
                    event => {
                        let key = node(parser, event, depth + 1)?;
                        let event = next(parser)?;
                        entries.push((key, node(parser, event, depth + 1)?));
                    }
                }
            }
        }
        Event::StreamEnd => return Err("it ends within a value".to_owned()),
        _ => Tree::Special,
    };
    Ok(if is_special { Tree::Special } else { tree })
}

/// A place where two readings differ, and how.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// Other structure: somebody is wrong.
    Structure(String),
    /// Other texts, libyaml's first.
    Text(String, String),
    /// A plain scalar, the same to both, is of another type by the specification of YAML 1.2 than it is to `serde_yaml`.
    Type { text: String, value: Value },
}

/// The differences between the two references, values that libyaml's side has types for and texts of the other.
pub(super) fn differences(value: &Value, tree: &Tree) -> Vec<Difference> {
    let mut found = Vec::new();
    differ(value, tree, &mut found);
    found
}

fn differ(value: &Value, tree: &Tree, found: &mut Vec<Difference>) {
    match (value, tree) {
        (Value::Mapping(map), Tree::Map(entries)) if map.len() == entries.len() => {
            for ((k, v), (key, below)) in map.iter().zip(entries) {
                differ(k, key, found);
                differ(v, below, found);
            }
        }
        (Value::Sequence(values), Tree::List(items)) if values.len() == items.len() => {
            for (v, item) in values.iter().zip(items) {
                differ(v, item, found);
            }
        }
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_),
            Tree::Scalar { text, is_plain },
        ) => {
            found.extend(scalar_difference(value, text, *is_plain));
        }
        _ => found.push(Difference::Structure(format!("{value:?} and {tree:?}"))),
    }
}

fn scalar_difference(value: &Value, text: &str, is_plain: bool) -> Option<Difference> {
    let by_specification = if is_plain { in_yaml_1_2(text) } else { Type::Text };
    let is_same = match (value, by_specification) {
        (Value::String(found), _) if found != text => {
            return Some(Difference::Text(found.clone(), text.to_owned()));
        }
        (Value::String(_), Type::Text) | (Value::Null, Type::Null) => true,
        (Value::Bool(bool), Type::Bool) => bool.to_string() == text.to_lowercase(),
        (Value::Number(number), Type::Int | Type::Float) => is_same_number(number, text),
        _ => false,
    };
    (!is_same).then(|| Difference::Type { text: text.to_owned(), value: value.clone() })
}

/// `as_f64` of both; whole numbers are compared as they are written.
fn is_same_number(number: &serde_yaml::Number, text: &str) -> bool {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let radix =
        |prefix: &str, radix| unsigned.strip_prefix(prefix).and_then(|d| u64::from_str_radix(d, radix).ok());
    if let Some(whole) = radix("0x", 16).or(radix("0o", 8)) {
        return number.as_u64() == Some(whole);
    }
    if let Ok(whole) = unsigned.parse::<i64>() {
        return number.as_i64() == Some(whole);
    }
    if let Ok(whole) = unsigned.parse::<u64>() {
        return number.as_u64() == Some(whole);
    }
    let float = match text.to_lowercase().as_str() {
        ".nan" => f64::NAN,
        ".inf" | "+.inf" => f64::INFINITY,
        "-.inf" => f64::NEG_INFINITY,
        text => text.parse().unwrap_or(f64::NAN),
    };
    number.as_f64().is_some_and(|found| found == float || found.is_nan() && float.is_nan())
}

#[cfg(test)]
mod tests {
    use super::super::disagreements;
    use super::{Difference, Tree, differences, second};
    use serde_yaml::Value;

    fn compare(libyaml: &str, other: &str) -> Vec<Difference> {
        let value: Value = serde_yaml::from_str(libyaml).unwrap();
        differences(&value, &second(other).unwrap())
    }

    #[test]
    fn the_references_agree_on_what_is_plain_yaml() {
        let text =
            "a: [1, -2.5, x, 'y', \"z\\n\"]\nb:\n  - ~\n  -\n  - true\n  - |\n    c\nd: {e: .inf, f: 0x1F}\n";
        assert_eq!(compare(text, text), []);
    }

    #[test]
    fn a_planted_difference_is_seen() {
        for (ours, theirs) in [
            ("a: x", "a: y"),
            ("a: x", "b: x"),
            ("a: 'true'", "a: true"),
            ("a: '12'", "a: '13'"),
            ("a: 12", "a: 13"),
            ("a: 12", "a: '12'"),
            ("a: true", "a: false"),
            ("a: ~", "a: '~'"),
            ("a: [x]", "a: [x, y]"),
            ("a: [x]", "a: {x: }"),
            ("a: {}", "a: []"),
            ("a: 1.5", "a: 1.25"),
        ] {
            let found = compare(ours, theirs);
            assert_eq!(found.len(), 1, "{ours} and {theirs}: {found:?}");
            assert_eq!(disagreements::named(&found[0], theirs), None, "{ours} and {theirs}");
        }
    }

    #[test]
    fn what_is_no_data_alone_is_special() {
        for text in ["&a x", "!t x", "&a [x]"] {
            assert_eq!(second(text), Ok(Tree::Special), "{text}");
        }
        assert!(second("a\n---\nb\n").is_err() && second("").is_err() && second("[a").is_err());
    }
}

//! A document as a whole: made from a value, and asked whether it can be edited.

use super::emit::{self, Spot, Written};
use super::outline::Outline;
use super::path::DocPath;
use super::style::Style;
use super::{Document, DocumentError};
use serde::Serialize;
use serde_yaml::Value;

impl Document {
    /// A document that holds `value` and nothing else, in block style.
    ///
    /// Of a value that was read from another document this leaves everything but the value behind: comments, layout, anchors.
    ///
    /// ```
    /// use atomic_io::Document;
    /// use std::collections::BTreeMap;
    ///
    /// let doc = Document::of(&BTreeMap::from([("due", vec!["2026-02-07"])]))?;
    /// assert_eq!(doc.text(), "due:\n  - \"2026-02-07\"\n");
    /// # Ok::<(), atomic_io::DocumentError>(())
    /// ```
    ///
    /// # Errors
    /// [`DocumentError::Emit`] when the value has no YAML form that every reader takes for the same value,
    /// [`DocumentError::Check`] when what was written did not read back equal.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Result<Document, DocumentError> {
        let path = DocPath::root();
        let value = emit::to_value(&path, value)?;
        let no_neighbours = Outline::default();
        let written = emit::value(&Style::of("", &no_neighbours), &value, Spot::Root, None)
            .map_err(|reason| DocumentError::Emit { path: path.to_string(), reason })?;
        let mut text = match written {
            Written::Inline(text) | Written::Lines { text, .. } => text,
        };
        text.push('\n');
        let differs = |reason: String| DocumentError::Check { path: path.to_string(), reason };
        let document = Document::parse(text).map_err(|error| differs(error.to_string()))?;
        if document.get::<Value>(&path)? == value {
            Ok(document)
        } else {
            Err(differs("another value would be read".to_owned()))
        }
    }

    /// Makes sure that this document can be edited.
    ///
    /// # Errors
    /// [`DocumentError::Refused`] with the structure that stands in the way, and its place.
    pub fn check_editable(&self) -> Result<(), DocumentError> {
        self.outline(&DocPath::root()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(yaml: &str) -> Value {
        serde_yaml::from_str(yaml).unwrap()
    }

    #[test]
    fn a_value_becomes_a_document_that_can_be_edited() {
        for yaml in ["{a: 1, b: [x, {c: yes}], d: {}}", "[1, [2, 3], [], 'no', '2026-02-07']", "{}", "[]"] {
            let doc = Document::of(&value(yaml)).unwrap();
            assert_eq!(doc.get::<Value>(".").unwrap(), value(yaml), "{yaml}");
            assert!(doc.check_editable().is_ok(), "{}", doc.text());
        }
        assert_eq!(Document::of("yes").unwrap().text(), "\"yes\"\n");
    }

    #[test]
    fn what_is_read_from_a_refused_document_can_be_edited_afterwards() {
        let doc = Document::parse("base: &b {x: 1}  # why\nuse:\n  z: 2\n  <<: *b\n").unwrap();
        assert!(matches!(doc.check_editable(), Err(DocumentError::Refused { line: 1, .. })));
        let plain = Document::of(&doc.get::<Value>(".").unwrap()).unwrap();
        assert_eq!(plain.text(), "base:\n  x: 1\nuse:\n  z: 2\n  x: 1\n");
    }

    #[test]
    fn a_tag_has_no_form_without_it() {
        let doc = Document::parse("a: !secret x\n").unwrap();
        let refused = Document::of(&doc.get::<Value>(".").unwrap());
        assert!(matches!(refused, Err(DocumentError::Emit { .. })), "{refused:?}");
    }
}

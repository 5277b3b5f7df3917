//! What each operation changes in the text.

use super::error::DocumentError;
use super::node::Place;
use super::path::DocPath;
use super::{Body, Document, emit, lines, resolve, scan};
use serde_yaml::Value;

impl Document {
    fn refused(&self, path: &DocPath) -> DocumentError {
        let (at, reason) = match &self.body {
            Body::Parsed { refusal, .. } => (refusal.at, refusal.reason),
            Body::Outlined(_) => (0, "this edit is not supported"),
        };
        let (line, column, _) = lines::locate(&self.text, at);
        DocumentError::Refused { path: path.to_string(), line, column, reason: reason.to_owned() }
    }

    pub(super) fn set_value(&mut self, path: &DocPath, value: &Value) -> Result<(), DocumentError> {
        let node = resolve::walk(self.root(), path, path.steps().len())?;
        let node = node.ok_or_else(|| DocumentError::NotFound { path: path.to_string() })?;
        let Place::Outlined(outline, i) = node.at else {
            return Err(self.refused(path));
        };
        let e = *outline.entry(i);
        if e.kind.is_block() || value.is_mapping() || value.is_sequence() {
            return Err(self.refused(path));
        }
        let new =
            emit::scalar(value).map_err(|reason| DocumentError::Emit { path: path.to_string(), reason })?;
        let space = if e.start == e.end { " " } else { "" };
        let text = format!("{}{space}{new}{}", &self.text[..e.start()], &self.text[e.end()..]);
        let outline = scan::outline(&text)
            .map_err(|r| DocumentError::Check { path: path.to_string(), reason: r.reason.to_owned() })?;
        *self = Document { text, body: Body::Outlined(outline), lines: lines::LineIndex::default() };
        Ok(())
    }

    pub(super) fn push_value(&mut self, path: &DocPath, _item: Value) -> Result<(), DocumentError> {
        Err(self.refused(path))
    }

    pub(super) fn remove_entry(&mut self, path: &DocPath) -> Result<bool, DocumentError> {
        Err(self.refused(path))
    }
}

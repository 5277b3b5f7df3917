//! Which operation leads to which edit.

use super::error::DocumentError;
use super::node::{Node, Place};
use super::outline::{Kind, Outline};
use super::path::{DocPath, Step};
use super::splice::{Change, Meaning, Plan};
use super::{Body, Document, emit, layout, lines, read, resolve};
use serde_yaml::{Mapping, Value};

impl Document {
    pub(super) fn set_value(&mut self, path: &DocPath, value: &Value) -> Result<(), DocumentError> {
        let outline = self.outline(path)?;
        let n = path.steps().len();
        let Some((last, _)) = path.steps().split_last() else {
            return Err(wrong_kind(path, self.root(), "a key or an item"));
        };
        let Some(parent) = resolve::walk(self.root(), path, n - 1)? else {
            return Err(DocumentError::NotFound { path: path.to_string() });
        };
        if let Some(node) = resolve::step(parent, path, n - 1)? {
            return self.replace(path, index(node), value);
        }
        let Step::Key(key) = last else {
            return Err(DocumentError::NotFound { path: path.to_string() });
        };
        let i = index(parent);
        if parent.is_null() || self.is_bare_pair(outline, i, Kind::FlowMap) {
            let map = Value::Mapping([(Value::from(key.as_str()), value.clone())].into_iter().collect());
            return self.replace(path, i, &map);
        }
        if !parent.is_map() {
            return Err(wrong_kind(&path.prefix(n - 1), parent, "a mapping"));
        }
        let plan = layout::insert(&self.text, outline, i, Some(key), value).map_err(|e| self.at(path, e))?;
        self.apply(path, &plan, &Meaning { key: Some(key), value: Some(value) })
    }

    pub(super) fn push_value(&mut self, path: &DocPath, item: Value) -> Result<(), DocumentError> {
        let outline = self.outline(path)?;
        let Some(node) = resolve::walk(self.root(), path, path.steps().len())? else {
            return self.set_value(path, &Value::Sequence(vec![item]));
        };
        let i = index(node);
        if node.is_null() || self.is_bare_pair(outline, i, Kind::FlowList) {
            return self.replace(path, i, &Value::Sequence(vec![item]));
        }
        if !node.is_list() {
            return Err(wrong_kind(path, node, "a list"));
        }
        let plan = layout::insert(&self.text, outline, i, None, &item).map_err(|e| self.at(path, e))?;
        self.apply(path, &plan, &Meaning { key: None, value: Some(&item) })
    }

    pub(super) fn remove_entry(&mut self, path: &DocPath) -> Result<bool, DocumentError> {
        let Some(node) = resolve::walk(self.root(), path, path.steps().len())? else {
            return Ok(false);
        };
        let outline = self.outline(path)?;
        let i = index(node);
        let Some(&parent) = outline.ancestors(i).last() else {
            return Err(wrong_kind(path, node, "a key or an item"));
        };
        if outline.next(parent) == outline.next(i) && i == parent + 1 {
            let kind = outline.entry(parent).kind;
            let plan = layout::collapse(&self.text, outline, parent).map_err(|e| self.at(path, e))?;
            let empty =
                if kind.is_map() { Value::Mapping(Mapping::new()) } else { Value::Sequence(Vec::new()) };
            self.apply(path, &plan, &Meaning { key: None, value: Some(&empty) })?;
            return Ok(true);
        }
        let (start, end, text) =
            layout::remove(&self.text, outline, parent, i).map_err(|e| self.at(path, e))?;
        let plan = Plan { start, end, text, change: Change::Remove(i) };
        self.apply(path, &plan, &Meaning { key: None, value: None })?;
        Ok(true)
    }

    fn replace(&mut self, path: &DocPath, i: usize, value: &Value) -> Result<(), DocumentError> {
        let outline = self.outline(path)?;
        // An update that changes nothing writes nothing. A string like a plain `yes` is another value to readers of
        // YAML 1.1 until it gets its quotes.
        let is_string_to_all = !value.is_string()
            || outline.entry(i).kind != Kind::Plain
            || !emit::may_be_typed(outline.raw(&self.text, i));
        if is_string_to_all
            && read::parse::<Value>(&self.text, outline.entry(i)).is_ok_and(|old| old == *value)
        {
            return Ok(());
        }
        let plan = layout::replace(&self.text, outline, i, value).map_err(|e| self.at(path, e))?;
        self.apply(path, &plan, &Meaning { key: None, value: Some(value) })
    }

    /// The outline, or why this document cannot be edited.
    pub(super) fn outline(&self, path: &DocPath) -> Result<&Outline, DocumentError> {
        match &self.body {
            Body::Outlined(outline) => Ok(outline),
            Body::Parsed { refusal, .. } => Err(self.refused(path, refusal.at, refusal.reason)),
        }
    }

    pub(super) fn refused(&self, path: &DocPath, at: usize, reason: &str) -> DocumentError {
        let (line, column, _) = lines::locate(&self.text, at);
        DocumentError::Refused { path: path.to_string(), line, column, reason: reason.to_owned() }
    }

    /// Brackets with nothing between them, not even a comment: they give way to a block.
    fn is_bare_pair(&self, outline: &Outline, i: usize, kind: Kind) -> bool {
        let is_empty = outline.entry(i).kind == kind && outline.next(i) == i + 1;
        is_empty && !outline.raw(&self.text, i).contains('#')
    }

    fn at(&self, path: &DocPath, problem: layout::Problem) -> DocumentError {
        match problem {
            layout::Problem::Refused { at, reason } => self.refused(path, at, reason),
            layout::Problem::Emit(reason) => DocumentError::Emit { path: path.to_string(), reason },
        }
    }
}

/// The record of a node of an outlined document.
fn index(node: Node<'_>) -> usize {
    match node.at {
        Place::Outlined(_, i) => i,
        Place::Parsed(_) => 0,
    }
}

fn wrong_kind(path: &DocPath, node: Node<'_>, wanted: &'static str) -> DocumentError {
    DocumentError::WrongKind { path: path.to_string(), found: node.named(), wanted }
}

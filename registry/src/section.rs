//! The parts of a registry as nodes, and what is wrong where one is of another kind than it should be.

use crate::RegistryError;
use atomic_io::{Document, Node};
use serde::de::DeserializeOwned;

/// The mapping `skills`, without which a file is no registry.
pub(crate) fn skills(document: &Document) -> Result<Node<'_>, RegistryError> {
    let root = document.root();
    let Some(skills) = root.field("skills") else {
        let reason = "there is no mapping `skills`; is this a skill registry?".into();
        return Err(RegistryError::Invalid { line: root.line().or(Some(1)), reason });
    };
    if skills.is_map() {
        return Ok(skills);
    }
    let what = kind(skills);
    Err(invalid(skills, format!("`skills` is {what}, not a mapping from ids to skills")))
}

/// The skills as nodes, each of which is a mapping.
pub(crate) fn each_skill(
    document: &Document,
) -> Result<impl Iterator<Item = Result<(String, Node<'_>), RegistryError>>, RegistryError> {
    Ok(skills(document)?
        .entries()
        .map(|(id, node)| skill_is_map(&id, node).map(|()| (id.into_owned(), node))))
}

/// One skill, which is a mapping.
pub(crate) fn skill<'a>(document: &'a Document, id: &str) -> Result<Node<'a>, RegistryError> {
    let found = skills(document)?.field(id);
    let node = found.ok_or_else(|| RegistryError::NoSuchSkill { id: id.into() })?;
    skill_is_map(id, node).map(|()| node)
}

fn skill_is_map(id: &str, node: Node<'_>) -> Result<(), RegistryError> {
    if node.is_map() {
        return Ok(());
    }
    Err(invalid(node, format!("the skill `{id}` is {}, not a mapping", kind(node))))
}

/// The mapping under `key`; `None` where nothing is.
pub(crate) fn map<'a>(parent: Node<'a>, key: &str, of: &str) -> Result<Option<Node<'a>>, RegistryError> {
    let Some(node) = parent.field(key).filter(|node| !node.is_null()) else { return Ok(None) };
    if node.is_map() {
        return Ok(Some(node));
    }
    Err(invalid(node, format!("`{key}`{of} is {}, not a mapping", kind(node))))
}

/// The items of the list under `key`, each of which is a mapping; none where nothing is.
pub(crate) fn items<'a>(parent: Node<'a>, key: &str) -> Result<Vec<Node<'a>>, RegistryError> {
    let Some(node) = parent.field(key).filter(|node| !node.is_null()) else { return Ok(Vec::new()) };
    if !node.is_list() {
        return Err(invalid(node, format!("`{key}` is {}, not a list", kind(node))));
    }
    let is_map = |(number, item): (usize, Node<'a>)| {
        let what = || format!("entry {} of `{key}` is {}, not a mapping", number + 1, kind(item));
        if item.is_map() { Ok(item) } else { Err(invalid(item, what())) }
    };
    node.items().enumerate().map(is_map).collect()
}

/// A value that fits its type; the default where nothing is.
pub(crate) fn part<T: Default + DeserializeOwned>(
    parent: Node<'_>,
    key: &str,
    of: &str,
) -> Result<T, RegistryError> {
    let Some(node) = parent.field(key).filter(|node| !node.is_null()) else { return Ok(T::default()) };
    node.get().map_err(|error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        invalid(node, format!("`{key}`{of} cannot be read: {cause}"))
    })
}

/// A single value as text, whatever it looks like: `version: 1.0` is not the number one.
pub(crate) fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.field(key).and_then(|field| field.str()).map(String::from)
}

/// A single value as a number.
pub(crate) fn number(node: Node<'_>, key: &str) -> Option<f64> {
    text(node, key)?.parse().ok().filter(|number: &f64| number.is_finite())
}

pub(crate) fn invalid(node: Node<'_>, reason: String) -> RegistryError {
    RegistryError::Invalid { line: node.line(), reason }
}

fn kind(node: Node<'_>) -> &'static str {
    if node.is_list() {
        "a list"
    } else if node.is_null() {
        "empty"
    } else if node.is_map() {
        "a mapping"
    } else {
        "a single value"
    }
}

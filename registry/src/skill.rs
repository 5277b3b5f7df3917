//! Skills, and how they are read from a document: pure functions, without a file.

use atomic_io::{Document, Node};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A skill that agents can use.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Skill {
    /// Its key in the registry.
    pub id: String,
    /// Its name for people; the id where none is given.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// What kind of skill it is.
    pub category: Option<String>,
    /// The agent that it stands for.
    pub agent: Option<String>,
    /// The version of the skill.
    pub version: Option<String>,
    /// When it was added, as written there.
    pub created: Option<String>,
    /// How well it did.
    pub metrics: Metrics,
    /// How often it was used.
    pub usage: Usage,
    /// When to choose it.
    pub selection: Selection,
}

/// How well a skill did, in percent. What was never measured is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names are those of the file and say it")]
pub struct Metrics {
    pub effectiveness_score: Option<f64>,
    pub success_rate: Option<f64>,
    pub time_efficiency: Option<f64>,
    pub trigger_accuracy: Option<f64>,
    pub quality_score: Option<f64>,
    pub reuse_rate: Option<f64>,
}

/// How often a skill was used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Usage {
    /// How often in all.
    pub usage_count: u64,
    /// How often with success.
    pub success_count: u64,
    /// How often without.
    pub failure_count: u64,
    /// When first, as written there (RFC 3339).
    pub first_used: Option<String>,
    /// When last, as written there (RFC 3339).
    pub last_used: Option<String>,
    /// The mean duration of a use, in milliseconds.
    pub avg_execution_time_ms: Option<f64>,
}

/// When to choose a skill.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Selection {
    /// Words in the description of a task that speak for it.
    pub triggers: Vec<String>,
    /// How sure one should be before choosing it, in percent.
    pub confidence_threshold: Option<f64>,
    /// When to use it, in words.
    pub when_to_use: Option<String>,
    /// When not to, in words.
    pub when_to_avoid: Option<String>,
}

/// What in a document is not as a registry should be.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub(crate) line: Option<usize>,
    pub(crate) reason: String,
}

/// All skills of a registry.
pub(crate) fn all(document: &Document) -> Result<Vec<Skill>, Misfit> {
    skills(document)?.entries().map(|(id, node)| read(&id, node)).collect()
}

/// One skill of a registry, if it is there.
pub(crate) fn one(document: &Document, id: &str) -> Result<Option<Skill>, Misfit> {
    skills(document)?.field(id).map(|node| read(id, node)).transpose()
}

fn skills(document: &Document) -> Result<Node<'_>, Misfit> {
    let root = document.root();
    let Some(skills) = root.field("skills") else {
        let reason = "there is no mapping `skills`; is this a skill registry?".into();
        return Err(Misfit { line: root.line().or(Some(1)), reason });
    };
    if skills.is_map() {
        return Ok(skills);
    }
    let what = kind(skills);
    Err(Misfit {
        line: skills.line(),
        reason: format!("`skills` is {what}, not a mapping from ids to skills"),
    })
}

fn read(id: &str, node: Node<'_>) -> Result<Skill, Misfit> {
    if !node.is_map() {
        let what = kind(node);
        return Err(Misfit {
            line: node.line(),
            reason: format!("the skill `{id}` is {what}, not a mapping"),
        });
    }
    // As text, whatever it looks like: `version: 1.0` is not the number one.
    let text = |key: &str| node.field(key).and_then(|field| field.str()).map(String::from);
    Ok(Skill {
        name: text("name").unwrap_or_else(|| id.to_owned()),
        id: id.to_owned(),
        description: text("description"),
        category: text("category"),
        agent: text("agent"),
        version: text("version"),
        created: text("created"),
        metrics: part(id, node, "metrics")?,
        usage: part(id, node, "usage")?,
        selection: part(id, node, "selection")?,
    })
}

/// A mapping of a skill; what is missing has its default.
fn part<T: Default + DeserializeOwned>(id: &str, skill: Node<'_>, key: &str) -> Result<T, Misfit> {
    let Some(node) = skill.field(key).filter(|node| !node.is_null()) else { return Ok(T::default()) };
    node.get().map_err(|error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        Misfit { line: node.line(), reason: format!("`{key}` of the skill `{id}` cannot be read: {cause}") }
    })
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

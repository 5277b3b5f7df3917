//! What a task's score would be by the formula that queues are planned with.
//!
//! `score = impact / effort × confidence`, from the task's `roi`. Impact is
//! `0.4 × business_value + 0.35 × technical_debt + 0.25 × unblock_factor` where all three are given, else what `impact` says; effort is `roi.effort`, else
//! `estimated_minutes`. What is missing is not made up: there is no score then.

use super::dependencies::number;
use crate::dialect::list_of;
use crate::error::QueueError;
use crate::ops::Change;
use crate::task::{Task, tasks};
use atomic_io::{Document, Node};
use std::fmt;

/// Scores are told, compared and written to this many parts of one.
const PARTS: f64 = 1e6;

/// The score of one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The task.
    pub task: Task,
    /// What its `priority_score` says.
    pub stored: Option<f64>,
    /// What the formula says, to the millionth.
    pub computed: Result<f64, NoScore>,
}

impl Score {
    /// Whether there is a computed score, and the file says another one or none.
    pub fn differs(&self) -> bool {
        self.computed
            .as_ref()
            .is_ok_and(|computed| self.stored.is_none_or(|stored| (stored - computed).abs() * PARTS > 0.5))
    }
}

/// Why there is no computed score.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NoScore {
    /// It says nothing of impact, effort and confidence.
    NoRoi,
    /// One of them is missing or no number.
    Lacks(&'static str),
    /// The effort is zero or less, by which nothing can be divided.
    Effort(f64),
    /// The numbers are so large or small that the score is none.
    OutOfRange,
}

impl fmt::Display for NoScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoi => f.write_str("it has no `roi`"),
            Self::Lacks(field) => write!(f, "`roi.{field}` is missing or no number"),
            Self::Effort(effort) => {
                write!(f, "its effort is {effort}, and nothing can be divided by zero or less")
            }
            Self::OutOfRange => f.write_str("its numbers are too large or too small for a score"),
        }
    }
}

/// The scores of all tasks, in the order of the file.
///
/// # Errors
///
/// Those of [`tasks`].
pub fn scores(document: &Document) -> Result<Vec<Score>, QueueError> {
    let list = document.root().field(list_of(document)?);
    let items = list.into_iter().flat_map(|list| list.items());
    let scored = tasks(document)?.into_iter().zip(items);
    Ok(scored
        .map(|(task, item)| Score { stored: task.priority_score, computed: computed(item), task })
        .collect())
}

/// Writes the computed score of every task whose `priority_score` says something else, and returns the scores of all tasks as they were before. A
/// task without a computed score keeps what it has.
///
/// # Errors
///
/// Those of [`tasks`]; [`QueueError::Document`] if the file cannot be edited.
pub fn write_scores(document: &mut Document) -> Result<Change<Vec<Score>>, QueueError> {
    let scores = scores(document)?;
    for score in scores.iter().filter(|score| score.differs()) {
        if let Ok(computed) = &score.computed {
            document.set(score.task.path().key("priority_score"), computed)?;
        }
    }
    Ok(Change::none(scores))
}

fn computed(item: Node<'_>) -> Result<f64, NoScore> {
    let roi = item.field("roi").filter(Node::is_map).ok_or(NoScore::NoRoi)?;
    let given = |key: &'static str| roi.field(key).and_then(number);
    let needed = |key: &'static str| given(key).ok_or(NoScore::Lacks(key));
    let parts = (given("business_value"), given("technical_debt"), given("unblock_factor"));
    let impact = match parts {
        (Some(value), Some(debt), Some(unblocks)) => 0.4 * value + 0.35 * debt + 0.25 * unblocks,
        _ => needed("impact")?,
    };
    let effort = match roi.field("effort") {
        None => item.field("estimated_minutes").and_then(number).ok_or(NoScore::Lacks("effort"))?,
        Some(_) => needed("effort")?,
    };
    if effort <= 0.0 {
        return Err(NoScore::Effort(effort));
    }
    let score = (impact / effort * needed("confidence")? * PARTS).round() / PARTS;
    if score.is_finite() { Ok(score) } else { Err(NoScore::OutOfRange) }
}

//! One thing that the doctor found.

use crate::output::printable;
use serde_json::{Value, json};
use std::fmt::Display;
use std::path::Path;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Something is wrong until somebody does something.
    Problem,
    /// Good to know. It does no harm, or goes away by itself.
    Note,
}

/// A path as people write it, without the `./` that stands for the queue's own folder.
pub(super) fn shown(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    path.strip_prefix(".")
        .ok()
        .filter(|rest| !rest.as_os_str().is_empty())
        .unwrap_or(path)
        .display()
        .to_string()
}

#[derive(Debug)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// Its word, for programs.
    pub(super) kind: &'static str,
    /// A file, or a task.
    pub(super) place: String,
    /// What it is, and what that means.
    pub(super) what: String,
    /// What to do about it.
    pub(super) remedy: String,
    /// Whether `--fix` mends it.
    pub(super) fixable: bool,
    /// Whether it has.
    pub(super) fixed: bool,
}

impl Finding {
    pub(super) fn problem(kind: &'static str, place: impl Display, what: impl Into<String>) -> Self {
        Self {
            level: Level::Problem,
            kind,
            place: place.to_string(),
            what: what.into(),
            remedy: String::new(),
            fixable: false,
            fixed: false,
        }
    }

    pub(super) fn note(kind: &'static str, place: impl Display, what: impl Into<String>) -> Self {
        Self { level: Level::Note, ..Self::problem(kind, place, what) }
    }

    /// What could not be found out may be wrong.
    pub(super) fn not_looked_at(place: impl Display, why: impl Into<String>) -> Self {
        Self::problem("not-looked-at", place, why).remedy("see to it that it can be read, and ask again")
    }

    pub(super) fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }

    pub(super) fn remains(&self) -> bool {
        self.level == Level::Problem && !self.fixed
    }

    pub(super) fn json(&self) -> Value {
        let level = match self.level {
            Level::Problem => "problem",
            Level::Note => "note",
        };
        json!({
            "kind": self.kind,
            "level": level,
            "where": self.place,
            "what": self.what,
            "remedy": self.remedy,
            "fixable": self.fixable,
            "fixed": self.fixed,
        })
    }

    pub(super) fn text(&self) -> String {
        let word = match self.level {
            _ if self.fixed => "mended",
            Level::Problem => "problem",
            Level::Note => "note",
        };
        let Self { kind, place, what, remedy, .. } = self;
        let mut text = format!("{word}: {}: {} [{kind}]\n", printable(place), printable(what));
        if !remedy.is_empty() && !self.fixed {
            text.push_str(&format!("    {}\n", printable(remedy)));
        }
        text
    }
}

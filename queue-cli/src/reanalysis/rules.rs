//! What a rule is.

use crate::status::Priority;
use crate::task::Task;
use atomic_io::ParseError;
use glob::Pattern;

/// What makes a rule be looked at. `queue reanalyze --trigger` chooses by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Files that the task refers to changed, or are gone.
    StructuralChange,
    /// Tasks that it waited for are completed.
    DependencyComplete,
    /// Its success rate is low.
    HealthDrop,
    /// It has been pending for long.
    TimeBased,
    /// It fails, as others of its kind do, or again and again.
    FailurePattern,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::StructuralChange,
        Self::DependencyComplete,
        Self::HealthDrop,
        Self::TimeBased,
        Self::FailurePattern,
    ];

    /// The word in rules and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::StructuralChange => "structural_change",
            Self::DependencyComplete => "dependency_complete",
            Self::HealthDrop => "health_drop",
            Self::TimeBased => "time_based",
            Self::FailurePattern => "failure_pattern",
        }
    }

    /// Reads that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.word() == word)
    }
}

/// What a rule does with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A held back task becomes `pending`.
    Unblock,
    /// Once, one class of priority up, with the tag `priority-boosted`.
    Boost,
    /// The tag `needs-review`.
    Flag,
    /// The status `invalid`, the tag `invalidated`, and a note that says why.
    Invalidate,
}

impl Action {
    pub(super) const ALL: [Self; 4] = [Self::Unblock, Self::Boost, Self::Flag, Self::Invalidate];

    /// The word in rules.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unblock => "unblock",
            Self::Boost => "boost",
            Self::Flag => "flag",
            Self::Invalidate => "invalidate",
        }
    }
}

/// Which commits count for changed files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commits {
    /// All, and what is not committed yet.
    Any,
    /// Those whose message says that they break something.
    Breaking,
}

/// How much of what a task waits for is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    All,
    /// Something, and something not.
    Some,
}

/// What must be so.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    FilesChanged { patterns: Vec<Pattern>, commits: Commits },
    ReferencedFileGone,
    BlockersCompleted(Share),
    SuccessRateBelow(f64),
    PendingDaysOver(f64),
    FailingTasksShareTag(u64),
    FailuresOver(u64),
}

/// Which tasks a rule is for. What is left out is for all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct For {
    /// [`Priority::Unstated`] is written `none`.
    pub(super) priorities: Option<Vec<Priority>>,
    pub(super) kinds: Option<Vec<String>>,
    pub(super) tags: Option<Vec<String>>,
}

impl For {
    pub(super) fn is_for(&self, task: &Task) -> bool {
        let among = |words: &Vec<String>, word: &str| words.iter().any(|one| one.eq_ignore_ascii_case(word));
        self.priorities.as_ref().is_none_or(|wanted| wanted.contains(&task.priority))
            && self.kinds.as_ref().is_none_or(|wanted| task.kind.as_ref().is_some_and(|it| among(wanted, it)))
            && self.tags.as_ref().is_none_or(|wanted| task.tags.iter().any(|tag| among(wanted, tag)))
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rule {
    /// Its name, for people.
    pub name: String,
    /// What makes it be looked at.
    pub trigger: Trigger,
    /// What it does.
    pub action: Action,
    pub(super) when: When,
    pub(super) is_for: For,
}

/// All rules, as a file has them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rules {
    /// The git revision that files are compared with.
    pub since: String,
    /// Tasks with one of these tags are left alone.
    pub except_tags: Vec<String>,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
}

impl Rules {
    /// The rules that are built in, as text: a file that can be given back, changed.
    pub const BUILT_IN: &str = include_str!("built_in.yaml");

    /// The rules that are built in.
    ///
    /// # Errors
    ///
    /// Never: the text is a constant, and a test reads it.
    pub fn built_in() -> Result<Self, ParseError> {
        Self::parse(Self::BUILT_IN)
    }

    /// Whether a task with this tag is left alone.
    pub(super) fn except(&self, tag: &str) -> bool {
        self.except_tags.iter().any(|one| one.eq_ignore_ascii_case(tag))
    }

    /// Whether a rule with one of `triggers` asks which files changed.
    pub fn ask_for_changes(&self, triggers: &[Trigger]) -> bool {
        let asks = |rule: &&Rule| matches!(rule.when, When::FilesChanged { .. });
        self.rules.iter().filter(asks).any(|rule| triggers.contains(&rule.trigger))
    }
}

//! The words a queue uses for a task's state and its urgency.

use std::fmt;

/// Where a task is in its life.
///
/// Read without regard to case; a word that is not known is kept, shown, and never taken for ready.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Status {
    /// Waiting to be claimed.
    Pending,
    /// Somebody has it and has not begun.
    Claimed,
    /// Somebody works on it.
    InProgress,
    /// Finished well.
    Completed,
    /// Finished badly.
    Failed,
    /// Held back by a person.
    Blocked,
    /// Called off.
    Cancelled,
    /// Found to make no sense any more.
    Invalid,
    /// Found to be overtaken by events.
    Obsolete,
    /// Any other word, as it stands in the file.
    Other(String),
}

impl Status {
    /// Reads a word from the file.
    pub fn from_word(word: &str) -> Self {
        static KNOWN: [Status; 9] = [
            Status::Pending,
            Status::Claimed,
            Status::InProgress,
            Status::Completed,
            Status::Failed,
            Status::Blocked,
            Status::Cancelled,
            Status::Invalid,
            Status::Obsolete,
        ];
        let found = KNOWN.iter().find(|status| status.word().eq_ignore_ascii_case(word));
        found.cloned().unwrap_or_else(|| Self::Other(word.into()))
    }

    /// The word as it is written, in lower case.
    pub fn word(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Claimed => "claimed",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Cancelled => "cancelled",
            Self::Invalid => "invalid",
            Self::Obsolete => "obsolete",
            Self::Other(word) => word,
        }
    }

    /// The word in the case of the one it replaces: a file that says `PENDING` gets `CLAIMED`.
    pub fn word_like(&self, replaced: &str) -> String {
        let shouts = replaced.chars().any(char::is_alphabetic) && !replaced.chars().any(char::is_lowercase);
        if shouts { self.word().to_uppercase() } else { self.word().to_owned() }
    }

    /// Whether somebody has the task in hand: claimed or in progress.
    pub fn is_in_hand(&self) -> bool {
        matches!(self, Self::Claimed | Self::InProgress)
    }

    /// Whether the task has come to an end, well or badly. A word that is not known is no end.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::Invalid | Self::Obsolete)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(word) if word.is_empty() => f.pad("no status"),
            _ => f.pad(self.word()),
        }
    }
}

/// How urgent a task is; the order of the variants is the order of claiming.
///
/// Read without regard to case. A missing or unknown word comes last: it asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Before everything else.
    Critical,
    /// Soon.
    High,
    /// In its turn.
    Medium,
    /// When there is time.
    Low,
    /// No word, or one that is not known.
    Unstated,
}

impl Priority {
    /// Reads a word from the file.
    pub fn from_word(word: &str) -> Self {
        let known = [
            ("critical", Self::Critical),
            ("high", Self::High),
            ("medium", Self::Medium),
            ("low", Self::Low),
        ];
        let found = known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
        found.map_or(Self::Unstated, |(_, priority)| priority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_read_over_and_written_as_the_file_has_it() {
        assert_eq!(Status::from_word("IN_PROGRESS"), Status::InProgress);
        assert_eq!(Status::Claimed.word_like("PENDING"), "CLAIMED");
        assert_eq!(Status::Claimed.word_like("pending"), "claimed");
        assert_eq!(Status::Claimed.word_like("Pending"), "claimed");
    }

    #[test]
    fn an_unknown_word_is_kept() {
        assert_eq!(Status::from_word("On Hold").word(), "On Hold");
        assert_eq!(Priority::from_word("urgent"), Priority::Unstated);
        assert!(Priority::from_word("Critical") < Priority::from_word("LOW"));
    }
}

//! Whether what a power cut left is what was promised.

use serde_yaml::Value;

/// What is wrong with a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// Neither the old nor the new version, or neither of them whole.
    Torn(String),
    /// A version or record that the program had promised is gone.
    Lost(String),
    /// What else must not be: backup, mode, recovery.
    Other(String),
}

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
}

/// A file that was replaced once.
pub(crate) struct Replaced<'a> {
    /// What the reader found; `None` if there is no file.
    pub(crate) found: Option<&'a Version>,
    pub(crate) old: Option<&'a Version>,
    pub(crate) new: &'a Version,
    pub(crate) promised: bool,
    pub(crate) backup: Option<&'a [u8]>,
    /// The backup of before.
    pub(crate) old_backup: Option<&'a [u8]>,
}

impl Replaced<'_> {
    pub(crate) fn judge(&self) -> Result<(), Violation> {
        let bytes = |version: Option<&Version>| version.map(|version| version.bytes.clone());
        let found = bytes(self.found);
        let is_new = found.as_ref() == Some(&self.new.bytes);
        if !is_new && found != bytes(self.old) {
            return Err(Violation::Torn(match found {
                Some(found) => format!("neither the old nor the new version, but {}", described(&found)),
                None => "the file is gone".into(),
            }));
        }
        if self.promised && !is_new {
            return Err(Violation::Lost("the old version, though the new one was promised".into()));
        }
        let wanted = if is_new { Some(self.new) } else { self.old };
        if let (Some(found), Some(wanted)) = (self.found, wanted)
            && found.mode != wanted.mode
        {
            return Err(Violation::Other(format!(
                "its mode is {:o} instead of {:o}",
                found.mode, wanted.mode
            )));
        }
        match self.backup {
            Some(backup)
                if Some(backup) != self.old_backup && self.old.is_none_or(|old| old.bytes != backup) =>
            {
                Err(Violation::Other(format!("the backup is no old version, but {}", described(backup))))
            }
            _ => Ok(()),
        }
    }
}

/// A log that was appended to.
pub(crate) struct Appended<'a> {
    pub(crate) found: &'a [Value],
    /// The records of before, and those that were appended, in their order.
    pub(crate) all: &'a [Value],
    /// How many of `all` must be there.
    pub(crate) promised: usize,
}

impl Appended<'_> {
    pub(crate) fn judge(&self) -> Result<(), Violation> {
        let same = self.found.iter().zip(self.all).take_while(|(found, wanted)| found == wanted).count();
        if same < self.found.len() {
            return Err(Violation::Torn(format!(
                "record {} is none that was written: {:?}",
                same + 1,
                self.found[same]
            )));
        }
        if same < self.promised {
            return Err(Violation::Lost(format!("{same} records, though {} were promised", self.promised)));
        }
        Ok(())
    }
}

/// Enough of some bytes to know what they are.
fn described(bytes: &[u8]) -> String {
    const ENOUGH: usize = 40;
    if bytes.is_empty() {
        return "an empty file".into();
    }
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(ENOUGH)]).into_owned();
    format!("{} bytes, {zeros} of them zero, that begin with {start:?}", bytes.len())
}

#[cfg(test)]
mod tests {
    use super::{Appended, Replaced, Version, Violation};
    use serde_yaml::Value;

    fn version(text: &str) -> Version {
        Version { bytes: text.into(), mode: 0o644 }
    }

    fn judge(found: Option<&str>, promised: bool, backup: Option<&str>) -> Result<(), Violation> {
        let (old, new) = (version("old"), version("new"));
        let found = found.map(version);
        Replaced {
            found: found.as_ref(),
            old: Some(&old),
            new: &new,
            promised,
            backup: backup.map(str::as_bytes),
            old_backup: Some(b"older"),
        }
        .judge()
    }

    #[test]
    fn old_or_new_and_after_the_promise_only_new() {
        assert_eq!(judge(Some("old"), false, None), Ok(()));
        assert_eq!(judge(Some("new"), false, Some("older")), Ok(()));
        assert_eq!(judge(Some("new"), true, Some("old")), Ok(()));
        assert!(matches!(judge(Some("old"), true, None), Err(Violation::Lost(_))));
    }

    #[test]
    fn a_torn_an_empty_and_a_missing_file_are_refused() {
        for found in [Some("ne"), Some(""), Some("ne\0"), None] {
            assert!(matches!(judge(found, false, None), Err(Violation::Torn(_))), "{found:?}");
        }
    }

    #[test]
    fn a_torn_backup_and_a_wrong_mode_are_refused() {
        assert!(matches!(judge(Some("new"), false, Some("ol")), Err(Violation::Other(_))));
        assert!(matches!(judge(Some("new"), false, Some("new")), Err(Violation::Other(_))));
        let (new, found) = (version("new"), Version { mode: 0o600, ..version("new") });
        let judged = Replaced {
            found: Some(&found),
            old: None,
            new: &new,
            promised: true,
            backup: None,
            old_backup: None,
        }
        .judge();
        assert!(matches!(judged, Err(Violation::Other(_))));
    }

    #[test]
    fn a_log_is_a_prefix_that_holds_what_was_promised() {
        let all: Vec<Value> = ["a", "b", "c"].map(Value::from).into();
        let judge = |found: &[&str], promised| {
            let found: Vec<Value> = found.iter().copied().map(Value::from).collect();
            Appended { found: &found, all: &all, promised }.judge()
        };
        assert_eq!(judge(&["a"], 1), Ok(()));
        assert_eq!(judge(&["a", "b", "c"], 2), Ok(()));
        assert!(matches!(judge(&["a"], 2), Err(Violation::Lost(_))));
        assert!(matches!(judge(&["a", "c"], 1), Err(Violation::Torn(_))));
        assert!(matches!(judge(&["a", "b", "c", "c"], 1), Err(Violation::Torn(_))));
        assert!(matches!(judge(&["x"], 0), Err(Violation::Torn(_))));
    }
}

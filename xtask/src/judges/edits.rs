//! Whether anything is gone that an editor without a lock, or an update beside it, had saved.

use std::collections::BTreeSet;

type Ids = BTreeSet<String>;

/// What was noted, and what is found at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edits {
    /// What the editor saved.
    pub(crate) edited: Ids,
    /// The updates that were acknowledged.
    pub(crate) updated: Ids,
    /// What the editor itself replaced by a save of an older version.
    pub(crate) dropped: Ids,
    /// What is in the file.
    pub(crate) in_file: Ids,
    /// What is in the backup and the snapshots.
    pub(crate) in_backups: Ids,
    /// What is in each version that was put aside, by its name.
    pub(crate) aside: Vec<(String, Ids)>,
    /// The names of the versions that were reported.
    pub(crate) reported: BTreeSet<String>,
}

impl Edits {
    /// That everything is somewhere, and that what is aside was reported.
    pub(crate) fn none_is_gone(&self) -> Result<(), String> {
        if self.edited.is_empty() || self.updated.is_empty() {
            return Err("the editor or the updates got nothing done".into());
        }
        let unreported: Vec<_> =
            self.aside.iter().map(|(name, _)| name).filter(|name| !self.reported.contains(*name)).collect();
        if !unreported.is_empty() {
            return Err(format!("put aside and not reported: {unreported:?}"));
        }
        let is_kept = |id: &String| {
            self.in_file.contains(id)
                || self.dropped.contains(id)
                || self.in_backups.contains(id)
                || self.aside.iter().any(|(_, ids)| ids.contains(id))
        };
        none_of("saves of the editor", &self.edited, is_kept)?;
        none_of("acknowledged updates", &self.updated, is_kept)
    }

    /// That everything is in the file, but for what the editor itself threw away. Returns how many saves of the editor were put aside because
    /// it saved once more, on top of a version that was just being taken back.
    ///
    /// That takes two of its saves in the microseconds between an exchange and its comparison, so it may happen at most once in a hundred.
    pub(crate) fn none_is_displaced(&self) -> Result<usize, String> {
        self.none_is_gone()?;
        none_of("acknowledged updates", &self.updated, |id| {
            self.in_file.contains(id) || self.dropped.contains(id)
        })?;
        let is_in_place = |id: &String| self.in_file.contains(id) || self.dropped.contains(id);
        let crossed: Vec<_> = self.edited.iter().filter(|id| !is_in_place(id)).collect();
        let is_aside = |id: &String| self.aside.iter().any(|(_, ids)| ids.contains(id));
        if crossed.len() > self.edited.len() / 100 || !crossed.iter().all(|id| is_aside(id)) {
            return Err(format!("{} saves by rename were displaced: {crossed:?}", crossed.len()));
        }
        Ok(crossed.len())
    }
}

fn none_of(what: &str, ids: &Ids, is_kept: impl Fn(&String) -> bool) -> Result<(), String> {
    let gone: Vec<_> = ids.iter().filter(|id| !is_kept(id)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    Err(format!("{} of {} {what} are gone: {:?}", gone.len(), ids.len(), &gone[..gone.len().min(8)]))
}

#[cfg(test)]
mod tests {
    use super::{Edits, Ids};

    fn ids(ids: &[&str]) -> Ids {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn good() -> Edits {
        Edits {
            edited: ids(&["e1", "e2"]),
            updated: ids(&["u1", "u2"]),
            in_file: ids(&["e1", "e2", "u1", "u2"]),
            ..Edits::default()
        }
    }

    #[test]
    fn what_the_editor_drops_itself_and_what_is_aside_and_reported_is_not_gone() {
        assert!(good().none_is_gone().is_ok() && good().none_is_displaced() == Ok(0));
        let dropped = Edits { in_file: ids(&["e1", "e2", "u2"]), dropped: ids(&["u1"]), ..good() };
        assert_eq!(dropped.none_is_displaced(), Ok(0));
        let aside = Edits {
            in_file: ids(&["e1", "u1", "u2"]),
            aside: vec![("a".into(), ids(&["e2"]))],
            reported: ids(&["a"]),
            ..good()
        };
        assert!(aside.none_is_gone().is_ok());
        assert!(aside.none_is_displaced().is_err(), "one of two is more than one in a hundred");
        assert!(Edits { reported: Ids::new(), ..aside }.none_is_gone().is_err(), "not reported");
    }

    #[test]
    fn what_is_gone_is_noticed() {
        assert!(Edits { in_file: ids(&["e1", "u1", "u2"]), ..good() }.none_is_gone().is_err());
        assert!(Edits { in_file: ids(&["e1", "e2", "u1"]), ..good() }.none_is_gone().is_err());
        let kept = Edits { in_file: ids(&["e1", "e2", "u1"]), in_backups: ids(&["u2"]), ..good() };
        assert!(kept.none_is_gone().is_ok() && kept.none_is_displaced().is_err());
        assert!(Edits { updated: Ids::new(), ..good() }.none_is_gone().is_err());
    }
}

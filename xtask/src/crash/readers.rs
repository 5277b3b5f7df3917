//! The readers that come after the power cut, and the next save.

use crate::crash::programs::{FILE, LOG, Program, QUEUE, Recovery, Subject, new_text};
use crate::crash::world::{Body, Kind, Tree, World};
use crate::engine::{Explain, Failure};
use crate::judges::crash_state::{Appended, Replaced, Version, Violation};
use crate::judges::leftovers;
use atomic_io::{DocumentError, EventLog, Events, SharedFile};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What a program began with and what it made, as found before and after it ran.
pub(crate) struct Facts<'a> {
    pub(crate) program: &'a Program,
    pub(crate) before: Tree,
    pub(crate) after: Tree,
    /// All records of the log after it ran, and how many of them were there before.
    pub(crate) records: Vec<Value>,
    pub(crate) old_records: usize,
}

/// Puts `tree` into `folder`, which is emptied.
pub(crate) fn put(tree: &Tree, folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).explain(folder.display())?;
    }
    fs::create_dir_all(folder).explain(folder.display())?;
    // Who mends a log waits while it changes; after a power cut nobody is there who could change it.
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for (name, body) in tree {
        let path = folder.join(name);
        match body.kind {
            Kind::Folder => fs::create_dir(&path).explain(path.display())?,
            Kind::File => {
                fs::write(&path, &body.bytes).explain(path.display())?;
                let file = File::options().write(true).open(&path).explain(path.display())?;
                file.set_modified(long_ago)?;
                file.set_permissions(Permissions::from_mode(body.mode))?;
            }
        }
    }
    Ok(())
}

impl Facts<'_> {
    /// Reads `tree`, which stands in `folder`, as it is after a power cut when `said` promises had been made; then saves again.
    pub(crate) fn judge(&self, tree: &Tree, folder: &Path, said: usize) -> Result<(), Violation> {
        match self.program.subject {
            Subject::File(recovery) => {
                self.replaced(tree, folder, FILE, said > 0)?;
                match recovery {
                    Recovery::None => Ok(()),
                    Recovery::Replace => replaced_again(folder),
                    Recovery::Update => updated_again(tree, folder, FILE),
                    Recovery::LosingNothing => {
                        let before: BTreeSet<_> = contents(&self.before).collect();
                        none_is_lost(&before, &contents(tree).collect())?;
                        updated_again(tree, folder, FILE)?;
                        let after = World::read(folder).map_err(|error| next("look", &error))?.tree();
                        none_is_lost(&before, &contents(&after).collect())
                    }
                }
            }
            Subject::Log => {
                let found = self.appended(tree, folder, said)?;
                appended_again(folder, found)
            }
            Subject::Queue => {
                let is_new = self.replaced(tree, folder, QUEUE, said > 0)?;
                let found = self.appended(tree, folder, said)?;
                if found.len() > self.old_records && !is_new {
                    return Err(Violation::Other("the log tells of a claim that is not in the queue".into()));
                }
                updated_again(tree, folder, QUEUE)?;
                appended_again(folder, found)
            }
        }
    }

    /// Returns whether the file is the new version.
    fn replaced(&self, tree: &Tree, folder: &Path, name: &str, promised: bool) -> Result<bool, Violation> {
        let backup = PathBuf::from(format!("{name}.backup"));
        let found = version(tree, name);
        let (old, new) = (version(&self.before, name), version(&self.after, name));
        let Some(new) = new else { return Err(Violation::Other(format!("{name} was not made at all"))) };
        let bytes = |tree: &Tree| tree.get(&backup).map(|body| body.bytes.to_vec());
        let (backup, old_backup) = (bytes(tree), bytes(&self.before));
        Replaced {
            found: found.as_ref(),
            old: old.as_ref(),
            new: &new,
            promised,
            backup: backup.as_deref(),
            old_backup: old_backup.as_deref(),
        }
        .judge()?;
        if let Some(found) = &found {
            read_twice(&folder.join(name), &found.bytes).map_err(Violation::Torn)?;
        }
        Ok(found.as_ref() == Some(&new))
    }

    /// Returns the records that are there.
    fn appended(&self, tree: &Tree, folder: &Path, said: usize) -> Result<Vec<Value>, Violation> {
        let found = if tree.contains_key(Path::new(LOG)) {
            let log = folder.join(LOG);
            let events = EventLog::at(&log).read().map_err(|error| Violation::Torn(told(&error)))?;
            if !events.unfinished {
                read_by_all(&log, &events).map_err(Violation::Torn)?;
            }
            events.records
        } else {
            Vec::new()
        };
        let promised = self.old_records + said;
        Appended { found: &found, all: &self.records, promised }.judge()?;
        Ok(found)
    }
}

/// What all files hold.
fn contents(tree: &Tree) -> impl Iterator<Item = &[u8]> {
    tree.values().filter(|body| body.kind == Kind::File).map(|body| &body.bytes[..])
}

fn none_is_lost(before: &BTreeSet<&[u8]>, after: &BTreeSet<&[u8]>) -> Result<(), Violation> {
    match before.difference(after).next() {
        Some(lost) => Err(Violation::Lost(format!("a version of {} bytes is nowhere", lost.len()))),
        None => Ok(()),
    }
}

fn version(tree: &Tree, name: &str) -> Option<Version> {
    tree.get(Path::new(name)).map(|body: &Body| Version { bytes: body.bytes.to_vec(), mode: body.mode })
}

/// By our reader, and by one that knows nothing of us.
fn read_twice(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let document = SharedFile::at(path).read().map_err(|error| told(&error))?;
    if document.text().as_bytes() != bytes {
        return Err("our reader read something else than stands there".into());
    }
    serde_yaml::from_str::<Value>(document.text()).map(drop).map_err(|error| told(&error))
}

/// That a reader who knows nothing of stamps finds the same records.
fn read_by_all(path: &Path, events: &Events) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| told(&error))?;
    let plain: Option<Vec<Value>> = serde_yaml::from_str(&text).map_err(|error| told(&error))?;
    if plain.unwrap_or_default() == events.records {
        Ok(())
    } else {
        Err("two readers found different records".into())
    }
}

fn replaced_again(folder: &Path) -> Result<(), Violation> {
    // It replaces without a lock, so it cannot know that a temporary is nobody's: only its own must be gone.
    let before = leftovers::temporaries(folder).map_err(|error| Violation::Other(told(&error)))?;
    let text = new_text();
    atomic_io::replace(folder.join(FILE), text.as_bytes()).map_err(|error| next("replace", &error))?;
    read_twice(&folder.join(FILE), text.as_bytes()).map_err(Violation::Other)?;
    let after = leftovers::temporaries(folder).map_err(|error| Violation::Other(told(&error)))?;
    if after.len() > before.len() {
        Err(Violation::Other("the next replace left a temporary".into()))
    } else {
        Ok(())
    }
}

fn updated_again(tree: &Tree, folder: &Path, name: &str) -> Result<(), Violation> {
    if !tree.contains_key(Path::new(name)) {
        return Ok(());
    }
    let file = SharedFile::at(folder.join(name));
    let updated = file.update(|document| {
        let counter: u64 = document.get("counter")?;
        document.set("counter", &(counter + 1))?;
        Ok::<_, DocumentError>(counter + 1)
    });
    let counter = updated.map_err(|error| next("update", &error))?;
    let read: BTreeMap<String, Value> = fs::read_to_string(file.path())
        .map_err(|error| next("read", &error))
        .and_then(|text| serde_yaml::from_str(&text).map_err(|error| next("read", &error)))?;
    if read.get("counter") != Some(&counter.into()) {
        return Err(Violation::Other("the next update is not in the file".into()));
    }
    leftovers::none(folder).map_err(Violation::Other)
}

fn appended_again(folder: &Path, mut expected: Vec<Value>) -> Result<(), Violation> {
    let path = folder.join(LOG);
    let log = EventLog::at(&path);
    let record: BTreeMap<&str, &str> = [("id", "after the power cut")].into();
    log.append(&record).map_err(|error| next("append", &error))?;
    expected.extend(serde_yaml::to_value(&record));
    let events = log.read().map_err(|error| next("read", &error))?;
    if events.unfinished || events.records != expected {
        let found = events.records.len();
        return Err(Violation::Other(format!(
            "after the next append {found} records are read instead of {}",
            expected.len()
        )));
    }
    read_by_all(&path, &events).map_err(|why| Violation::Other(format!("after the next append: {why}")))?;
    leftovers::none(folder).map_err(Violation::Other)
}

fn next(what: &str, error: &dyn std::error::Error) -> Violation {
    Violation::Other(format!("the next {what} fails: {}", told(error)))
}

fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", told(source)),
        None => error.to_string(),
    }
}

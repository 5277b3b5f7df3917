//! Being told of changes in the folders, so that they need not be walked through when nothing happened.
//!
//! Each folder that a walk came through is watched by itself. One recursive watch would take in what is left out (`.git`, excluded
//! folders), and it misses what is made in a folder before the watch on that folder is there. Here a walk after each change
//! covers the folders that came; what came in one of them before it was covered the walk after that finds.
//!
//! Notices can be lost: the kernel drops them when there are too many (`Rescan`), and has a limit on watches. Then folders are walked
//! through again, as they are every so often in any case. So a lost notice delays, and no more.

use crate::desk::Desk;
use globset::GlobSet;
use notify::event::{CreateKind, EventKind, ModifyKind};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// The watched folders.
pub(crate) struct Watches {
    /// `None` where watching is not to be had at all.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    /// Why not all are.
    missed: Option<String>,
}

/// Whether every folder is watched now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// All were watched before, too.
    Same,
    /// All are, some only since now: what happened in those before is not known.
    Grown,
    /// Not all are.
    Partial,
}

impl Watches {
    /// Watches nothing yet. What happens will be noted at `desk`; names that fit `names` count as lock files too.
    pub(crate) fn new(desk: &Arc<Desk>, names: GlobSet) -> Self {
        let desk = Arc::clone(desk);
        let take = move |event: notify::Result<Event>| match event {
            Ok(event) => note(&desk, &event, &names),
            // Whatever it was that could not be read: nothing may be taken for unchanged now.
            Err(_) => desk.note_tree(|tree| tree.has_changed = true),
        };
        let watcher = notify::recommended_watcher(take).and_then(|mut watcher| {
            // Its thread may not have started. All else panics then, its drop too; this is answered with an error.
            if let Err(error) = watcher.configure(Config::default()) {
                std::mem::forget(watcher);
                return Err(error);
            }
            Ok(watcher)
        });
        let missed = watcher.as_ref().err().map(|error| format!("folders cannot be watched: {error}"));
        Self { watcher: watcher.ok(), watched: BTreeSet::new(), missed }
    }

    /// Watches exactly these folders. Those that are watched already are asked for again: a folder that was removed and made anew
    /// in the meantime has lost its watch.
    pub(crate) fn cover(&mut self, folders: &[PathBuf]) -> Coverage {
        let Some(watcher) = &mut self.watcher else { return Coverage::Partial };
        let wanted: BTreeSet<_> = folders.iter().cloned().collect();
        for gone in self.watched.difference(&wanted) {
            // Mostly it is gone, and its watch with it.
            let _ = watcher.unwatch(gone);
        }
        let mut covered = BTreeSet::new();
        self.missed = None;
        for folder in wanted {
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    covered.insert(folder);
                }
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
                Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                    self.missed = Some(format!(
                        "only {} of {} folders can be watched (limit: fs.inotify.max_user_watches)",
                        covered.len(),
                        folders.len()
                    ));
                    break;
                }
                Err(error) => {
                    self.missed = Some(format!("cannot watch {}: {error}", folder.display()));
                }
            }
        }
        let has_grown = !covered.is_subset(&self.watched);
        self.watched = covered;
        match self.missed {
            Some(_) => Coverage::Partial,
            None if has_grown => Coverage::Grown,
            None => Coverage::Same,
        }
    }

    /// How many folders are watched.
    pub(crate) fn count(&self) -> usize {
        self.watched.len()
    }

    /// Why not all are; `None` if all are.
    pub(crate) fn missed(&self) -> Option<&str> {
        self.missed.as_deref()
    }
}

fn note(desk: &Desk, event: &Event, names: &GlobSet) {
    if event.need_rescan() {
        desk.note_tree(|tree| {
            tree.overflows += 1;
            tree.has_changed = true;
        });
    }
    let has_come = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_)));
    // Openings and writes are of no interest: they bring no file and take none away.
    if !has_come && !matches!(event.kind, EventKind::Remove(_)) {
        return;
    }
    let is_lock = has_come && event.paths.iter().any(|path| is_lock_name(path, names));
    let is_folder = match event.kind {
        EventKind::Create(kind) => kind == CreateKind::Folder,
        // What was renamed is not told.
        EventKind::Modify(_) => event.paths.last().is_some_and(|path| path.is_dir()),
        _ => false,
    };
    desk.note_tree(|tree| {
        tree.has_changed = true;
        tree.has_new_folder |= is_folder;
        if is_lock {
            tree.lock_came.get_or_insert_with(Instant::now);
        }
    });
}

/// Whether it may be a lock file; the walk decides.
fn is_lock_name(path: &Path, names: &GlobSet) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_bytes().ends_with(b".lock") || names.is_match(OsStr::new(name))
}

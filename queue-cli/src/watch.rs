//! Being woken when a file changes, by whomever.

use crate::folder::folder_of;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

/// Calls `changed` whenever the file at `path`, or what it links to, may have changed. The file need not exist, its folder must. Where that
/// cannot be had, which is told, a slow poll is what remains.
pub(crate) fn watch_file(path: &Path, changed: impl Fn() + Send + 'static) -> Option<RecommendedWatcher> {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let name = real.file_name()?.to_os_string();
    let folder = folder_of(&real);
    let report = move |event: notify::Result<notify::Event>| {
        let concerns_us = match &event {
            Ok(event) => {
                event.need_rescan() || event.paths.iter().any(|path| path.file_name() == Some(&name))
            }
            Err(_) => true,
        };
        let touched = event.as_ref().is_ok_and(|event| event.kind.is_access());
        if concerns_us && !touched {
            changed();
        }
    };
    let watcher = notify::recommended_watcher(report).and_then(|mut watcher| {
        // Its thread may not have started. All else panics then, its drop too; this is answered with an error.
        if let Err(error) = watcher.configure(notify::Config::default()) {
            std::mem::forget(watcher);
            return Err(error);
        }
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    watcher
        .inspect_err(|error| {
            tracing::warn!("cannot watch {}, so it is looked at now and then: {error}", folder.display());
        })
        .ok()
}

/// Waiting for any of several files to change.
pub(crate) struct Changes {
    sender: Sender<()>,
    receiver: Receiver<()>,
    watchers: Vec<RecommendedWatcher>,
}

impl Changes {
    /// Of no file yet.
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::channel();
        Self { sender, receiver, watchers: Vec::new() }
    }

    /// And of this one.
    pub(crate) fn of(mut self, path: &Path) -> Self {
        let sender = self.sender.clone();
        // The other end is gone when nobody waits any more.
        self.watchers.extend(watch_file(path, move || {
            let _ = sender.send(());
        }));
        self
    }

    /// Waits for a change since the last wait, at most for `time`.
    pub(crate) fn wait(&self, time: Duration) {
        if self.receiver.recv_timeout(time).is_ok() {
            // One look takes in all that has happened until now.
            while self.receiver.try_recv().is_ok() {}
        }
    }
}

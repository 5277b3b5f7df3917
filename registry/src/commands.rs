//! The commands, and what they have in common.

pub(crate) mod check;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod matches;
pub(crate) mod metrics;
pub(crate) mod outcomes;
pub(crate) mod pages;
pub(crate) mod recalculate;
pub(crate) mod record;
pub(crate) mod top;

use crate::cli::Global;
use crate::output::{print_json, print_text};
use atomic_io::{EventLog, Wait};
use registry::Registry;
use serde_json::Value;

/// What a command works with.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) registry: Registry,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        let wait = Wait::AtMost(global.lock_timeout);
        let registry = global.also_lock.iter().fold(Registry::at(&global.file, wait), Registry::also_lock);
        let registry = match &global.events {
            _ if global.no_events => registry.with_events(None),
            Some(path) => registry.with_events(Some(EventLog::at(path).wait(wait))),
            None => registry,
        };
        Self { global, registry }
    }

    /// Prints what was asked for: the object where JSON is wanted, else the text.
    fn show(&self, object: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        if self.global.json { print_json(&object()) } else { print_text(&text()) }
    }

    /// Prints what was done: the object where JSON is wanted, else the text unless nothing is to be said.
    fn tell(&self, object: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        if self.global.json || !self.global.quiet {
            self.show(object, text);
        }
    }
}

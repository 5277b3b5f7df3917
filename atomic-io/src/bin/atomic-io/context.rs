//! What a command works with.

use crate::cli::Global;
use crate::exit::{Exit, Failure};
use crate::interrupt::{Interrupts, Saving};
use atomic_io::{Document, EventLog, ParseError, SharedFile, UpdateError, Wait};
use lock_core::LockFile;
use serde_yaml::Value;
use std::env;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// In the environment of a command that `lock` runs: the lock files that are held around it.
const AROUND: &str = "ATOMIC_IO_LOCKED";

pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) interrupts: Arc<Interrupts>,
}

impl Context {
    pub(crate) fn file(&self, path: &Path) -> SharedFile {
        let file = SharedFile::at(path).wait(self.global.timeout);
        let file = self.global.also_lock.iter().fold(file, SharedFile::also_lock);
        if self.global.no_backup { file.without_backup() } else { file }
    }

    pub(crate) fn log(&self, path: &Path) -> EventLog {
        let log = EventLog::at(path).wait(self.global.timeout);
        self.global.also_lock.iter().fold(log, EventLog::also_lock)
    }

    /// The lock of the file, to be taken by itself.
    pub(crate) fn lock(&self, path: &Path) -> Result<LockFile, Failure> {
        refuse_within_lock(path)?;
        Ok(self.global.also_lock.iter().fold(LockFile::guarding(path), LockFile::also))
    }

    /// Tells `command`, and what it starts, that it runs under the lock at `lock_path`.
    pub(crate) fn tell_of_lock(&self, command: &mut Command, lock_path: &Path) {
        let around = env::var_os(AROUND).unwrap_or_default();
        let Ok(lock_path) = fs::canonicalize(lock_path) else { return };
        // A name with a colon has no place in such a list; then nobody is warned.
        if let Ok(all) = env::join_paths(env::split_paths(&around).chain([lock_path])) {
            command.env(AROUND, all);
        }
    }

    /// Runs `operation` as an update of the file. Says also whether that changed it.
    pub(crate) fn update<T>(
        &self,
        path: &Path,
        mut operation: impl FnMut(&mut Document) -> Result<T, Failure>,
    ) -> Result<(T, bool), Failure> {
        refuse_within_lock(path)?;
        let mut saving = None;
        let updated = self.file(path).update(|document| {
            // A repeated operation may take long, and can be interrupted as the first one.
            saving = None;
            let before = document.text().to_owned();
            let outcome = operation(document)?;
            saving = Some(self.interrupts.saving()?);
            Ok((outcome, document.text() != before))
        });
        match updated {
            Ok(updated) => {
                saving.into_iter().for_each(Saving::done);
                Ok(updated)
            }
            Err(UpdateError::Operation(failure)) => Err(failure),
            Err(UpdateError::File(error)) => Err(error.into()),
        }
    }
}

/// Whoever takes the lock inside a command that runs under it would wait for itself.
pub(crate) fn refuse_within_lock(path: &Path) -> Result<(), Failure> {
    let Some(around) = env::var_os(AROUND) else { return Ok(()) };
    let lock = LockFile::guarding(path);
    let Ok(lock_path) = fs::canonicalize(lock.path()) else { return Ok(()) };
    // A daemon may have the variable from a command that has long ended.
    let is_held = || {
        LockFile::at(&lock_path)
            .without_record()
            .exclusive_on_existing(Wait::Never)
            .is_err_and(|e| e.is_contended())
    };
    if env::split_paths(&around).any(|held| held == lock_path) && is_held() {
        let message = format!(
            "{} is locked by the `atomic-io lock` around this very command, which would wait for itself; use `pipe`, or one `set` with several pairs",
            path.display()
        );
        return Err(Failure::new(Exit::Conflict, message));
    }
    Ok(())
}

/// A value as it was typed.
pub(crate) fn value(text: &str, is_literal: bool) -> Result<Value, Failure> {
    if is_literal {
        return Ok(Value::from(text));
    }
    let document = Document::parse(text).map_err(|error| {
        let message = format!("`{text}` is no YAML ({error}); --string takes it as it is");
        Failure::new(Exit::Usage, message)
    })?;
    document.get(".").map_err(|error| Failure::because(format!("cannot read `{text}`"), error))
}

/// All of standard input, which must be text.
pub(crate) fn standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::because("cannot read standard input", error))?;
    text(bytes, "standard input")
}

/// Bytes that must be text.
pub(crate) fn text(bytes: Vec<u8>, what: &str) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let good =
            String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]).into_owned();
        let line_text = good.rsplit('\n').next().unwrap_or_default();
        let error = ParseError {
            line: 1 + good.matches('\n').count(),
            column: 1 + line_text.chars().count(),
            message: "the bytes here are not UTF-8".into(),
            line_text: line_text.into(),
        };
        Failure::Parse { what: what.into(), error }
    })
}

/// Whether there is nothing in `text` but blank lines and comments: what a program leaves that failed before it printed anything.
pub(crate) fn holds_nothing(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
}

/// Text that must be YAML.
pub(crate) fn document(text: String, what: &str) -> Result<Document, Failure> {
    Document::parse(text).map_err(|error| Failure::Parse { what: what.into(), error })
}

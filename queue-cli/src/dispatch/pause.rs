//! `queue pause` and `queue resume`: a note beside the queue that holds its dispatcher's claiming, also of one that is started later.

use crate::commands::Context;
use crate::exit::Failure;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Where the note stands. Who pauses a queue is written in it, for people.
pub(crate) fn note_path(context: &Context) -> PathBuf {
    context.queue.runs().pause_note()
}

/// Who paused the queue and when; `None` if nobody did.
pub(crate) fn paused(context: &Context) -> Option<String> {
    match fs::read_to_string(note_path(context)) {
        Ok(text) => Some(text.trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        // A note that cannot be read is a note.
        Err(error) => Some(format!("a note that cannot be read: {error}")),
    }
}

/// Puts the note there. True if there was none.
pub(crate) fn pause(context: &Context, text: &str) -> Result<bool, Failure> {
    let path = note_path(context);
    let was_there = path.exists();
    let failed = |error| Failure::because(format!("cannot write {}", path.display()), error);
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(&path, format!("{text}\n")).map_err(failed)?;
    Ok(!was_there)
}

/// Takes the note away. False if there was none.
pub(crate) fn resume(context: &Context) -> Result<bool, Failure> {
    let path = note_path(context);
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::because(format!("cannot remove {}", path.display()), error)),
    }
}

//! Appending what the log turns out to lack.

use super::append::{ATTEMPTS, Append, Outcome};
use super::error::EventError;
use super::record::Record;
use super::{EventLog, Events, read};
use crate::FileError;
use crate::target::Target;
use serde::Serialize;

pub(super) fn append_chosen<E: Serialize>(
    log: &EventLog,
    mut choose: impl FnMut(&Events) -> Vec<E>,
) -> Result<usize, EventError> {
    let mut written = 0;
    for _ in 0..ATTEMPTS {
        // Before the lock: a path that cannot be a log must not get a lock file.
        Target::resolve(&log.path)?;
        let lock = log.lock_file().exclusive(log.wait)?;
        let target = Target::resolve(&log.path)?;
        let chosen: Result<Vec<_>, _> = choose(&events_in(&target)?).iter().map(Record::of).collect();
        let records = chosen.map_err(|reason| EventError::Emit { reason })?;
        if records.is_empty() {
            return Ok(written);
        }
        match (Append { target: &target, lock: &lock }).once(&records)? {
            Outcome::Recorded => return Ok(records.len().max(written)),
            Outcome::Nothing => {}
            Outcome::Displaced => written = records.len(),
        }
        tracing::info!(path = %log.path.display(), "replaced, or its lock file removed, meanwhile; looking again");
    }
    Err(FileError::Unsettled { path: log.path.clone(), times: ATTEMPTS }.into())
}

fn events_in(target: &Target) -> Result<Events, EventError> {
    match target.read() {
        Ok(content) => read::events(target, content),
        Err(FileError::NotFound { .. }) => Ok(Events { records: Vec::new(), unfinished: false }),
        Err(error) => Err(error.into()),
    }
}

//! Keeping the slots' file current: what runs where, and how much was done.
//!
//! The file is derived from the queue and never relied on. It is written once for all that a turn of the dispatcher's loop changed, without
//! backups, because nothing in it is anybody's work.

use atomic_io::{FileError, SharedFile};
use jiff::Timestamp;
use queue_cli::QueueError;
use queue_cli::ops::OtherRun;
use queue_cli::slots::{Metric, Occupant, Slot, beat, count, set_occupant, slots};
use std::time::{Duration, Instant};

/// How often a slot's heartbeat is written while its task runs.
const BEAT: Duration = Duration::from_secs(30);

pub(crate) struct SlotsFile {
    file: SharedFile,
    /// The usable slots, by place.
    slots: Vec<Slot>,
    /// What the file says is in each; `None` while it is not known what it says.
    written: Vec<Option<Option<Occupant>>>,
    /// A task of a dispatcher that is gone, which still runs there.
    left: Vec<Option<String>>,
    counts: Vec<(Metric, u64)>,
    beaten: Instant,
}

impl SlotsFile {
    pub(crate) fn of(file: SharedFile, slots: Vec<Slot>) -> Self {
        let left = slots.iter().map(|slot| slot.current_task.clone()).collect();
        let written = vec![None; slots.len()];
        Self { file: file.without_backup(), slots, written, left, counts: Vec::new(), beaten: Instant::now() }
    }

    /// Whether a task of a dispatcher that is gone still runs in this place.
    pub(crate) fn is_left(&self, place: usize) -> bool {
        self.left.get(place).is_some_and(Option::is_some)
    }

    /// Whether this task of a dispatcher that is gone still runs in one of the places.
    pub(crate) fn has_left(&self, task: &str) -> bool {
        self.left.iter().flatten().any(|left| left == task)
    }

    /// Takes in which tasks run that are not this dispatcher's.
    pub(crate) fn see_others(&mut self, others: &[OtherRun]) {
        for left in &mut self.left {
            if left.as_ref().is_some_and(|task| !others.iter().any(|other| other.id == *task)) {
                *left = None;
            }
        }
    }

    /// Counts one more.
    pub(crate) fn count(&mut self, metric: Metric) {
        match self.counts.iter_mut().find(|(counted, _)| *counted == metric) {
            Some((_, number)) => *number += 1,
            None => self.counts.push((metric, 1)),
        }
    }

    /// Writes down what is in each place now, if that, or anything else to be told, is not written yet.
    pub(crate) fn write(&mut self, occupants: &[Option<Occupant>]) -> Result<(), QueueError> {
        let is_known = |place: usize| {
            self.written.get(place).is_some_and(|known| known.as_ref() == occupants.get(place))
        };
        let changed: Vec<usize> =
            (0..self.slots.len()).filter(|place| !self.is_left(*place) && !is_known(*place)).collect();
        let beating: Vec<usize> = if self.beaten.elapsed() >= BEAT {
            (0..self.slots.len()).filter(|place| occupants.get(*place).is_some_and(Option::is_some)).collect()
        } else {
            Vec::new()
        };
        if changed.is_empty() && beating.is_empty() && self.counts.is_empty() {
            return Ok(());
        }
        let saved = self.file.update(|document| {
            let now = Timestamp::now();
            // Somebody may have taken a slot out, or moved it.
            let found = slots(document)?;
            let slot = |place: usize| {
                found.iter().find(|slot| self.slots.get(place).is_some_and(|own| own.name == slot.name))
            };
            for place in &changed {
                let Some(slot) = slot(*place) else { continue };
                set_occupant(document, now, slot, occupants.get(*place).and_then(Option::as_ref))?;
            }
            for slot in beating.iter().filter_map(|place| slot(*place)) {
                beat(document, now, slot)?;
            }
            self.counts.iter().try_for_each(|(metric, by)| count(document, *metric, *by))
        });
        match saved.map_err(QueueError::from) {
            Ok(()) | Err(QueueError::File(FileError::DurabilityUnknown { .. })) => {}
            Err(error) => return Err(error),
        }
        for place in changed {
            if let Some(written) = self.written.get_mut(place) {
                *written = occupants.get(place).cloned();
            }
        }
        if !beating.is_empty() {
            self.beaten = Instant::now();
        }
        self.counts.clear();
        Ok(())
    }
}

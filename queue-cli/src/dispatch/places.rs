//! The places that tasks run in: so many alike, or the slots of a file with what each is meant for.

use super::slots_file::SlotsFile;
use crate::cli::Dispatch;
use crate::commands::Context;
use crate::exit::{Exit, Failure};
use atomic_io::{FileError, SharedFile};
use jiff::SignedDuration;
use queue_cli::slots::{Profile, Slot, slots};
use std::cmp::Reverse;
use std::path::Path;

const USUAL_NUMBER: u16 = 4;

/// One place.
pub(crate) struct Place {
    pub(crate) name: String,
    profile: Profile,
    /// How long a task may take here, if nothing else was said.
    pub(crate) max_duration: Option<SignedDuration>,
}

/// All of them.
pub(crate) struct Places {
    list: Vec<Place>,
    /// The file that describes them.
    pub(crate) file: Option<SlotsFile>,
}

impl Places {
    /// As the command line says: `--slots`, or `--state`, or the usual file if it describes slots, or four. Nothing is written.
    pub(crate) fn open(context: &Context, args: &Dispatch) -> Result<Self, Failure> {
        if let Some(number) = args.slots {
            return Ok(Self::alike(number));
        }
        if let Some(path) = &args.state {
            return Self::of_file(context, path)?
                .ok_or_else(|| Failure::new(Exit::Invalid, format!("{} describes no slot", path.display())));
        }
        match Self::of_file(context, &context.usual_slots_file()) {
            Err(Failure::Queue(queue_cli::QueueError::File(FileError::NotFound { .. }))) | Ok(None) => {
                Ok(Self::alike(USUAL_NUMBER))
            }
            Ok(Some(described)) => Ok(described),
            Err(failure) => Err(failure),
        }
    }

    fn alike(number: u16) -> Self {
        let place =
            |number: u16| Place { name: number.to_string(), profile: Profile::General, max_duration: None };
        Self { list: (1..=number).map(place).collect(), file: None }
    }

    /// `None` if the file describes no slot. One whose slots are all kept free is not such a file: nothing is to run then.
    fn of_file(context: &Context, path: &Path) -> Result<Option<Self>, Failure> {
        let file = SharedFile::at(path).wait(context.lock_wait());
        let described = slots(&file.read()?).map_err(|error| Failure::in_file(path, error))?;
        if described.is_empty() {
            return Ok(None);
        }
        let usable: Vec<Slot> = described.into_iter().filter(Slot::is_usable).collect();
        let place = |slot: &Slot| Place {
            name: slot.name.clone(),
            profile: slot.profile.clone(),
            max_duration: slot.max_duration,
        };
        let list: Vec<Place> = usable.iter().map(place).collect();
        if list.is_empty() {
            let path = path.display();
            let message =
                format!("{path} describes no slot that is idle or active; mark one so, or give --slots");
            return Err(Failure::new(Exit::Invalid, message));
        }
        Ok(Some(Self { list, file: Some(SlotsFile::of(file, usable)) }))
    }

    pub(crate) fn number(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.list.iter().map(|place| place.name.clone()).collect()
    }

    pub(crate) fn get(&self, place: usize) -> Option<&Place> {
        self.list.get(place)
    }

    /// The free place that fits best for a task that uses most what `resource` says; of equal ones the first. The place of a task of a dispatcher
    /// that is gone comes last: there are no more claims than places, so a task that gets no other may have this one, because what
    /// was in it has ended since the queue was looked at.
    pub(crate) fn best(&self, resource: Option<&str>, is_free: impl Fn(usize) -> bool) -> Option<usize> {
        let is_left = |place: usize| self.file.as_ref().is_some_and(|file| file.is_left(place));
        let free = self.list.iter().enumerate().filter(|(number, _)| is_free(*number));
        free.min_by_key(|(number, place)| (is_left(*number), Reverse(place.profile.fit(resource)), *number))
            .map(|(number, _)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Places, SharedFile, SlotsFile};
    use atomic_io::Document;
    use queue_cli::slots::slots;

    #[test]
    fn a_claim_always_finds_a_place_and_that_of_a_task_that_still_runs_last() {
        let text = "slots:\n  a: {profile: io, current_task: OLD}\n  b: {profile: compute}\n";
        let slots = slots(&Document::parse(text).unwrap()).unwrap();
        let place = |slot: &queue_cli::slots::Slot| Place {
            name: slot.name.clone(),
            profile: slot.profile.clone(),
            max_duration: None,
        };
        let list = slots.iter().map(place).collect();
        let places = Places { list, file: Some(SlotsFile::of(SharedFile::at("none.yaml"), slots)) };
        assert_eq!(places.best(Some("io"), |_| true), Some(1));
        assert_eq!(places.best(Some("io"), |place| place == 0), Some(0));
        assert_eq!(places.best(None, |_| false), None);
    }
}

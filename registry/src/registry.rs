//! The registry as a file, and the shell around the operations: lock, read, run, save, write the events down.

use crate::analysis::{self, Analysis};
use crate::error::RegistryError;
use crate::event::Event;
use crate::history::{self, TaskOutcome, UsageRecord, task_outcomes};
use crate::ops::Change;
use crate::recovery::missing_events;
use crate::selection::{self, Match, TriggerRule};
use crate::skill::{self, Skill};
use crate::skill::{Metrics, Selection, Usage};
use atomic_io::{Document, EventError, EventLog, FileError, SharedFile, Wait};
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};

/// A registry on disk, with its event log. Cheap to make: nothing is opened until something is asked of it.
#[derive(Clone, Debug)]
pub struct Registry {
    file: SharedFile,
    events: Option<EventLog>,
}

impl Registry {
    /// The registry in the file at `path`, with its events in `events.yaml` beside it, and locks waited for at most as `wait` says.
    pub fn at(path: impl AsRef<Path>, wait: Wait) -> Self {
        let path = path.as_ref();
        let events = EventLog::at(folder_of(path).join("events.yaml")).wait(wait);
        Self { file: SharedFile::at(path).wait(wait), events: Some(events) }
    }

    /// The same registry with its events somewhere else, or nowhere.
    #[must_use]
    pub fn with_events(mut self, events: Option<EventLog>) -> Self {
        self.events = events;
        self
    }

    /// The same registry, whose lock is taken together with the lock file at `path`: for programs that know the lock under that name.
    #[must_use]
    pub fn also_lock(mut self, path: impl AsRef<Path>) -> Self {
        self.file = self.file.also_lock(path);
        self
    }

    /// The path, as given.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The event log, if there is to be one.
    pub fn events(&self) -> Option<&EventLog> {
        self.events.as_ref()
    }

    /// Reads the registry as it is now, without a lock. The functions of this crate that take a document answer any question about it;
    /// the methods below are these with a fresh read before.
    ///
    /// # Errors
    ///
    /// [`RegistryError::File`].
    pub fn read(&self) -> Result<Document, RegistryError> {
        Ok(self.file.read()?)
    }

    /// All skills, in the order of the file.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`skills`](crate::skills).
    pub fn skills(&self) -> Result<Vec<Skill>, RegistryError> {
        skill::skills(&self.read()?)
    }

    /// The skills of one category, in any case of letters, in the order of the file.
    ///
    /// # Errors
    ///
    /// As [`skills`](Self::skills).
    pub fn skills_of(&self, category: &str) -> Result<Vec<Skill>, RegistryError> {
        let mut skills = self.skills()?;
        skills.retain(|skill| {
            skill.category.as_ref().is_some_and(|found| found.to_lowercase() == category.to_lowercase())
        });
        Ok(skills)
    }

    /// The skill with this id.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`skill`](crate::skill).
    pub fn get(&self, id: &str) -> Result<Skill, RegistryError> {
        skill::skill(&self.read()?, id)
    }

    /// How well a skill does.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn metrics(&self, id: &str) -> Result<Metrics, RegistryError> {
        Ok(self.get(id)?.metrics)
    }

    /// How effective a skill is, in percent; `None` if that is not known.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn effectiveness(&self, id: &str) -> Result<Option<f64>, RegistryError> {
        Ok(self.metrics(id)?.effectiveness_score)
    }

    /// How often a skill was used.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn usage(&self, id: &str) -> Result<Usage, RegistryError> {
        Ok(self.get(id)?.usage)
    }

    /// When to choose a skill.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn selection(&self, id: &str) -> Result<Selection, RegistryError> {
        Ok(self.get(id)?.selection)
    }

    /// The rules for choosing skills by themselves.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`auto_trigger_rules`](crate::auto_trigger_rules).
    pub fn auto_trigger_rules(&self) -> Result<Vec<TriggerRule>, RegistryError> {
        selection::auto_trigger_rules(&self.read()?)
    }

    /// How sure one should be before choosing a skill that says nothing of it, in percent.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`confidence_threshold`](crate::confidence_threshold).
    pub fn confidence_threshold(&self) -> Result<Option<f64>, RegistryError> {
        selection::confidence_threshold(&self.read()?)
    }

    /// All uses that were written down, in the order of the file.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`usage_history`](crate::usage_history).
    pub fn history(&self) -> Result<Vec<UsageRecord>, RegistryError> {
        history::usage_history(&self.read()?)
    }

    /// All outcomes of tasks, in the order of the file.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`task_outcomes`].
    pub fn outcomes(&self) -> Result<Vec<TaskOutcome>, RegistryError> {
        task_outcomes(&self.read()?)
    }

    /// The outcomes of the tasks for which this skill was used, in the order of the file.
    ///
    /// # Errors
    ///
    /// As [`outcomes`](Self::outcomes).
    pub fn outcomes_of(&self, skill: &str) -> Result<Vec<TaskOutcome>, RegistryError> {
        let mut outcomes = self.outcomes()?;
        outcomes.retain(|outcome| outcome.skill_used.as_deref() == Some(skill));
        Ok(outcomes)
    }

    /// What the registry says of its skills as a whole, among it the performance of categories and the sums of what skills are worth.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`analysis`](crate::analysis()).
    pub fn analysis(&self) -> Result<Analysis, RegistryError> {
        analysis::analysis(&self.read()?)
    }

    /// At most `count` of the skills that have an effectiveness score, the best first.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`top_skills`](crate::top_skills).
    pub fn top_skills(&self, count: usize) -> Result<Vec<Skill>, RegistryError> {
        let mut skills = analysis::top_skills(&self.read()?)?;
        skills.truncate(count);
        Ok(skills)
    }

    /// The skills that fit a task with this description, the best first.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) and [`matches`](crate::matches).
    pub fn matches(&self, description: &str) -> Result<Vec<Match>, RegistryError> {
        selection::matches(&self.read()?, description)
    }

    /// Runs `operation` on a fresh read of the registry under its lock, saves what it changed, and writes its events down.
    ///
    /// The time given to the operation is read after the lock was granted. The registry is saved first and is the truth. With the events of the
    /// operation go those that a program which was killed could not write down. If they cannot be written, the operation still stands: an error in the
    /// log of the program says so, and they follow with the next ones, or with [`add_missing_events`](Self::add_missing_events).
    ///
    /// # Errors
    ///
    /// The operation's own, and [`RegistryError::File`]. With [`FileError::DurabilityUnknown`] the change is in place and its events are
    /// written.
    pub fn apply<T>(
        &self,
        mut operation: impl FnMut(&mut Document, Timestamp) -> Result<Change<T>, RegistryError>,
    ) -> Result<T, RegistryError> {
        let mut last = None;
        let saved = self.file.update(|document| {
            let change = operation(document, Timestamp::now())?;
            let outcomes = if change.events.is_empty() { Vec::new() } else { task_outcomes(document)? };
            last = Some((change, outcomes));
            Ok(())
        });
        let durability = match saved.map_err(RegistryError::from) {
            Ok(()) => Ok(()),
            Err(RegistryError::File(error @ FileError::DurabilityUnknown { .. })) => Err(error),
            Err(error) => return Err(error),
        };
        // What was saved is what the last run made, and nothing is saved without a run: the other arm is never taken.
        let Some((change, outcomes)) = last else {
            return Err(RegistryError::File(FileError::NotFound { path: self.path().into() }));
        };
        if !change.events.is_empty()
            && let Some(log) = &self.events
            && let Err(error) =
                log.append_chosen(|found| missing_events(&outcomes, &change.events, &found.records))
        {
            let reason =
                std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            // Nobody else says so, and the log may stay broken: whoever wants to hear of errors alone must hear of it.
            tracing::error!("the registry is saved, but its events are not: {error}{reason}");
        }
        durability?;
        Ok(change.value)
    }

    /// The events that the log lacks, with the times of their outcomes: those of programs that were killed before they could write them down. None
    /// without a log.
    ///
    /// # Errors
    ///
    /// As [`outcomes`](Self::outcomes); [`RegistryError::Log`] if the log cannot be read. A missing log is no error.
    pub fn missing_events(&self) -> Result<Vec<Event>, RegistryError> {
        let Some(log) = &self.events else { return Ok(Vec::new()) };
        // The registry first: what somebody does in between is in the log then, and not missing.
        let outcomes = self.outcomes()?;
        match log.read() {
            Ok(found) => Ok(missing_events(&outcomes, &[], &found.records)),
            Err(EventError::File(FileError::NotFound { .. })) => Ok(missing_events(&outcomes, &[], &[])),
            Err(error) => Err(error.into()),
        }
    }

    /// Adds the events that the log lacks, marked as recovered, and returns how many that were. Two processes that do so at once add each once.
    ///
    /// # Errors
    ///
    /// As [`outcomes`](Self::outcomes); [`RegistryError::Log`].
    pub fn add_missing_events(&self) -> Result<usize, RegistryError> {
        let Some(log) = &self.events else { return Ok(0) };
        let outcomes = self.outcomes()?;
        Ok(log.append_chosen(|found| missing_events(&outcomes, &[], &found.records))?)
    }
}

/// The folder of the file itself, not of a link to it: who comes by another name must find the same events.
fn folder_of(path: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let real = if is_link { fs::canonicalize(path).ok() } else { None };
    let folder = real.as_deref().unwrap_or(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).into()
}

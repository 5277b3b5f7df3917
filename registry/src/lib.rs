//! A registry of skills in a YAML file that agents, scripts and people share: what skills there are, when to choose them, and how they did.
//!
//! # Model
//!
//! The registry is one document. Its section `skills` maps ids to [`Skill`]s; `usage_history` and `task_outcomes` are lists that grow. Every
//! question is a pure function of the document ([`skills`], [`matches`](matches()), [`top_skills`] …), and so is every change ([`ops`]).
//! [`Registry`] is the one shell around them: its questions read the file as it is then, without a lock, because saves of it are atomic;
//! [`Registry::apply`] takes the lock, reads, runs the operation, saves, and appends events to `events.yaml`. Nothing is cached, so nothing
//! stale is written back. What this crate does not know, in a skill or elsewhere in the file, stays as it is, comments too.
//!
//! # Limitations
//!
//! - A file that does not parse, or is of another kind than it should be where it is asked or changed, is an error with its line; there
//!   is no partial result.
//! - The outcome of a task is saved first and its event follows. Writing it down takes one look through the whole event log.
//! - Logging a use looks through the history for the mean, so it takes longer the longer the history is.
//!
//! # Example
//!
//! ```
//! use atomic_io::Wait;
//! use registry::ops::{self, NewOutcome};
//! use registry::{Ending, Registry};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("skill-registry.yaml");
//! # let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/skill-registry.yaml");
//! std::fs::copy(example, &path)?;
//! let registry = Registry::at(&path, Wait::Forever);
//!
//! let best = registry.matches("Move the shelf to another room")?.remove(0);
//! assert_eq!((best.id.as_str(), best.score), ("mover", 60));
//!
//! let done = NewOutcome {
//!     task_id: "T-7".into(),
//!     skill_used: Some(best.id),
//!     outcome: Some(Ending::Success),
//!     duration_minutes: Some(3.0),
//!     ..NewOutcome::default()
//! };
//! registry.apply(|document, now| ops::record(document, now, &done))?;
//! registry.apply(|document, now| ops::record(document, now, &done))?;
//! assert_eq!(registry.usage("mover")?.usage_count, 5, "it was used four times before, and once now");
//! assert_eq!(registry.outcomes_of("mover")?.len(), 1);
//! assert!(registry.get("movers").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `cli` (default): the binary `registry`.
#![forbid(unsafe_code)]

mod analysis;
mod check;
mod error;
mod event;
mod history;
mod number;
pub mod ops;
mod recovery;
mod registry;
mod section;
mod selection;
mod skill;

pub use analysis::{Analysis, CategoryPerformance, RoiSummary, analysis, top_skills};
pub use check::{Finding, Level, check};
pub use error::RegistryError;
pub use event::{Event, EventData, EventKind};
pub use history::{Ending, TaskOutcome, UsageRecord, task_outcomes, usage_history};
pub use registry::Registry;
pub use selection::{Match, TriggerRule, auto_trigger_rules, confidence_threshold, matches};
pub use skill::{Metrics, Roi, Selection, Skill, Usage, skill, skills};

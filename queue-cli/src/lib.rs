//! A task queue in a YAML file that agents, scripts and people share.
//!
//! # Model
//!
//! The queue is one document: a list of tasks, each with an id, a status, a priority and the tasks it waits for, in one of three
//! [dialects](Dialect). Everything that can
//! be done to it is a pure function in [`ops`] of the document, the time and its arguments. [`Queue::apply`] is the one
//! shell around them: it takes the lock, reads, runs the operation, saves, and appends the transitions to `events.yaml`.
//!
//! A claim carries an attempt number, which grows with every claim. Whoever ends a claim names it and is refused once the task has
//! been claimed again, so two owners never hold one task. A claim ends when its owner dies: a *leased* one when its time runs
//! out, a *supervised* one when the kernel says that no process of it is left ([`run_lock`]).
//!
//! # Limitations
//!
//! - One machine, one queue per folder (two queues in one folder share `events.yaml` and `.mooring`).
//! - Leases are measured by the wall clock.
//!
//! # Example
//!
//! ```
//! use atomic_io::{Document, Wait};
//! use queue_cli::{Queue, QueueError, no_claim_is_over, ops};
//! use queue_cli::ops::{ClaimKind, NewTask, Proof, Token};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("queue.yaml");
//! let queue = Queue::at(&path, Wait::Forever);
//! queue.create(&Document::parse("tasks: []\n")?)?;
//! let new = NewTask { title: "Water the plants".into(), ..NewTask::default() };
//! queue.apply(|document, now| ops::add(document, now, &|_| false, &new))?;
//!
//! let lease = ClaimKind::Leased(jiff::SignedDuration::from_mins(10));
//! let claim = queue.apply(|document, now| ops::claim_next(document, now, &no_claim_is_over, "ann", &lease))?;
//! assert_eq!((claim.id.as_str(), claim.attempt), ("TASK-001", 1));
//!
//! let token = Token { id: claim.id, proof: Proof::Attempt(claim.attempt) };
//! queue.apply(|document, now| ops::done(document, now, &token, "ann"))?;
//! let again = queue.apply(|document, now| ops::claim_next(document, now, &no_claim_is_over, "ann", &lease));
//! assert!(matches!(again, Err(QueueError::NothingReady)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod archive;
mod dialect;
mod error;
mod event;
pub mod faults;
pub mod ops;
pub mod plan;
mod queue;
mod ready;
pub mod reanalysis;
pub mod recovery;
pub mod run_lock;
pub mod slots;
mod status;
mod task;
mod why;

pub use dialect::Dialect;
pub use error::QueueError;
pub use event::{Event, EventData, EventKind, stamp};
pub use lock_core::{NotAnIdentity, ProcessIdentity};
pub use queue::{Committed, Queue};
pub use ready::{Board, ClaimIsOver, Waiting, no_claim_is_over};
pub use status::{Priority, Status};
pub use task::{Deadline, Task, tasks};
pub use why::{Reason, Reasons, reasons, waiting_for_ever};

//! What users of this crate and of its binary rely on.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod adding;
mod archiving;
mod board;
mod by_hand;
#[cfg(feature = "cli")]
mod cases;
mod claims;
#[cfg(feature = "cli")]
mod commands;
mod counting;
#[cfg(feature = "cli")]
mod defects;
mod dependencies;
mod dialects;
#[cfg(feature = "cli")]
mod dispatcher_defects;
#[cfg(feature = "cli")]
mod dispatching;
#[cfg(feature = "cli")]
mod doctor;
#[cfg(feature = "cli")]
mod drawing;
mod editing;
#[cfg(feature = "cli")]
mod environment;
mod holders;
#[cfg(feature = "cli")]
mod hooks;
mod invalid;
#[cfg(feature = "cli")]
mod left_behind;
#[cfg(feature = "cli")]
mod looking;
#[cfg(feature = "cli")]
mod odd_paths;
#[cfg(feature = "cli")]
mod planning;
#[cfg(feature = "cli")]
mod preempting;
#[cfg(feature = "cli")]
mod program;
#[cfg(feature = "cli")]
mod readme;
mod reanalysis;
#[cfg(feature = "cli")]
mod reanalysis_defects;
#[cfg(feature = "cli")]
mod reanalyzing;
#[cfg(feature = "cli")]
mod restoring;
mod retrying;
#[cfg(feature = "cli")]
mod running_defects;
mod slots;
#[cfg(feature = "cli")]
mod slots_used;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod stopping;
#[cfg(feature = "cli")]
mod timeline;

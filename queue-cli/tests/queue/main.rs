//! What users of this crate and of its binary rely on.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod adding;
mod board;
mod claims;
#[cfg(feature = "cli")]
mod commands;
#[cfg(feature = "cli")]
mod dispatching;
#[cfg(feature = "cli")]
mod doctor;
mod holders;
mod invalid;
#[cfg(feature = "cli")]
mod program;
#[cfg(feature = "cli")]
mod readme;

//! What a user of this crate relies on, tried with real processes.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod holder;
mod holders;
mod names;
mod places;
mod processes;
mod record;
mod removed;
mod waiting;

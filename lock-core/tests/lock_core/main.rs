//! What a user of this crate relies on, tried with real processes.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod holder;
mod places;
mod processes;
mod removed;
mod waiting;

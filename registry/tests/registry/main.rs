//! What a user of this crate and of its binary relies on.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[cfg(feature = "cli")]
mod command;
mod reading;
#[cfg(feature = "cli")]
mod readme;

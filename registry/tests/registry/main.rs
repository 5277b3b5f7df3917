//! What users of this crate and of its binary rely on.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[cfg(feature = "cli")]
mod cases;
mod checking;
#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
mod defects;
mod matching;
mod reading;
mod recording;
#[cfg(feature = "cli")]
mod refusing;
mod sample;
mod scoring;

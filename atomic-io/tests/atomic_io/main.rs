//! What a user of this crate relies on.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(feature = "yaml")]

mod append;
mod beside;
mod folder;
mod full_disk;
mod metadata;
mod once;
mod places;
mod replace;
mod update;

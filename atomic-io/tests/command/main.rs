//! What a user of the binary `atomic-io` relies on.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod backups;
mod check;
mod edit;
mod events;
mod help;
mod json;
mod locks;
mod pipe;
mod program;
mod readme;
mod signals;
mod values;

//! What a user of this crate and of its binary relies on.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[cfg(feature = "cli")]
mod command;
mod scanning;
// What is said of shared locks, and that the question disturbs nobody, needs the kernel's list.
#[cfg(target_os = "linux")]
mod states;

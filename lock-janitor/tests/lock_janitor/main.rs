//! What a user of this crate and of its binary relies on.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
mod config;
#[cfg(feature = "cli")]
mod report;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod roots;
mod scanning;
// Leases, abstract sockets and namespaces are Linux's.
#[cfg(all(feature = "cli", target_os = "linux"))]
mod service;
// What is said of shared locks, and that the question disturbs nobody, needs the kernel's list.
#[cfg(target_os = "linux")]
mod states;
#[cfg(target_os = "linux")]
mod sweeping;
mod verdicts;

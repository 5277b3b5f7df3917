//! What everybody is advised to try before trusting a system that shares files: one task, several at once, lock files afterwards, the
//! backups, and a lock that cannot be had. `cargo xtask test --only recommended` tries them.

pub(super) mod backups;
pub(super) mod concurrent_tasks;
pub(super) mod lock_cleanup;
pub(super) mod lock_refused;
pub(super) mod single_task;

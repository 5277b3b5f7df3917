//! `queue dispatch`: ready tasks in parallel slots until nothing is left.
//!
//! | file | holds |
//! |---|---|
//! | `dispatcher.rs` | the loop: claim for free slots, wait, claim again |
//! | `crew.rs` | the supervisors of this dispatcher, idle and at work |
//! | `supervisor.rs` | the life of one supervisor: run lock, start, task, end |
//! | `task_process.rs` | the task's own process, and stopping its group |
//! | `signals.rs` | Ctrl-C and SIGTERM as messages |
//! | `progress.rs`, `closing.rs` | what people see while it runs, and at its end |

mod closing;
mod crew;
mod dispatcher;
mod progress;
mod signals;
pub(crate) mod supervisor;
pub(crate) mod task_process;

pub(crate) use dispatcher::run;

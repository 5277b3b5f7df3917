//! `queue dispatch`: ready tasks in parallel slots until nothing is left.
//!
//! | file | holds |
//! |---|---|
//! | `dispatcher.rs` | the loop: a turn, wait, another turn |
//! | `turn.rs` | one turn: what supervisors have to say, and claims for free slots, in one update |
//! | `opening.rs` | what must be so before it begins: a program to run, no other dispatcher |
//! | `places.rs`, `slots_file.rs` | where tasks run, and the file that tells of it |
//! | `preempt.rs`, `pause.rs`, `unchanged.rs`, `own_waits.rs` | which task makes room; whether claiming is held; whether there is nothing to look at; waits without the clock |
//! | `ends.rs`, `others.rs` | what follows from the end of a supervisor; tasks that run under others |
//! | `dry_run.rs`, `monitor.rs` | saying what would be claimed, and what happens, without a hand in it |
//! | `crew.rs` | the supervisors of this dispatcher, idle and at work |
//! | `supervisor.rs` | the life of one supervisor: run lock, start, task, end |
//! | `talk.rs`, `inbox.rs` | what dispatcher and supervisor say to each other; all that a supervisor waits for |
//! | `task_process.rs` | the task's own process, and stopping its group |
//! | `signals.rs` | Ctrl-C and SIGTERM as messages |
//! | `progress.rs`, `closing.rs` | what people see while it runs, and at its end |

mod closing;
mod crew;
mod dispatcher;
mod dry_run;
mod ends;
pub(crate) mod inbox;
mod monitor;
pub(crate) mod opening;
mod others;
mod own_waits;
pub(crate) mod pause;
mod places;
mod preempt;
mod progress;
mod signals;
mod slots_file;
pub(crate) mod supervisor;
pub(crate) mod talk;
pub(crate) mod task_process;
mod turn;
mod unchanged;

pub(crate) use dispatcher::run;
pub(crate) use dry_run::dry_run;
pub(crate) use monitor::monitor;

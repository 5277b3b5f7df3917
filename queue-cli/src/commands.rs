//! The commands, one file each, and what they have in common.

pub(crate) mod add;
pub(crate) mod archive;
pub(crate) mod by_hand;
pub(crate) mod claim;
pub(crate) mod counts;
pub(crate) mod demo;
pub(crate) mod dep;
pub(crate) mod doctor;
pub(crate) mod edit;
pub(crate) mod events;
pub(crate) mod held;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod ready;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod status;

use crate::cli::Global;
use atomic_io::{EventLog, Wait};
use queue_cli::{Queue, Task};
use std::os::unix::process::parent_id;
use std::path::Path;

/// What a command works with.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) queue: Queue,
    pub(crate) agent: String,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        let queue = Self::open(&global, &global.file);
        let agent = global.agent.clone().unwrap_or_else(default_agent);
        Self { global, queue, agent }
    }

    /// The same, for another queue.
    pub(crate) fn for_queue(&self, path: &Path) -> Self {
        let global = Global { file: path.into(), events: None, ..self.global.clone() };
        Self { queue: Self::open(&global, path), agent: self.agent.clone(), global }
    }

    fn open(global: &Global, path: &Path) -> Queue {
        // A time that does not fit is longer than anybody waits.
        let wait = std::time::Duration::try_from(global.lock_timeout).map_or(Wait::Forever, Wait::AtMost);
        let queue = Queue::at(path, wait);
        match (&global.events, global.no_events) {
            (_, true) => queue.with_events(None),
            (Some(path), _) => queue.with_events(Some(EventLog::at(path).wait(wait))),
            (None, false) => queue,
        }
    }

    /// Whether the claim of a supervised task is over, from the kernel's point of view.
    pub(crate) fn is_over(&self) -> impl Fn(&Task) -> bool + '_ {
        |task| self.queue.runs().claim_is_over(task)
    }
}

/// Who acts when nobody says so: two shells of one user are two agents, two commands of one shell are one.
fn default_agent() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let user = user.unwrap_or_else(|_| rustix::process::getuid().as_raw().to_string());
    let system = rustix::system::uname();
    format!("{user}@{}:{}", system.nodename().to_string_lossy(), parent_id())
}

//! What the checks of all programs have in common.

use super::program::Site;
use crate::engine::{Explain, Failure, Finished, fail};
use crate::judges::aftermath::{Aftermath, Came, Content, Ended, Injected};
use crate::judges::leftovers;
use crate::scenarios::queue_work::no_lock_is_held;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::{Duration, Instant};

/// How long a supervisor may need to be gone after it wrote down the end of its task.
const LAST_STEPS: Duration = Duration::from_secs(20);

/// The run with the fault.
pub(super) struct Ran<'a> {
    /// How everything was before.
    pub(super) template: &'a Site<'a>,
    pub(super) finished: Finished,
    pub(super) injected: Injected,
    /// Whether it was a write or a sync of one of the files that failed.
    pub(super) must_tell: bool,
    /// The name of the system call.
    pub(super) call: &'a str,
}

impl Ran<'_> {
    pub(super) fn ended(&self) -> Ended {
        let status = self.finished.status;
        status.code().map_or_else(|| Ended::Signal(status.signal().unwrap_or(0)), Ended::Exit)
    }

    /// Judges a program that saves one file.
    pub(super) fn judge(
        &self,
        content: Content,
        promise: &str,
        files: &[&str],
        doubt: Option<i32>,
    ) -> Result<Came, Failure> {
        let aftermath = Aftermath {
            injected: self.injected,
            must_tell: self.must_tell,
            ended: self.ended(),
            content,
            promised: self.finished.stdout.contains(promise),
            stderr: &self.finished.stderr,
            files,
            saved_in_doubt: doubt,
        };
        aftermath.judge().map_err(fail)
    }
}

/// An error leaves nothing behind but what was found there, unless it was the removal itself that failed, or the save is in doubt.
pub(super) fn left_nothing_but(
    found: Option<(&str, &str)>,
    site: &Site<'_>,
    ran: &Ran<'_>,
) -> Result<(), Failure> {
    let in_doubt = ran.finished.stderr.contains("survives a power cut is unknown");
    if ran.injected == Injected::Kill || in_doubt || ran.call.starts_with("unlink") {
        return Ok(());
    }
    let is_as_found = found.is_some_and(|(name, content)| site.text(name).is_ok_and(|text| text == content));
    if is_as_found { Ok(()) } else { leftovers::none(&site.data()).map_err(fail) }
}

/// After a run without a fault: no temporaries, and no lock held.
pub(super) fn all_is_tidy(site: &Site<'_>) -> Result<(), Failure> {
    leftovers::none(&site.data()).map_err(fail).explain("after the next run")?;
    let deadline = Instant::now() + LAST_STEPS;
    loop {
        match no_lock_is_held(&site.data()) {
            Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            outcome => return outcome.explain("after the next run"),
        }
    }
}

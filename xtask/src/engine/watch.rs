//! Running one case: on a thread of its own, within its bound, with nothing of it left afterwards.

use crate::engine::{Case, Failure, Run, Stage, Verdict, fail, strays};
use std::fs;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a scenario whose processes were killed gets to notice.
const GRACE: Duration = Duration::from_secs(15);

/// How soon Ctrl-C is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(crate) enum Outcome {
    Passed(Verdict),
    Failed(Failure),
    Skipped(String),
}

pub(crate) fn run(run: &Arc<Run>, case: Case) -> Outcome {
    let stage = match Stage::prepare(run, case) {
        Ok(stage) => Arc::new(stage),
        Err(failure) => return Outcome::Failed(failure),
    };
    let (sender, receiver) = channel();
    thread::spawn({
        let stage = Arc::clone(&stage);
        // Nobody listens any more when it comes too late. A panic drops the sender, which is heard as well.
        move || drop(sender.send((case.scenario.run)(&stage)))
    });
    let bound = case.scenario.bound.saturating_mul(run.times.get());
    let outcome = match within_bound(run, &stage, bound, &receiver) {
        Ok(verdict) => nothing_left_running(&stage).map(|()| verdict),
        Err(failure) => Err(failure),
    };
    strays::kill(&stage.mark);
    match outcome {
        Ok(verdict) => {
            // A folder that cannot be removed is in nobody's way: the next run empties it, or says why not.
            let _ = fs::remove_dir_all(stage.folder());
            Outcome::Passed(verdict)
        }
        // Ctrl-C at a terminal reaches the clients too; what they then say is no finding.
        Err(_) if run.interrupt.is_set() => Outcome::Failed(fail("interrupted")),
        Err(failure) => Outcome::Failed(failure),
    }
}

fn within_bound(
    run: &Run,
    stage: &Stage,
    bound: Duration,
    answer: &Receiver<Result<Verdict, Failure>>,
) -> Result<Verdict, Failure> {
    let deadline = Instant::now() + bound;
    while Instant::now() < deadline && !run.interrupt.is_set() {
        match answer.recv_timeout(LOOK_EVERY) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => return Err(fail("the scenario panicked")),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    let running = stage.still_running();
    stage.expire();
    let grace = Instant::now() + GRACE;
    let mut told = None;
    while told.is_none() && Instant::now() < grace {
        strays::kill(&stage.mark);
        told = answer.recv_timeout(LOOK_EVERY).ok();
    }
    let last_words = match told {
        Some(Err(failure)) => format!("; then: {failure}"),
        _ => String::new(),
    };
    let seconds = bound.as_secs();
    Err(fail(format!("not done within {seconds} s; still running: {}{last_words}", list(&running))))
}

fn nothing_left_running(stage: &Stage) -> Result<(), Failure> {
    // A process that was just told to end may need a moment to be gone.
    let deadline = Instant::now() + GRACE;
    loop {
        let running = stage.still_running();
        if running.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(fail(format!("processes were left running: {}", list(&running))));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn list(running: &[String]) -> String {
    if running.is_empty() { "nothing".into() } else { running.join(", ") }
}

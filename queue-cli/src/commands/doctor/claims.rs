//! Tasks in hand that nobody has in hand, and what supervisors left.

use super::finding::{Finding, shown};
use crate::commands::Context;
use jiff::Timestamp;
use queue_cli::Task;
use std::collections::HashSet;

pub(super) fn look(context: &Context, tasks: &[Task]) -> Vec<Finding> {
    let now = Timestamp::now();
    let in_hand: Vec<&Task> = tasks.iter().filter(|task| task.status.is_in_hand()).collect();
    let mut findings: Vec<Finding> = in_hand.iter().filter_map(|task| ended(context, task, now)).collect();
    findings.extend(run_locks(context, &in_hand));
    findings
}

fn ended(context: &Context, task: &Task, now: Timestamp) -> Option<Finding> {
    let runs = context.queue.runs();
    let taken = "whoever claims next takes it: queue claim, or queue dispatch";
    match (&task.supervisor, &task.lease_until, task.attempt) {
        (Some(supervisor), _, Some(attempt)) if runs.is_orphaned(&task.id, attempt, supervisor) => {
            let what = "its supervisor is gone and the task lives on, so nobody will write down its end";
            let remedy = "queue dispatch stops it and runs it again";
            Some(Finding::problem("orphan", &task.id, what).remedy(remedy))
        }
        (Some(_), ..) if runs.claim_is_over(task) => {
            let what = "it is in hand, but its supervisor is gone and nothing of it lives";
            Some(Finding::note("claim-over", &task.id, what).remedy(taken))
        }
        (None, Some(lease), _) if lease.has_passed(now) => {
            let what = format!("it is in hand, but its lease ran out at {}", lease.text);
            Some(Finding::note("claim-over", &task.id, what).remedy(taken))
        }
        _ => None,
    }
}

/// That of a task which is still in hand goes with its claim.
fn run_locks(context: &Context, in_hand: &[&Task]) -> Vec<Finding> {
    let runs = context.queue.runs();
    let current: HashSet<_> = in_hand
        .iter()
        .filter_map(|task| task.attempt.map(|attempt| runs.lock_path(&task.id, attempt)))
        .collect();
    match runs.left_behind() {
        Err(error) => {
            let folder = context.queue.folder().join(".mooring/run");
            vec![Finding::not_looked_at(shown(folder), error.to_string())]
        }
        Ok(left) => left
            .into_iter()
            .filter(|path| !current.contains(path))
            .map(|path| {
                let what = "the run lock of an attempt that is over, left by a supervisor that was killed";
                Finding::note("run-lock", shown(path), what).remedy("it does no harm and may be removed")
            })
            .collect(),
    }
}

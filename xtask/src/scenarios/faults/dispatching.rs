//! `queue dispatch` and its supervisors. The tasks themselves meet no fault: what they write down is what judges.

use super::check::{Ran, all_is_tidy};
use super::program::{Binary, Program, Site};
use crate::engine::{Explain, Failure, fail};
use crate::judges::aftermath::{Came, Ended, Injected, names_cause, no_panic};
use crate::judges::attempts::{self, Told};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Each task holds a lock of its own while it lives: who finds it taken runs beside itself. How long it takes is its argument.
const TASK: &str = r#"exec 9>>"$QUEUE_TASK_ID.alone"
say() { echo "$1 $QUEUE_TASK_ID $QUEUE_ATTEMPT" >>journal; }
flock -n 9 || say overlap
say start
sleep "$1"
say end"#;

const SHORT: &str = "0.01";
/// Enough for the next dispatcher to come while the task of a supervisor that was killed still runs.
const LONG: &str = "0.2";

const NEXT: &[&str] = &["-f", "q.yaml", "dispatch", "--slots", "2", "--", "sh", "-c", TASK, "task", SHORT];

pub(super) const DISPATCH: Program = Program {
    name: "dispatch",
    binary: Binary::Queue,
    words: &["-f", "q.yaml", "dispatch", "--slots", "1", "--", "sh", "-c", TASK, "task", SHORT],
    input: "",
    prepare: |site| {
        fs::write(site.file("journal"), "")?;
        Ok(fs::write(
            site.file("q.yaml"),
            "tasks:\n  - id: A\n    status: pending\n  - id: B\n    status: pending\n",
        )?)
    },
    // A dispatcher that is killed takes no supervisor along.
    check: |site, ran| check(site, ran, &["A", "B"], 1),
};

/// As the dispatcher starts it, for a claim whose supervisor is gone by the time anybody looks: that is what a fault makes of it.
pub(super) const SUPERVISE: Program = Program {
    name: "supervise",
    binary: Binary::Queue,
    words: &["supervise", "--file=q.yaml", "--agent=one", "--", "sh", "-c", TASK, "task", LONG],
    input: "{\"id\":\"A\",\"attempt\":1,\"title\":\"\",\"slot\":\"1\",\"timeout_ms\":null}\n",
    prepare: |site| {
        fs::write(site.file("journal"), "")?;
        let claimed =
            "status: claimed\n    claimed_by: one\n    attempt: 1\n    supervisor: 2147480000.1.00000000";
        let text = format!("tasks:\n  - id: A\n    {claimed}\n  - id: B\n    status: pending\n");
        Ok(fs::write(site.file("q.yaml"), text)?)
    },
    check: |site, ran| check(site, ran, &["A"], 2),
};

/// `own` are the tasks that the program has to see to their end.
fn check(site: &Site<'_>, ran: &Ran<'_>, own: &[&str], starts_when_killed: usize) -> Result<Came, Failure> {
    let came = documented_end(site, ran)?;
    if came == Came::Through {
        tasks_are_settled(&tasks(site)?, own).explain("it exited with 0")?;
    }
    site.queue(NEXT)?.expect(0).explain("the next dispatch")?;
    let told = tasks(site)?;
    tasks_are_settled(&told, &["A", "B"]).explain("after the next dispatch")?;
    let starts = if ran.injected == Injected::Kill { starts_when_killed } else { 1 };
    attempts::judge(&site.text("journal")?, &told, starts)
        .map_err(fail)
        .explain("by the tasks' own journal")?;
    // Only a save clears away what a killed one left, and if that was the last one there was nothing to save.
    site.queue(&["-f", "q.yaml", "note", "A", "seen"])?.expect(0)?;
    all_is_tidy(site)?;
    let log: Value = serde_yaml::from_str(&site.text("events.yaml")?).explain("events.yaml")?;
    if log.is_array() { Ok(came) } else { Err(fail("events.yaml is no list")) }
}

/// Ended as the help says, with the cause somewhere: on standard error, in the supervisors' log, or in the task that failed by it.
fn documented_end(site: &Site<'_>, ran: &Ran<'_>) -> Result<Came, Failure> {
    let log = site.text(".mooring/logs/supervisors.log").unwrap_or_default();
    let finished = &ran.finished;
    let said = format!("{}{}{log}{}", finished.stdout, finished.stderr, site.text("q.yaml")?);
    no_panic(&said).map_err(fail)?;
    match (ran.ended(), ran.injected) {
        (Ended::Exit(0), Injected::Error(errno)) if ran.must_tell => {
            names_cause(&said, errno).map_err(fail)?;
            Ok(Came::Through)
        }
        (Ended::Exit(0), _) => Ok(Came::Through),
        (Ended::Signal(9), Injected::Kill) => Ok(Came::Killed),
        (Ended::Exit(1 | 8 | 9), Injected::Error(errno)) => {
            names_cause(&said, errno).map_err(fail)?;
            Ok(Came::Refused)
        }
        (ended, _) => Err(fail(format!("{ended:?} is no end that this fault can bring about"))),
    }
}

/// The tasks of the queue as it is now.
fn tasks(site: &Site<'_>) -> Result<BTreeMap<String, Told>, Failure> {
    let queue: Value = serde_yaml::from_str(&site.text("q.yaml")?).explain("q.yaml")?;
    let tasks = queue["tasks"].as_array().into_iter().flatten();
    let told: BTreeMap<_, _> = tasks
        .filter_map(|task| {
            let (id, status) = (task["id"].as_str()?, task["status"].as_str()?);
            let attempt = task["attempt"].as_u64().unwrap_or(0);
            Some((id.to_owned(), Told { status: status.to_owned(), attempt }))
        })
        .collect();
    if told.len() == 2 { Ok(told) } else { Err(fail("q.yaml has lost tasks")) }
}

/// These have run; one at most, the one that met the fault, may have failed.
fn tasks_are_settled(tasks: &BTreeMap<String, Told>, expected: &[&str]) -> Result<(), Failure> {
    let with = |status: &str| {
        expected.iter().filter(|id| tasks.get(**id).is_some_and(|told| told.status == status)).count()
    };
    let (completed, failed) = (with("completed"), with("failed"));
    if failed <= 1 && failed + completed == expected.len() {
        Ok(())
    } else {
        Err(fail(format!("the queue is not settled: {tasks:?}")))
    }
}

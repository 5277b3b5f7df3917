//! What becomes of `registry record` when it is killed.

use super::check::{Ran, all_is_tidy};
use super::plan::{self, Template};
use super::program::{Binary, Program, Site};
use super::queue_commands::data;
use super::runner;
use crate::engine::{Explain, Failure, Stage, Verdict, fail};
use crate::judges::aftermath::{Came, Ended};
use crate::judges::registry::{Logged, comments_stand};
use serde_json::Value;
use std::fs::{self, OpenOptions};
use std::io::Write;

const REGISTRY: &str = "\
# two skills
metadata: {total_skills: 2, total_usage_records: 0, last_updated: never}
skills:
  a:
    name: A  # the first
    usage: {usage_count: 0, success_count: 0, failure_count: 0, avg_execution_time_ms: null}
  b: {name: B}
usage_history: []
task_outcomes: []   # one a task
scale: {best: 5}
";

const BEFORE_RECORD: Program = Program {
    name: "record-and-next",
    binary: Binary::Registry,
    words: &[
        "-f",
        "r.yaml",
        "record",
        "--task",
        "T-1",
        "--skill",
        "a",
        "--outcome",
        "success",
        "--duration-minutes",
        "2",
    ],
    input: "",
    prepare: |site| Ok(fs::write(site.file("r.yaml"), REGISTRY)?),
    check: |site, ran| check(site, ran, &NEXT, true),
};

/// Of another task.
const NEXT: [&str; 9] = ["-f", "r.yaml", "record", "--task", "T-2", "--skill", "b", "--outcome", "failure"];

const BEFORE_CHECK: Program = Program {
    name: "record-and-check",
    check: |site, ran| check(site, ran, &["-f", "r.yaml", "check", "--fix"], false),
    ..BEFORE_RECORD
};

/// One line for each event that followed.
const FOLLOWED: &str = "followed.txt";

pub(super) fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let templates = [Template::learn(stage, &BEFORE_RECORD)?, Template::learn(stage, &BEFORE_CHECK)?];
    let all: Vec<_> = templates.iter().map(Template::kills).collect();
    let possible: usize = all.iter().map(Vec::len).sum();
    let limit = usize::try_from(stage.rounds(80, 1_000))?;
    let points = plan::sample(all, limit, &mut stage.random());
    let tally = runner::run_all(stage, &points)?;
    let followed = fs::read_to_string(stage.folder().join(FOLLOWED)).unwrap_or_default().lines().count();
    if followed == 0 {
        return Err(fail("no kill came between the save and its event, so nothing was proven"));
    }
    Ok(format!("{} of {possible} kills: {tally}; {followed} events followed once", points.len()).into())
}

fn check(site: &Site<'_>, ran: &Ran<'_>, next: &[&str], records: bool) -> Result<Came, Failure> {
    let happened = is_recorded(site).explain("after the kill")?;
    let told_before = told(site, "T-1")?;
    match (happened, told_before.as_slice()) {
        (_, []) | (true, [false]) => {}
        (_, other) => return Err(fail(format!("recorded: {happened}, and the log tells of it {other:?}"))),
    }
    if ran.ended() == Ended::Exit(0) && !(happened && told_before == [false]) {
        return Err(fail("it exited with 0, and is not all there"));
    }
    site.registry(next)?.expect(0)?;
    let expected = match (happened, told_before.as_slice()) {
        (true, []) => vec![true],
        (true, _) => vec![false],
        (false, _) => Vec::new(),
    };
    let found = told(site, "T-1")?;
    if found != expected {
        return Err(fail(format!("the log tells of T-1 {found:?} (true: recovered), expected {expected:?}")));
    }
    if records && told(site, "T-2")? != [false] {
        return Err(fail("the next record is not told of"));
    }
    if happened && told_before.is_empty() {
        let path = site.stage.folder().join(FOLLOWED);
        OpenOptions::new().create(true).append(true).open(path)?.write_all(b"followed\n")?;
    }
    again(site, &expected, records)?;
    if !records {
        // Only a save clears away what a killed one left, and so far there was nothing to save.
        site.registry(&NEXT)?.expect(0)?;
    }
    all_is_tidy(site)?;
    Ok(if ran.ended() == Ended::Exit(0) { Came::Through } else { Came::Killed })
}

/// Recording it again, which somebody does who does not know whether it was.
fn again(site: &Site<'_>, told_before: &[bool], records: bool) -> Result<(), Failure> {
    site.registry(BEFORE_RECORD.words)?.expect(0)?;
    let after = data(&site.text("r.yaml")?).map_err(fail)?;
    let outcomes = after["task_outcomes"].as_array().map_or(0, Vec::len);
    let uses = after["skills"]["a"]["usage"]["usage_count"].as_u64();
    if outcomes != 1 + usize::from(records) || uses != Some(1) {
        return Err(fail(format!(
            "recorded again there are {outcomes} outcomes, and a was used {uses:?} times"
        )));
    }
    let expected = if told_before.is_empty() { &[false] } else { told_before };
    let found = told(site, "T-1")?;
    if found == expected {
        Ok(())
    } else {
        Err(fail(format!("recorded again the log tells of it {found:?}")))
    }
}

/// Whether the outcome and the use are there, both or neither, and all else as it was.
fn is_recorded(site: &Site<'_>) -> Result<bool, Failure> {
    let text = site.text("r.yaml")?;
    if text == REGISTRY {
        return Ok(false);
    }
    let (before, mut after) = (data(REGISTRY).map_err(fail)?, data(&text).map_err(fail)?);
    let outcomes = after["task_outcomes"].take();
    let is_it = |outcome: &Value| {
        outcome["task_id"] == "T-1" && outcome["skill_used"] == "a" && outcome["outcome"] == "success"
    };
    if !outcomes.as_array().is_some_and(|outcomes| outcomes.len() == 1 && outcomes.iter().all(is_it)) {
        return Err(fail(format!("the outcomes are {outcomes}")));
    }
    after["task_outcomes"] = before["task_outcomes"].clone();
    let logged = Logged { before: &before, after: &after, acknowledged: &["T-1".to_owned()] };
    match logged.judge().map_err(fail)? {
        1 => comments_stand(REGISTRY, &text).map_err(fail).map(|()| true),
        uses => Err(fail(format!("{uses} uses of one"))),
    }
}

/// The records of this task in the log: whether each is marked as recovered. They are read as any YAML reader would.
fn told(site: &Site<'_>, task: &str) -> Result<Vec<bool>, Failure> {
    if !site.file("events.yaml").exists() {
        return Ok(Vec::new());
    }
    let log = data(&site.text("events.yaml")?).map_err(fail).explain("events.yaml")?;
    let of_it = |record: &&Value| record["task_id"] == task && record["type"] == "recorded";
    let records = log.as_array().into_iter().flatten();
    Ok(records.filter(of_it).map(|record| record["recovered"] == true).collect())
}

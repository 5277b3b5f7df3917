//! What `queue doctor --fix` makes of a history whose writer was killed.

use super::check::Ran;
use super::plan::{self, Template};
use super::program::{Program, Site};
use super::queue_commands::{CLAIM, DONE, content, data};
use super::runner;
use crate::engine::{Explain, Failure, Stage, Verdict, fail};
use crate::judges::aftermath::{Came, Content, Ended};
use serde_json::Value;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::time::{Duration, SystemTime};

const CLAIMED: Program =
    Program { name: "claim-and-doctor", check: |site, ran| check(site, ran, "claimed"), ..CLAIM };
const COMPLETED: Program =
    Program { name: "done-and-doctor", check: |site, ran| check(site, ran, "completed"), ..DONE };

/// One line for each event that the doctor added.
const MENDED: &str = "mended.txt";

pub(super) fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let templates = [Template::learn(stage, &CLAIMED)?, Template::learn(stage, &COMPLETED)?];
    let all: Vec<_> = templates.iter().map(Template::kills).collect();
    let possible: usize = all.iter().map(Vec::len).sum();
    let limit = usize::try_from(stage.rounds(100, 1_000))?;
    let points = plan::sample(all, limit, &mut stage.random());
    let tally = runner::run_all(stage, &points)?;
    let mended = fs::read_to_string(stage.folder().join(MENDED)).unwrap_or_default().lines().count();
    if points.len() == possible && mended == 0 {
        return Err(fail("no kill came between the save and its event, so nothing was proven"));
    }
    Ok(format!("{} of {possible} kills: {tally}; {mended} events were missing and added once", points.len())
        .into())
}

/// What happened to the task A in its first attempt, `kind`, is told once in the end: by whom it happened, or by the doctor.
fn check(site: &Site<'_>, ran: &Ran<'_>, kind: &str) -> Result<Came, Failure> {
    let happened = match content(site, ran, kind)? {
        Content::Neither(why) => {
            return Err(fail(format!("q.yaml is neither the old nor the new one: {why}")));
        }
        content => content == Content::New,
    };
    let told_before = told(site, kind)?;
    let queue = an_hour_later(site)?;
    let first = doctor(site, &["doctor", "--fix", "--json"]).explain("the first doctor")?;
    let expected = if happened && told_before.is_empty() { vec!["missing-event A"] } else { Vec::new() };
    if first != expected {
        return Err(fail(format!("the first doctor mended {first:?}, expected {expected:?}")));
    }
    let second = doctor(site, &["doctor", "--fix", "--json"]).explain("the second doctor")?;
    if !second.is_empty() {
        return Err(fail(format!("the second doctor mended {second:?} again")));
    }
    let recovered = match (happened, told_before.as_slice()) {
        (true, []) => vec![true],
        (true, [false]) => vec![false],
        (false, []) => Vec::new(),
        (_, other) => return Err(fail(format!("{} records tell that A was {kind}", other.len()))),
    };
    is_told(site, kind, &recovered).explain("after the doctor")?;
    if site.text("q.yaml")? != queue {
        return Err(fail("the doctor changed q.yaml"));
    }
    if expected.is_empty() {
        return Ok(came(ran));
    }
    let path = site.stage.folder().join(MENDED);
    OpenOptions::new().create(true).append(true).open(path)?.write_all(format!("{kind}\n").as_bytes())?;
    // Going on writes its own events, and none again.
    site.queue(&["-f", "q.yaml", "--agent", "one", "done", "A", "--attempt", "1"])?.expect(0)?;
    is_told(site, kind, &recovered).explain("after it went on")?;
    Ok(came(ran))
}

fn came(ran: &Ran<'_>) -> Came {
    if ran.ended() == Ended::Exit(0) { Came::Through } else { Came::Killed }
}

fn is_told(site: &Site<'_>, kind: &str, expected: &[bool]) -> Result<(), Failure> {
    let found = told(site, kind)?;
    if found == expected {
        return Ok(());
    }
    Err(fail(format!("of A being {kind} it tells {found:?} (true: recovered), expected {expected:?}")))
}

/// The records of the first attempt at A of this kind: whether each is marked as recovered. They are read as any YAML reader would.
fn told(site: &Site<'_>, kind: &str) -> Result<Vec<bool>, Failure> {
    if !site.file("events.yaml").exists() {
        return Ok(Vec::new());
    }
    let log = data(&site.text("events.yaml")?).map_err(fail).explain("events.yaml")?;
    let records = log.as_array().into_iter().flatten();
    let of_it =
        |record: &&Value| record["task_id"] == "A" && record["attempt"] == 1 && record["type"] == kind;
    Ok(records.filter(of_it).map(|record| record["recovered"] == true).collect())
}

/// What a doctor mended, and that nothing is missing now. What is beside the queue after a kill is told too, and stays.
fn doctor(site: &Site<'_>, words: &[&str]) -> Result<Vec<String>, Failure> {
    let told = site.queue(&[&["-f", "q.yaml"], words].concat())?.json()?;
    let findings = told["findings"].as_array().cloned().unwrap_or_default();
    let name = |finding: &Value| {
        format!("{} {}", finding["kind"].as_str().unwrap_or("?"), finding["where"].as_str().unwrap_or("?"))
    };
    let harmless = ["put-aside", "temporary", "no-backup", "unfinished-record"];
    let is_harmless =
        |finding: &&Value| finding["kind"].as_str().is_some_and(|kind| harmless.contains(&kind));
    let (mended, others): (Vec<&Value>, Vec<&Value>) =
        findings.iter().partition(|finding| finding["fixed"] == true);
    match others.into_iter().find(|finding| !is_harmless(finding)) {
        Some(finding) => Err(fail(format!("it found {finding}"))),
        None => Ok(mended.into_iter().map(name).collect()),
    }
}

/// The queue, made so old that no event of it can be on its way; the doctor would wait for it otherwise. The backup too: one that is younger than the
/// file is somebody's save.
fn an_hour_later(site: &Site<'_>) -> Result<String, Failure> {
    for name in ["q.yaml", "q.yaml.backup"] {
        if let Ok(file) = File::open(site.file(name)) {
            file.set_modified(SystemTime::now() - Duration::from_secs(3600)).explain(name)?;
        }
    }
    site.text("q.yaml")
}

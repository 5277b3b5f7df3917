//! `queue claim` and `queue done`.

use super::check::{Ran, all_is_tidy, left_nothing_but};
use super::program::{Binary, Program, Site};
use crate::engine::{Explain, Failure, fail};
use crate::judges::aftermath::{Came, Content};
use crate::judges::queue::same_but_for;
use crate::judges::queue_text::only_transitions;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// The exit code for "saved, but durability unknown", as `queue --help` says.
const DOUBT: Option<i32> = Some(9);

const QUEUE: &str = "\
# two tasks
tasks:
  - id: A  # the first
    status: pending
  - id: B
    status: pending
after: this stays
";

pub(super) const CLAIM: Program = Program {
    name: "claim",
    binary: Binary::Queue,
    words: &["-f", "q.yaml", "--agent", "one", "claim"],
    input: "",
    prepare: |site| Ok(fs::write(site.file("q.yaml"), QUEUE)?),
    check: check_claim,
};

pub(super) const DONE: Program = Program {
    name: "done",
    binary: Binary::Queue,
    words: &["-f", "q.yaml", "--agent", "one", "done", "A", "--attempt", "1"],
    input: "",
    prepare: |site| {
        fs::write(site.file("q.yaml"), QUEUE)?;
        site.queue(&["-f", "q.yaml", "--agent", "one", "claim", "A"])?.expect(0).map(drop)
    },
    check: check_done,
};

fn check_claim(site: &Site<'_>, ran: &Ran<'_>) -> Result<Came, Failure> {
    let content = content(site, ran, "claimed")?;
    let is_claimed = content == Content::New;
    if is_claimed && holder(site, "A")? != "one" {
        return Err(fail("A is claimed by somebody else"));
    }
    let came = ran.judge(content, "A 1\n", &["q.yaml"], DOUBT)?;
    left_nothing_but(None, site, ran)?;
    let next =
        site.queue(&["-f", "q.yaml", "--agent", "two", "claim"])?.expect(0).explain("the next claim")?;
    let expected = if is_claimed { "B 1\n" } else { "A 1\n" };
    if next.stdout != expected {
        let given = next.stdout.trim_end();
        return Err(fail(format!("the next claim was given `{given}`, expected `{}`", expected.trim_end())));
    }
    let first = if is_claimed { "one" } else { "two" };
    if holder(site, "A")? != first {
        return Err(fail("the next claim took away A"));
    }
    site.queue(&["-f", "q.yaml", "--agent", first, "done", "A", "--attempt", "1"])?.expect(0)?;
    history_tells(site, ran, is_claimed, "claimed")?;
    all_is_tidy(site)?;
    Ok(came)
}

fn check_done(site: &Site<'_>, ran: &Ran<'_>) -> Result<Came, Failure> {
    let content = content(site, ran, "completed")?;
    let is_done = content == Content::New;
    let came = ran.judge(content, "A is completed", &["q.yaml"], DOUBT)?;
    left_nothing_but(None, site, ran)?;
    // Saying it twice changes nothing, so both have to succeed.
    site.queue(&["-f", "q.yaml", "done", "A", "--attempt", "1"])?.expect(0).explain("saying it again")?;
    let next =
        site.queue(&["-f", "q.yaml", "--agent", "two", "claim"])?.expect(0).explain("the next claim")?;
    if next.stdout != "B 1\n" {
        return Err(fail(format!("the next claim was given `{}`", next.stdout.trim_end())));
    }
    history_tells(site, ran, is_done, "completed")?;
    all_is_tidy(site)?;
    Ok(came)
}

/// Whether A went over to `status`, with nothing else touched.
pub(super) fn content(site: &Site<'_>, ran: &Ran<'_>, status: &str) -> Result<Content, Failure> {
    let (before, after) = (ran.template.text("q.yaml")?, site.text("q.yaml")?);
    if before == after {
        return Ok(Content::Old);
    }
    let moved = BTreeSet::from(["A"]);
    let same = data(&before).and_then(|before| same_but_for(&before, &data(&after)?, &moved, status));
    Ok(match same.and_then(|()| only_transitions(&before, &after, &moved)) {
        Ok(()) => Content::New,
        Err(why) => Content::Neither(format!("{why}:\n{after}")),
    })
}

pub(super) fn data(text: &str) -> Result<Value, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

fn holder(site: &Site<'_>, id: &str) -> Result<String, Failure> {
    let data = data(&site.text("q.yaml")?).map_err(fail)?;
    let task = data["tasks"].as_array().and_then(|tasks| tasks.iter().find(|task| task["id"] == id));
    Ok(task.and_then(|task| task["claimed_by"].as_str()).unwrap_or_default().to_owned())
}

/// The history is derived and may lack the entry of a program that was killed or warned; it never has one twice, and never one of
/// something that did not happen.
fn history_tells(site: &Site<'_>, ran: &Ran<'_>, happened: bool, kind: &str) -> Result<(), Failure> {
    let text = site.text("events.yaml")?;
    if !text.starts_with(&ran.template.text("events.yaml").unwrap_or_default()) {
        return Err(fail("what stood in events.yaml is not there any more"));
    }
    let log = data(&text).map_err(fail).explain("events.yaml")?;
    let is_it =
        |record: &&Value| record["task_id"] == "A" && record["type"] == kind && record["attempt"] == 1;
    let times = log.as_array().map_or(0, |records| records.iter().filter(is_it).count());
    // If it did not happen, the run after it did it, and wrote it down.
    let may_lack =
        happened && (!ran.finished.status.success() || ran.finished.stderr.contains("its events are not"));
    match times {
        1 => Ok(()),
        0 if may_lack => Ok(()),
        _ => Err(fail(format!("events.yaml says {times} times that A was {kind}"))),
    }
}

//! Our three ways to save: `replace`, `update`, `append`.

use super::check::{Ran, all_is_tidy};
use super::program::{Binary, Program, Site};
use crate::client::DONE;
use crate::engine::{Explain, Failure, fail};
use crate::judges::aftermath::{Came, Content};
use serde::Deserialize;
use std::fs;

pub(super) const REPLACE: Program = Program {
    name: "replace",
    binary: Binary::Client,
    words: &["replace", "plain.txt", "second\n"],
    input: "",
    prepare: |site| Ok(fs::write(site.file("plain.txt"), "first\n")?),
    check: |site, ran| {
        let saved = Saved {
            file: "plain.txt",
            new: "second\n",
            next: &["replace", "plain.txt", "third\n"],
            records: |text| Ok(text.lines().map(str::to_owned).collect()),
            when_old: &["third"],
            when_new: &["third"],
            without_lock: true,
        };
        saved.check(site, ran)
    },
};

pub(super) const UPDATE: Program = Program {
    name: "update",
    binary: Binary::Client,
    words: &["count-once", "counter.yaml", "second"],
    input: "",
    prepare: |site| Ok(fs::write(site.file("counter.yaml"), "# how often\ncounter: 1\nids:\n  - first\n")?),
    check: |site, ran| {
        let saved = Saved {
            file: "counter.yaml",
            new: "# how often\ncounter: 2\nids:\n  - first\n  - second\n",
            next: &["count-once", "counter.yaml", "third"],
            records: counted,
            when_old: &["first", "third"],
            when_new: &["first", "second", "third"],
            without_lock: false,
        };
        let before_next = site.text("counter.yaml")?;
        let came = saved.check(site, ran)?;
        if site.text("counter.yaml.backup")? == before_next {
            Ok(came)
        } else {
            Err(fail("the backup is not the version before the last save"))
        }
    },
};

pub(super) const APPEND: Program = Program {
    name: "append",
    binary: Binary::Client,
    words: &["append", "events.yaml", "second"],
    input: "",
    prepare: |site| site.client(&["append", "events.yaml", "first"])?.expect(0).map(drop),
    check: |site, ran| {
        let old = ran.template.text("events.yaml")?;
        let added = site.text("events.yaml")?.strip_prefix(&old).map(str::to_owned);
        let added = added.ok_or_else(|| fail("what stood in the log is not there any more"))?;
        let whole = |text: &str| text.starts_with("#@1 ") && text.ends_with("- id: second\n  by: ours\n");
        let saved = Saved {
            file: "events.yaml",
            new: &if whole(&added) { old + &added } else { old + "#@1 … - id: second\n  by: ours\n" },
            next: &["append", "events.yaml", "third"],
            records: logged,
            when_old: &["first", "third"],
            when_new: &["first", "second", "third"],
            without_lock: false,
        };
        saved.check(site, ran)
    },
};

/// What a save must come to.
struct Saved<'a> {
    file: &'a str,
    /// The file once it is saved.
    new: &'a str,
    /// The client that comes next, without a fault.
    next: &'a [&'a str],
    /// What is in the file, for whoever reads it.
    records: fn(&str) -> Result<Vec<String>, Failure>,
    /// What is in it after the next client, if this save was not made, and if it was.
    when_old: &'a [&'a str],
    when_new: &'a [&'a str],
    without_lock: bool,
}

impl Saved<'_> {
    fn check(&self, site: &Site<'_>, ran: &Ran<'_>) -> Result<Came, Failure> {
        let text = site.text(self.file)?;
        let content = if text == ran.template.text(self.file)? {
            Content::Old
        } else if text == self.new {
            Content::New
        } else {
            Content::Neither(text)
        };
        let expected = if content == Content::New { self.when_new } else { self.when_old };
        let came = ran.judge(content, DONE, &[self.file], None)?;
        ran.left_nothing(site)?;
        site.client(self.next)?.expect(0).explain("the next run")?;
        let found = (self.records)(&site.text(self.file)?).explain("after the next run")?;
        if found != expected {
            return Err(fail(format!("after the next run there is {found:?}, expected {expected:?}")));
        }
        match (came, self.without_lock) {
            // Nobody can know whether the writer of a temporary lives where writers take no lock: what one that was killed leaves, stays.
            (Came::Killed, true) => {}
            _ => all_is_tidy(site)?,
        }
        Ok(came)
    }
}

#[derive(Deserialize)]
struct Counter {
    counter: usize,
    ids: Vec<String>,
}

fn counted(text: &str) -> Result<Vec<String>, Failure> {
    let Counter { counter, ids } = serde_yaml::from_str(text)?;
    if counter == ids.len() { Ok(ids) } else { Err(fail(format!("it counts {counter}, and has {ids:?}"))) }
}

#[derive(Deserialize)]
struct Event {
    id: String,
}

fn logged(text: &str) -> Result<Vec<String>, Failure> {
    let events: Vec<Event> = serde_yaml::from_str(text)?;
    Ok(events.into_iter().map(|event| event.id).collect())
}

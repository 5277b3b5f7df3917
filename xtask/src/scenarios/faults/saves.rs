//! Our three ways to save, `replace`, `update` and `append`, from the usual state and from what a kill can leave.

use super::check::{Ran, all_is_tidy, left_nothing_but};
use super::program::{Binary, Program, Site};
use crate::client::DONE;
use crate::engine::{Explain, Failure, fail};
use crate::judges::aftermath::{Came, Content};
use atomic_io::EventLog;
use serde::Deserialize;
use std::fs;

pub(super) const REPLACE: Program = Program {
    name: "replace",
    binary: Binary::Client,
    words: &["replace", "plain.txt", "second\n"],
    input: "",
    prepare: |site| Ok(fs::write(site.file("plain.txt"), "first\n")?),
    check: |site, ran| {
        let content = whole(site, ran, "plain.txt", "second\n")?;
        let saved = Saved {
            file: "plain.txt",
            content,
            next: &["replace", "plain.txt", "third\n"],
            records: |text| Ok(text.lines().map(str::to_owned).collect()),
            when_old: &["third"],
            when_new: &["third"],
            found: None,
            without_lock: true,
        };
        saved.check(site, ran)
    },
};

const COUNTER: &str = "# how often\ncounter: 1\nids:\n  - first\n";

pub(super) const UPDATE: Program = Program {
    name: "update",
    binary: Binary::Client,
    words: &["count-once", "counter.yaml", "second"],
    input: "",
    prepare: |site| Ok(fs::write(site.file("counter.yaml"), COUNTER)?),
    check: |site, ran| check_update(site, ran, None),
};

/// What a writer that was killed has left, which is kept nowhere else.
const LEFTOVER: (&str, &str) = (".counter.yaml.new", "counter: 2\nids:\n  - fir");

pub(super) const UPDATE_AFTER_KILL: Program = Program {
    name: "update-after-kill",
    binary: Binary::Client,
    words: &["count-once", "counter.yaml", "second"],
    input: "",
    prepare: |site| {
        fs::write(site.file(LEFTOVER.0), LEFTOVER.1)?;
        Ok(fs::write(site.file("counter.yaml"), COUNTER)?)
    },
    check: |site, ran| {
        let came = check_update(site, ran, Some(LEFTOVER))?;
        is_put_aside(site, |text| text == LEFTOVER.1)?;
        Ok(came)
    },
};

/// The next save makes the old backup a snapshot.
pub(super) const UPDATE_WITH_SNAPSHOT: Program = Program {
    name: "update-with-snapshot",
    binary: Binary::Client,
    words: &["count-once", "counter.yaml", "second"],
    input: "",
    prepare: |site| {
        fs::write(site.file("counter.yaml.backup"), GOOD)?;
        // What other programs have just written is younger than the backup, as it is in life.
        std::thread::sleep(std::time::Duration::from_millis(20));
        Ok(fs::write(site.file("counter.yaml"), COUNTER)?)
    },
    check: |site, ran| check_update(site, ran, None),
};

/// What is restored.
const GOOD: &str = "# how often\ncounter: 0\nids: []\n";
/// What another program has made of the file.
const CORRUPT: &str = "counter: [1\n";

const RESTORE_WORDS: &[&str] = &["restore", "counter.yaml", "counter.yaml.backup"];

pub(super) const RESTORE: Program = Program {
    name: "restore",
    binary: Binary::Client,
    words: RESTORE_WORDS,
    input: "",
    prepare: |site| {
        fs::write(site.file("counter.yaml.backup"), GOOD)?;
        Ok(fs::write(site.file("counter.yaml"), CORRUPT)?)
    },
    check: |site, ran| {
        let content = whole(site, ran, "counter.yaml", GOOD)?;
        let came = ran.judge(content, DONE, &["counter.yaml"], None)?;
        left_nothing_but(None, site, ran)?;
        if site.text("counter.yaml.backup")? != GOOD {
            return Err(fail("the backup is not what it was"));
        }
        site.client(RESTORE_WORDS)?.expect(0).explain("the next restore")?;
        if site.text("counter.yaml")? != GOOD {
            return Err(fail("the next restore did not restore"));
        }
        // Who was killed between the exchange and its last steps left the version that came out; the next save finds it.
        site.client(&["count-once", "counter.yaml", "third"])?.expect(0).explain("the next save")?;
        is_put_aside(site, |text| text == CORRUPT)?;
        all_is_tidy(site)?;
        Ok(came)
    },
};

pub(super) const APPEND: Program = Program {
    name: "append",
    binary: Binary::Client,
    words: &["append", "events.yaml", "second"],
    input: "",
    prepare: |site| site.client(&["append", "events.yaml", "first"])?.expect(0).map(drop),
    check: |site, ran| check_append(site, ran, added(site, ran)?, &["first"]),
};

pub(super) const FIRST_APPEND: Program = Program {
    name: "first-append",
    binary: Binary::Client,
    words: &["append", "events.yaml", "second"],
    input: "",
    prepare: |_| Ok(()),
    check: |site, ran| check_append(site, ran, added(site, ran)?, &[]),
};

/// Another program appended without a stamp: a whole record, and one that is cut off.
const FOREIGN: &str = "- id: theirs\n  by: another\n- id: \"tor";

pub(super) const APPEND_TO_FOREIGN: Program = Program {
    name: "append-to-foreign",
    binary: Binary::Client,
    words: &["append", "events.yaml", "second"],
    input: "",
    prepare: |site| {
        site.client(&["append", "events.yaml", "first"])?.expect(0)?;
        Ok(fs::write(site.file("events.yaml"), site.text("events.yaml")? + FOREIGN)?)
    },
    check: |site, ran| {
        let readable = EventLog::at(site.file("events.yaml")).read()?.records;
        let ids: Vec<_> = readable.iter().filter_map(|record| record["id"].as_str()).collect();
        let content = match ids.as_slice() {
            ["first", "theirs"] => Content::Old,
            ["first", "theirs", "second"] => Content::New,
            other => Content::Neither(format!("it holds {other:?}")),
        };
        let came = check_append(site, ran, content, &["first", "theirs"])?;
        is_put_aside(site, |text| text == "- id: \"tor")?;
        Ok(came)
    },
};

/// What a kill, or a full disk, can leave of a record.
const TORN: &str = "#@1 00000020 deadbeef\n- id: tor";

pub(super) const APPEND_TO_TORN: Program = Program {
    name: "append-to-torn",
    binary: Binary::Client,
    words: &["append", "events.yaml", "second"],
    input: "",
    prepare: |site| {
        site.client(&["append", "events.yaml", "first"])?.expect(0)?;
        Ok(fs::write(site.file("events.yaml"), site.text("events.yaml")? + TORN)?)
    },
    check: |site, ran| {
        let readable = EventLog::at(site.file("events.yaml")).read()?.records;
        let ids: Vec<_> = readable.iter().filter_map(|record| record["id"].as_str()).collect();
        let content = match ids.as_slice() {
            ["first"] => Content::Old,
            ["first", "second"] => Content::New,
            other => Content::Neither(format!("it holds {other:?}")),
        };
        let came = check_append(site, ran, content, &["first"])?;
        is_put_aside(site, |text| text.ends_with(TORN))?;
        Ok(came)
    },
};

fn check_update(
    site: &Site<'_>,
    ran: &Ran<'_>,
    found: Option<(&'static str, &'static str)>,
) -> Result<Came, Failure> {
    let saved = Saved {
        file: "counter.yaml",
        content: whole(site, ran, "counter.yaml", "# how often\ncounter: 2\nids:\n  - first\n  - second\n")?,
        next: &["count-once", "counter.yaml", "third"],
        records: counted,
        when_old: &["first", "third"],
        when_new: &["first", "second", "third"],
        found,
        without_lock: false,
    };
    let before_next = site.text("counter.yaml")?;
    let came = saved.check(site, ran)?;
    if site.text("counter.yaml.backup")? == before_next {
        Ok(came)
    } else {
        Err(fail("the backup is not the version before the last save"))
    }
}

fn check_append(
    site: &Site<'_>,
    ran: &Ran<'_>,
    content: Content,
    before: &[&'static str],
) -> Result<Came, Failure> {
    let saved = Saved {
        file: "events.yaml",
        content,
        next: &["append", "events.yaml", "third"],
        records: logged,
        when_old: &[before, &["third"]].concat(),
        when_new: &[before, &["second", "third"]].concat(),
        found: None,
        without_lock: false,
    };
    saved.check(site, ran)
}

/// Whether a file is byte for byte what it was, or `new`.
fn whole(site: &Site<'_>, ran: &Ran<'_>, file: &str, new: &str) -> Result<Content, Failure> {
    let text = site.text(file)?;
    Ok(if text == ran.template.text(file)? {
        Content::Old
    } else if text == new {
        Content::New
    } else {
        Content::Neither(text)
    })
}

/// Whether what was added to the log is nothing, or one whole record.
fn added(site: &Site<'_>, ran: &Ran<'_>) -> Result<Content, Failure> {
    let text = |site: &Site<'_>| match site.file("events.yaml").exists() {
        true => site.text("events.yaml"),
        false => Ok(String::new()),
    };
    let (old, new) = (text(ran.template)?, text(site)?);
    Ok(match new.strip_prefix(&old) {
        Some("") => Content::Old,
        Some(added) if added.starts_with("#@1 ") && added.ends_with("\n- id: second\n  by: ours\n") => {
            Content::New
        }
        _ => Content::Neither(new),
    })
}

/// What a save must come to.
struct Saved<'a> {
    file: &'a str,
    /// What is in it after the fault.
    content: Content,
    /// The client that comes next, without a fault.
    next: &'a [&'a str],
    /// What is in the file, for whoever reads it.
    records: fn(&str) -> Result<Vec<String>, Failure>,
    /// What is in it after the next client, if this save was not made, and if it was.
    when_old: &'a [&'a str],
    when_new: &'a [&'a str],
    /// A leftover of somebody else, with its content.
    found: Option<(&'static str, &'static str)>,
    without_lock: bool,
}

impl Saved<'_> {
    fn check(self, site: &Site<'_>, ran: &Ran<'_>) -> Result<Came, Failure> {
        let expected = if self.content == Content::New { self.when_new } else { self.when_old };
        let came = ran.judge(self.content, DONE, &[self.file], None)?;
        left_nothing_but(self.found, site, ran)?;
        site.client(self.next)?.expect(0).explain("the next run")?;
        let found = (self.records)(&site.text(self.file)?).explain("after the next run")?;
        if found != expected {
            return Err(fail(format!("after the next run there is {found:?}, expected {expected:?}")));
        }
        match (came, self.without_lock) {
            // Who takes no lock cannot know whether the writer of a temporary lives: what one that was killed leaves, stays.
            (Came::Killed, true) => {}
            _ => all_is_tidy(site)?,
        }
        Ok(came)
    }
}

fn is_put_aside(site: &Site<'_>, is_it: impl Fn(&str) -> bool) -> Result<(), Failure> {
    // No folder at all is as bad as an empty one.
    let aside = fs::read_dir(site.file(".mooring/recovered")).into_iter().flatten();
    let mut texts = aside.flatten().filter_map(|entry| fs::read_to_string(entry.path()).ok());
    if texts.any(|text| is_it(&text)) {
        Ok(())
    } else {
        Err(fail("what a killed writer had left is gone, and was not put aside"))
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

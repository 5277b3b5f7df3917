//! A process that counts and logs together with others, and one that only looks on.

use crate::engine::{Explain, Failure, fail};
use atomic_io::{Document, DocumentError, EventLog, SharedFile, Wait};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// Longer than all others together need: who waits that long was forgotten.
pub(super) const LONG: Wait = Wait::AtMost(Duration::from_secs(60));

/// Events a turn: appending is so much faster than updating that the log would hardly be contended otherwise.
const EVENTS: u32 = 4;

#[derive(Args, Debug)]
pub(crate) struct Count {
    /// First part of every id
    name: String,
    /// The YAML file with `counter` and `ids`
    counter: PathBuf,
    /// The event log
    events: PathBuf,
    /// Where every id is noted once its update, and once its event, has succeeded
    acknowledged: PathBuf,
    /// Ends when this file exists
    stop: PathBuf,
    /// How often this client was started before: makes its ids unique
    incarnation: u64,
}

pub(crate) fn count_until_stopped(args: &Count) -> Result<ExitCode, Failure> {
    let counter = SharedFile::at(&args.counter).wait(LONG);
    let events = EventLog::at(&args.events).wait(LONG);
    let mut turn = 0;
    while !args.stop.exists() {
        turn += 1;
        let id = format!("{}-{}-{turn}", args.name, args.incarnation);
        count(&counter, &id)?;
        acknowledge(&args.acknowledged, "counted", &id)?;
        for part in 0..EVENTS {
            let id = format!("{id}-{part}");
            append_event(&events, &id)?;
            acknowledge(&args.acknowledged, "logged", &id)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One update: the counter goes up and the id joins the list.
pub(super) fn count(file: &SharedFile, id: &str) -> Result<(), Failure> {
    file.update(|document| counted_up(document, id))?;
    Ok(())
}

pub(super) fn counted_up(document: &mut Document, id: &str) -> Result<(), DocumentError> {
    let counter: u64 = document.get("counter")?;
    document.set("counter", &(counter + 1))?;
    document.push("ids", &id)
}

#[derive(Serialize)]
struct Event<'a> {
    id: &'a str,
    by: &'static str,
}

pub(super) fn append_event(log: &EventLog, id: &str) -> Result<(), Failure> {
    log.append(&Event { id, by: "ours" })?;
    Ok(())
}

/// One write, so that a kill leaves all of the line or nothing.
pub(super) fn acknowledge(path: &Path, what: &str, id: &str) -> Result<(), Failure> {
    let mut file = File::options().create(true).append(true).open(path).explain(path.display())?;
    file.write_all(format!("{what} {id}\n").as_bytes()).explain(path.display())
}

#[derive(Args, Debug)]
pub(crate) struct Watch {
    counter: PathBuf,
    events: PathBuf,
    stop: PathBuf,
}

#[derive(Deserialize)]
struct Counter {
    counter: u64,
    ids: Vec<String>,
}

/// Reads both files without any lock until told to stop. Prints `reads N`.
pub(crate) fn watch(args: &Watch) -> Result<ExitCode, Failure> {
    let log = EventLog::at(&args.events);
    let (mut reads, mut counted, mut logged) = (0_u64, 0, 0);
    while !args.stop.exists() {
        let text = std::fs::read_to_string(&args.counter).explain(args.counter.display())?;
        let now = whole(&text)?;
        if now < counted {
            return Err(fail(format!("the counter went back from {counted} to {now}")));
        }
        counted = now;
        let events = log.read()?.records.len();
        if events < logged {
            return Err(fail(format!("the log shrank from {logged} to {events} records")));
        }
        logged = events;
        reads += 1;
        thread::sleep(Duration::from_millis(2));
    }
    println!("reads {reads}");
    Ok(ExitCode::SUCCESS)
}

/// The counter in a version of the file that is whole: every writer leaves as many ids as it counts.
fn whole(text: &str) -> Result<u64, Failure> {
    let torn = |why: &str| fail(format!("a reader without a lock saw a file that {why}:\n{text}"));
    // Both readers: the one that edits and the one that everybody uses.
    Document::parse(text).map_err(|error| torn(&format!("does not parse ({error})")))?;
    let found: Counter =
        serde_yaml::from_str(text).map_err(|error| torn(&format!("does not parse ({error})")))?;
    let ids = u64::try_from(found.ids.len())?;
    if ids == found.counter { Ok(ids) } else { Err(torn("holds another number of ids than it counts")) }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_torn_an_empty_and_an_inconsistent_file_are_refused() {
        assert!(whole("counter: 2\nids:\n- a\n- b\n").is_ok_and(|count| count == 2));
        assert!(whole("").is_err());
        assert!(whole("counter: 2\nids:\n- a\n- \"b").is_err());
        assert!(whole("counter: 2\nids:\n- a\n").is_err());
    }
}

//! The programs that are cut off: what each begins with, what it does, and what is expected of it.

use crate::engine::{Explain, Failure, fail};
use atomic_io::EventLog;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// The file that is replaced.
pub(crate) const FILE: &str = "doc.yaml";
/// The queue.
pub(crate) const QUEUE: &str = "q.yaml";
/// The log that is appended to.
pub(crate) const LOG: &str = "events.yaml";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expected {
    /// Ours: no violation anywhere.
    Sound,
    /// A peer that is known to be right: if it shows a violation, the models are wrong.
    KnownGood,
    /// A peer that is known to be wrong: if it shows none, the models or the judges are.
    KnownBad,
    /// A peer of which we only want to know.
    Compared,
}

/// What the next save after the power cut is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Other people's programs are not asked to recover.
    None,
    Replace,
    Update,
    /// An update, and every version that there was before must still be somewhere.
    LosingNothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    File(Recovery),
    Log,
    /// A queue, with its log.
    Queue,
}

/// What is run.
pub(crate) enum Run {
    Client(Vec<String>),
    Queue(&'static [&'static str]),
    Python(&'static str),
}

pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) expected: Expected,
    pub(crate) subject: Subject,
    pub(crate) prepare: fn(&Path) -> Result<(), Failure>,
    pub(crate) run: fn() -> Run,
    /// Also in a quick run.
    pub(crate) is_quick: bool,
}

const OURS: Program = Program {
    name: "",
    expected: Expected::Sound,
    subject: Subject::Log,
    prepare: |_| Ok(()),
    run: append,
    is_quick: true,
};

const PEER: Program = Program {
    expected: Expected::Compared,
    subject: Subject::File(Recovery::None),
    prepare: old_file,
    is_quick: false,
    ..OURS
};

pub(crate) const ALL: &[Program] = &[
    Program {
        name: "replace",
        subject: Subject::File(Recovery::Replace),
        prepare: old_file,
        run: || client(&["replace", FILE, &new_text()]),
        ..OURS
    },
    Program {
        name: "replace, no file yet",
        subject: Subject::File(Recovery::Replace),
        run: || client(&["replace", FILE, &new_text()]),
        is_quick: false,
        ..OURS
    },
    Program {
        name: "update",
        subject: Subject::File(Recovery::Update),
        prepare: old_file_and_backup,
        run: || client(&["count-once", FILE, "second"]),
        ..OURS
    },
    Program {
        name: "update, a killed writer before",
        subject: Subject::File(Recovery::Update),
        prepare: |folder| {
            put(folder, &format!(".{FILE}.new"), &text(5)[..3000])?;
            old_file_and_backup(folder)
        },
        run: || client(&["count-once", FILE, "second"]),
        is_quick: false,
        ..OURS
    },
    Program {
        name: "restore",
        subject: Subject::File(Recovery::LosingNothing),
        prepare: old_file_and_backup,
        run: || client(&["restore", FILE, &format!("{FILE}.backup")]),
        ..OURS
    },
    Program {
        name: "restore, a killed writer before",
        subject: Subject::File(Recovery::LosingNothing),
        prepare: |folder| {
            put(folder, &format!(".{FILE}.new"), &text(5)[..3000])?;
            old_file_and_backup(folder)
        },
        run: || client(&["restore", FILE, &format!("{FILE}.backup")]),
        is_quick: false,
        ..OURS
    },
    Program { name: "append", prepare: stamped_log, ..OURS },
    Program { name: "append, no log yet", is_quick: false, ..OURS },
    Program { name: "append, foreign log", prepare: foreign_log, is_quick: false, ..OURS },
    Program { name: "append, torn log", prepare: torn_log, ..OURS },
    Program { name: "append, foreign records", prepare: foreign_records, is_quick: false, ..OURS },
    Program {
        name: "queue claim",
        subject: Subject::Queue,
        prepare: queue,
        run: || Run::Queue(&["-f", QUEUE, "claim", "--agent", "somebody"]),
        ..OURS
    },
    Program {
        name: "Python, fsync of file and folder",
        expected: Expected::KnownGood,
        run: || Run::Python("both"),
        is_quick: true,
        ..PEER
    },
    Program { name: "Python, fsync of the file", run: || Run::Python("file"), ..PEER },
    Program {
        name: "Python, no fsync",
        expected: Expected::KnownBad,
        run: || Run::Python("none"),
        is_quick: true,
        ..PEER
    },
    Program {
        name: "atomic-write-file",
        run: || client(&["peer-replace", "atomic-write-file", FILE, &new_text()]),
        ..PEER
    },
    Program {
        name: "tempfile, persist",
        expected: Expected::KnownBad,
        run: || client(&["peer-replace", "tempfile", FILE, &new_text()]),
        ..PEER
    },
    Program {
        name: "fs::write",
        expected: Expected::KnownBad,
        run: || client(&["peer-replace", "plain", FILE, &new_text()]),
        ..PEER
    },
];

fn client(words: &[&str]) -> Run {
    Run::Client(words.iter().map(ToString::to_string).collect())
}

/// Records longer than a sector, so that a part of one can be on disk.
fn append() -> Run {
    let ids = (1..=3).map(|number| format!("event {number} {}", "and so on ".repeat(60).trim_end()));
    Run::Client(["append-all".into(), LOG.into()].into_iter().chain(ids).collect())
}

/// More than a page, so that a part of it can be on disk.
fn text(counter: u32) -> String {
    let ids: String =
        (1..=counter + 129).map(|number| format!("  - an entry with the number {number}\n")).collect();
    format!("# how often\ncounter: {}\nids:\n{ids}", counter + 129)
}

pub(crate) fn new_text() -> String {
    text(2)
}

fn old_file(folder: &Path) -> Result<(), Failure> {
    put(folder, FILE, &text(1))
}

fn old_file_and_backup(folder: &Path) -> Result<(), Failure> {
    put(folder, &format!("{FILE}.backup"), &text(0))?;
    old_file(folder)
}

fn put(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    fs::write(&path, text).explain(path.display())
}

#[derive(Serialize)]
struct Event {
    id: String,
}

fn stamped_log(folder: &Path) -> Result<(), Failure> {
    let log = EventLog::at(folder.join(LOG));
    for id in ["long ago", "not so long ago"] {
        log.append(&Event { id: format!("{id} {}", "it was ".repeat(30).trim_end()) })?;
    }
    Ok(())
}

fn foreign_log(folder: &Path) -> Result<(), Failure> {
    put(folder, LOG, "# by hand\n- id: one\n  by: somebody\n- id: two\n  by: somebody else\n")
}

/// Another program appended, whole records and the beginning of one.
fn foreign_records(folder: &Path) -> Result<(), Failure> {
    stamped_log(folder)?;
    let path = folder.join(LOG);
    let content = fs::read_to_string(&path).explain(path.display())?;
    let foreign = "- id: by another program\n  by: somebody\n- id: by hand\n  by: \"some";
    fs::write(&path, content + foreign).explain(path.display())
}

/// The last record was cut off by an earlier power cut.
fn torn_log(folder: &Path) -> Result<(), Failure> {
    stamped_log(folder)?;
    let path = folder.join(LOG);
    let content = fs::read(&path).explain(path.display())?;
    let torn = content.len().checked_sub(60).ok_or_else(|| fail("the log is too short to be torn"))?;
    fs::write(&path, &content[..torn]).explain(path.display())
}

fn queue(folder: &Path) -> Result<(), Failure> {
    stamped_log(folder)?;
    let tasks: String = (1..=40)
        .map(|number| format!("  - id: T-{number}\n    title: the task with the number {number}\n    status: pending\n    priority: HIGH\n"))
        .collect();
    put(folder, QUEUE, &format!("# a queue\ncounter: 1\ntasks:\n{tasks}"))
}

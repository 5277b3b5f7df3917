//! Files: replacing one durably, appending to a log, one edit of a document, and a command that does it all.

mod bare;
mod logs;

use crate::bench::command::median;
use crate::bench::measure::{Bound, Contestant, Figure, Measure, Target, Unit};
use crate::engine::{Explain, Failure, Stage, Tool, fail};
use atomic_io::{Document, SharedFile};
use serde_yaml::Value;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const SET_SCRIPT: &str = include_str!("../../../clients/bench_set.py");
const BARE: &str = "bare calls";
const OURS: &str = "atomic-io";

pub(crate) fn measures() -> Vec<Measure> {
    vec![replacement(), logs::in_process(), logs::by_commands(), one_edit(), whole_process()]
}

const fn time(name: &'static str) -> Figure {
    Figure { name, unit: Unit::Nanoseconds, is_compared: true }
}

/// Does it `times` times and returns the median, in nanoseconds.
fn timed(times: u32, mut work: impl FnMut(u32) -> Result<(), Failure>) -> Result<f64, Failure> {
    let mut found = Vec::new();
    for number in 0..times {
        let started = Instant::now();
        work(number)?;
        found.push(started.elapsed().as_nanos() as f64);
    }
    median(found)
}

const SIZES: [(&str, usize); 3] = [("4 KB", 4_000), ("50 KB", 50_000), ("2 MB", 2_000_000)];
const REPLACEMENTS: u32 = 15;

fn replacement() -> Measure {
    let of = |name, file: &'static str, replace: fn(&Path, &[u8]) -> Result<(), Failure>| {
        Contestant::new(name, &[], move |stage| {
            let path = stage.data().join(file);
            let of_size = |&(_, size): &(&str, usize)| {
                let text = queue_text(size);
                timed(REPLACEMENTS, |number| replace(&path, &changed(&text, number)))
            };
            SIZES.iter().map(of_size).collect()
        })
    };
    let target = |figure| Target {
        contestant: "`atomic_io::replace`",
        figure,
        bound: Bound::RatioAtMost(1.15),
        when_missed: "looking where the file really is, and giving the new one the old one's mode and owner",
    };
    Measure {
        name: "A durable replacement",
        told: "Temporary, write, fsync, rename, fsync of the folder. `update` has a lock, a read, an edit with its checks, a comparison and a backup besides.",
        figures: SIZES.iter().map(|(name, _)| time(name)).collect(),
        contestants: vec![
            of(BARE, "bare.yaml", bare::replace),
            of("`atomic_io::replace`", "replace.yaml", |path, bytes| Ok(atomic_io::replace(path, bytes)?)),
            of("`SharedFile::update` of one value", "update.yaml", update),
            of("`atomic-write-file`", "peer.yaml", bare::with_atomic_write_file),
            of("`tempfile`, persist (no fsync)", "persisted.yaml", bare::with_tempfile),
        ],
        targets: SIZES.iter().map(|(name, _)| target(name)).collect(),
        picture: None,
    }
}

fn update(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let is_of_size = fs::metadata(path).is_ok_and(|found| found.len().abs_diff(bytes.len() as u64) < 100);
    if !is_of_size {
        fs::write(path, bytes).explain(path.display())?;
    }
    let updated = SharedFile::at(path).update(|document| {
        let counter: u64 = document.get("counter")?;
        document.set("counter", &(counter + 1))
    });
    updated.explain(path.display())
}

const EDITED: &str = "tasks[id=TASK-4000].status";

fn one_edit() -> Measure {
    let text = || queue_text(4_000_000);
    Measure {
        name: "One edit of a queue of 4 MB, without the disk",
        told: "From the text to the text with one status changed. serde_yaml writes everything anew, and no comment survives.",
        figures: vec![time("an edit")],
        contestants: vec![
            Contestant::new("serde_yaml: parse, change, emit", &[], move |_| {
                let text = text();
                let edit = |_| {
                    let mut queue: Value = serde_yaml::from_str(&text).explain("the queue")?;
                    let status =
                        queue.get_mut("tasks").and_then(|tasks| tasks.get_mut(4_000)?.get_mut("status"));
                    *status.ok_or_else(|| fail("the queue has no such task"))? = "done".into();
                    serde_yaml::to_string(&queue).map(drop).explain("the queue")
                };
                Ok(vec![timed(3, edit)?])
            }),
            Contestant::new(OURS, &[], move |_| {
                let text = text();
                let edit = |_| {
                    let mut document = Document::parse(text.as_str()).explain("the queue")?;
                    document.set(EDITED, "done").explain(EDITED)?;
                    drop(document.into_text());
                    Ok(())
                };
                Ok(vec![timed(15, edit)?])
            }),
        ],
        targets: vec![Target {
            contestant: OURS,
            figure: "an edit",
            bound: Bound::RatioAtMost(1.0 / 15.0),
            when_missed: "the text is copied once and outlined once, and the touched part is parsed again",
        }],
        picture: None,
    }
}

fn whole_process() -> Measure {
    let command = |name,
                   needs: &[Tool],
                   file: &'static str,
                   make: fn(&Stage, &Path, u32) -> Result<Command, Failure>| {
        Contestant::new(name, needs, move |stage| {
            let path = stage.data().join(file);
            fs::write(&path, queue_text(40_000)).explain(path.display())?;
            let run = |number| {
                let mut command = make(stage, &path, number)?;
                let output = command.output().explain(name)?;
                let said = String::from_utf8_lossy(&output.stderr);
                if output.status.success() { Ok(()) } else { Err(fail(format!("{name}: {said}"))) }
            };
            Ok(vec![timed(11, run)?])
        })
    };
    Measure {
        name: "One value in a file of 40 KB, by a command",
        told: "From the start to the end of the process. `yq` here is the one on top of jq, and takes no lock and syncs nothing; Python is PyYAML with its C loader, \
               under flock, with fsync and os.replace. Both write the file anew, without its comments.",
        figures: vec![time("a run")],
        contestants: vec![
            command("`atomic-io set`", &[], "ours.yaml", |stage, path, number| {
                let mut command = stage.program("atomic-io")?;
                command.arg("set").arg(path).args(["counter", &number.to_string()]);
                Ok(command)
            }),
            command("`yq -i`", &[Tool::Yq], "yq.yaml", |stage, path, number| {
                let mut command = stage.command("yq");
                command.args(["-y", "-i", &format!(".counter = {number}")]).arg(path);
                Ok(command)
            }),
            command("Python", &[Tool::PyYaml], "python.yaml", |stage, path, number| {
                let mut command = stage.python("bench_set.py", SET_SCRIPT)?;
                command.arg(path).arg(number.to_string());
                Ok(command)
            }),
        ],
        targets: Vec::new(),
        picture: None,
    }
}

/// A queue of about `size` bytes, with comments.
fn queue_text(size: usize) -> String {
    let mut text = String::from("# How often it was touched.\ncounter: 0\ntasks:\n");
    let mut number = 0;
    while text.len() < size {
        let _ = write!(
            text,
            "  - id: TASK-{number}\n    title: \"Look at part {number}, and say what it is\"\n    status: pending  # not yet\n    \
             priority: HIGH\n    dependencies: []\n    created: \"2026-11-23T04:11:09Z\"\n    notes: |\n      as it was told\n      and then again\n"
        );
        number += 1;
    }
    text
}

fn changed(text: &str, number: u32) -> Vec<u8> {
    text.replacen("counter: 0", &format!("counter: {number}"), 1).into_bytes()
}

/// A file in the folder of the bench, with this content once.
fn prepared(
    stage: &Stage,
    name: &str,
    content: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    let path = stage.data().join(name);
    if !path.exists() {
        content(&path)?;
        // What was written for it is not to be written while something is measured.
        let mut file = fs::File::options().append(true).open(&path).explain(path.display())?;
        file.flush().and_then(|()| file.sync_all()).explain(path.display())?;
    }
    Ok(path)
}

//! Appending to a log, however long it is.

use super::{BARE, OURS, contestant, median, prepared, time};
use crate::bench::measure::{Bound, Contestant, Measure, Target};
use crate::engine::{Explain, Failure, Stage, Tool};
use atomic_io::EventLog;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

const LENGTHS: [(&str, usize); 3] =
    [("at 1,000 records", 1_000), ("at 100,000", 100_000), ("at 1,000,000", 1_000_000)];
const APPENDS: u32 = 40;
/// What a record of ours is in the file, with its stamp.
const RECORD: &str = "#@1 0000004d 00000000\n- timestamp: \"2026-11-23T04:11:09Z\"\n  type: claimed\n  task_id: TASK-12\n  n: 1\n";

const SCRIPT: &str = include_str!("../../../clients/bench_append.py");

pub(super) fn append() -> Measure {
    let target = |figure| Target {
        contestant: OURS,
        figure,
        bound: Bound::RatioAtMost(1.2),
        when_missed: "taking the lock with its record, looking at the end of the log, and looking afterwards whether it still is the log",
    };
    Measure {
        name: "An append to a log",
        told: "One record, on disk when it is done. The bare calls are write and fdatasync on a file that is open, with no lock and no look at what stands there.",
        figures: LENGTHS.iter().map(|(name, _)| time(name)).collect(),
        contestants: vec![each(BARE, "bare", bare), each(OURS, "ours", ours)],
        targets: LENGTHS.iter().map(|(name, _)| target(name)).collect(),
    }
}

fn each(name: &'static str, whose: &'static str, append: fn(&Path) -> Result<f64, Failure>) -> Contestant {
    contestant(name, None, move |stage| {
        LENGTHS.iter().map(|(_, length)| append(&log(stage, whose, *length)?)).collect()
    })
}

fn bare(log: &Path) -> Result<f64, Failure> {
    let mut file = File::options().append(true).open(log).explain(log.display())?;
    median(APPENDS, |_| {
        file.write_all(RECORD.as_bytes()).and_then(|()| file.sync_data()).explain(log.display())
    })
}

fn ours(log: &Path) -> Result<f64, Failure> {
    let events = EventLog::at(log);
    median(APPENDS, |_| events.append(&event()).explain(log.display()))
}

/// The shortest log only: PyYAML needs half a minute for the longest.
pub(super) fn beside_the_old_way() -> Measure {
    Measure {
        name: "An append to a log of 1,000 records, beside the old way",
        told: "Python parses the log with PyYAML's C loader, adds the record, writes everything anew, syncs and replaces, under flock.",
        figures: vec![time("an append")],
        contestants: vec![
            contestant(OURS, None, |stage| Ok(vec![ours(&log(stage, "ours", LENGTHS[0].1)?)?])),
            contestant("Python", Some(Tool::PyYaml), |stage| {
                let log = log(stage, "python", LENGTHS[0].1)?;
                let mut python = stage.python("bench_append.py", SCRIPT)?;
                let output = python.arg(&log).output().explain("Python")?;
                let said = String::from_utf8_lossy(&output.stdout);
                Ok(vec![said.trim().parse::<f64>().explain(String::from_utf8_lossy(&output.stderr))?])
            }),
        ],
        targets: Vec::new(),
    }
}

fn event() -> BTreeMap<&'static str, &'static str> {
    [("timestamp", "2026-11-23T04:11:09Z"), ("type", "claimed"), ("task_id", "TASK-12"), ("n", "1")].into()
}

/// A log with `length` records of ours.
fn log(stage: &Stage, whose: &str, length: usize) -> Result<PathBuf, Failure> {
    prepared(stage, &format!("{whose}-{length}.yaml"), |path| {
        let events = vec![event(); length];
        EventLog::at(path).append_all(&events).explain(path.display())
    })
}

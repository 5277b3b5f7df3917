//! Appending to a log, however long it is: in a process that stays, and by a command.

use super::{BARE, OURS, prepared, time, timed};
use crate::bench::command::{make_database, median, run, sqlite};
use crate::bench::measure::{Bound, Contestant, Height, Measure, Picture, Target};
use crate::engine::{Explain, Failure, Stage, Tool, fail};
use atomic_io::EventLog;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const LENGTHS: [(&str, u32); 4] = [
    ("at 1,000 records", 1_000),
    ("at 10,000", 10_000),
    ("at 100,000", 100_000),
    ("at 1,000,000", 1_000_000),
];
const APPENDS: u32 = 40;
/// By commands.
const RUNS: u32 = 11;
/// What a record of ours is in the file, with its stamp.
const RECORD: &str = "#@1 0000004d 00000000\n- timestamp: \"2026-11-23T04:11:09Z\"\n  type: claimed\n  task_id: TASK-12\n  n: 1\n";

const EVENT: &str = "{timestamp: \"2026-11-23T04:11:09Z\", type: claimed, task_id: TASK-12, n: \"1\"}";

const PYTHON: &str = include_str!("../../../clients/bench_append.py");
const SQLITE_SCRIPT: &str = include_str!("../../../clients/bench_append_sqlite.py");
const BASH: &str = include_str!("../../../clients/bench_append.sh");

const TABLE: &str =
    "CREATE TABLE events (id INTEGER PRIMARY KEY, timestamp TEXT, type TEXT, task_id TEXT, n TEXT);";
const INSERT: &str = "INSERT INTO events (timestamp, type, task_id, n) VALUES ('2026-11-23T04:11:09Z', 'claimed', 'TASK-12', '1');";

pub(super) fn in_process() -> Measure {
    let target = |figure| Target {
        contestant: OURS,
        figure,
        bound: Bound::RatioAtMost(1.2),
        when_missed: "taking the lock with its record, looking at the end of the log, and looking afterwards whether it still is the log",
    };
    Measure {
        name: "An append to a log",
        told: "One record, on disk when it is done, by a process that stays. The bare calls are write and fdatasync on a file that is open, with no lock and no look at \
               what stands there. SQLite (WAL, FULL) is driven from Python. Python by itself (PyYAML with its C loader) parses the log, adds the record, writes everything \
               anew, syncs and replaces, under flock.",
        figures: LENGTHS.iter().map(|(name, _)| time(name)).collect(),
        contestants: vec![
            each(BARE, &[], |stage, length| bare(&log(stage, "bare", length)?)),
            each(OURS, &[], |stage, length| ours(&log(stage, "ours", length)?)),
            each("SQLite (WAL, FULL), from Python", &[Tool::Sqlite, Tool::PyYaml], |stage, length| {
                let mut python = stage.python("bench_append_sqlite.py", SQLITE_SCRIPT)?;
                said(python.arg(database(stage, "kept", length)?).arg(APPENDS.to_string()))
            }),
            up_to(100_000, "Python", &[Tool::PyYaml], |stage, length| {
                let mut python = stage.python("bench_append.py", PYTHON)?;
                let times = if length > 1_000 { "1" } else { "5" };
                said(python.arg(log(stage, "python", length)?).arg(times))
            })
            .stopping("minutes for each, and gigabytes of memory"),
        ],
        targets: LENGTHS.iter().map(|(name, _)| target(name)).collect(),
        picture: Some(picture("appends-in-process", "An append by a process that stays")),
    }
}

pub(super) fn by_commands() -> Measure {
    Measure {
        name: "An append to a log, by a command",
        told: "From the start to the end of the process. `atomic-io append` and `sqlite3` are durable, and so is Python, as above. bash has one `yq` (the one on top of jq) \
               under flock, which syncs nothing.",
        figures: LENGTHS.iter().map(|(name, _)| time(name)).collect(),
        contestants: vec![
            each("`atomic-io append`", &[], |stage, length| {
                let log = log(stage, "command", length)?;
                let make = || {
                    let mut ours = stage.program("atomic-io")?;
                    ours.arg("append").arg(&log).arg(EVENT);
                    Ok(ours)
                };
                repeated(RUNS, make, || records(&log))
            }),
            each("`sqlite3` (WAL, FULL)", &[Tool::Sqlite], |stage, length| {
                let base = database(stage, "command", length)?;
                repeated(RUNS, || Ok(sqlite(stage, &base, INSERT)), || rows(stage, &base))
            }),
            up_to(10_000, "Python", &[Tool::PyYaml], |stage, length| {
                let log = log(stage, "python-command", length)?;
                let make = || {
                    let mut python = stage.python("bench_append.py", PYTHON)?;
                    python.arg(&log).arg("1");
                    Ok(python)
                };
                repeated(few(length), make, || records(&log))
            })
            .stopping("more than ten seconds for each"),
            up_to(10_000, "bash, `yq` (syncs nothing)", &[Tool::Yq, Tool::Flock], |stage, length| {
                let log = log(stage, "yq-command", length)?;
                let make = || {
                    let mut bash = stage.bash("bench_append.sh", BASH)?;
                    bash.arg(&log);
                    Ok(bash)
                };
                repeated(few(length), make, || records(&log))
            })
            .stopping("more than ten seconds for each"),
        ],
        targets: Vec::new(),
        picture: Some(picture("appends-by-commands", "An append by a command")),
    }
}

fn picture(file: &'static str, title: &'static str) -> Picture {
    Picture {
        file,
        title,
        across: "records in the log",
        places: LENGTHS.iter().map(|(_, length)| f64::from(*length)).collect(),
        up: "time of an append",
        height: Height::Figure,
    }
}

/// Who appends to logs of all lengths.
fn each(
    name: &'static str,
    needs: &[Tool],
    append: impl Fn(&Stage, u32) -> Result<f64, Failure> + 'static,
) -> Contestant {
    up_to(u32::MAX, name, needs, append)
}

/// Who appends to logs up to this length.
fn up_to(
    longest: u32,
    name: &'static str,
    needs: &[Tool],
    append: impl Fn(&Stage, u32) -> Result<f64, Failure> + 'static,
) -> Contestant {
    Contestant::new(name, needs, move |stage| {
        let lengths = LENGTHS.iter().filter(|(_, length)| *length <= longest);
        lengths.map(|(_, length)| append(stage, *length)).collect()
    })
}

/// Those who need seconds have one go a round.
fn few(length: u32) -> u32 {
    if length > 1_000 { 1 } else { 3 }
}

fn bare(log: &Path) -> Result<f64, Failure> {
    let mut file = File::options().append(true).open(log).explain(log.display())?;
    timed(APPENDS, |_| {
        file.write_all(RECORD.as_bytes()).and_then(|()| file.sync_data()).explain(log.display())
    })
}

fn ours(log: &Path) -> Result<f64, Failure> {
    let events = EventLog::at(log);
    timed(APPENDS, |_| events.append(&event()).explain(log.display()))
}

/// The number that a script says.
fn said(command: &mut Command) -> Result<f64, Failure> {
    let (_, said) = run(command)?;
    said.parse::<f64>().explain(format_args!("a script says `{said}`"))
}

/// The median time of a command that adds one record each time; `count` tells how many there are.
fn repeated(
    times: u32,
    make: impl Fn() -> Result<Command, Failure>,
    count: impl Fn() -> Result<usize, Failure>,
) -> Result<f64, Failure> {
    let before = count()?;
    let found: Result<Vec<f64>, Failure> = (0..times).map(|_| Ok(run(&mut make()?)?.0)).collect();
    let after = count()?;
    if after != before + times as usize {
        return Err(fail(format!("{times} appends made {before} records {after}")));
    }
    median(found?)
}

fn event() -> BTreeMap<&'static str, &'static str> {
    [("timestamp", "2026-11-23T04:11:09Z"), ("type", "claimed"), ("task_id", "TASK-12"), ("n", "1")].into()
}

/// A log with `length` records of ours.
fn log(stage: &Stage, whose: &str, length: u32) -> Result<PathBuf, Failure> {
    prepared(stage, &format!("{whose}-{length}.yaml"), |path| {
        let events = vec![event(); length as usize];
        EventLog::at(path).append_all(&events).explain(path.display())
    })
}

fn records(log: &Path) -> Result<usize, Failure> {
    Ok(fs::read_to_string(log).explain(log.display())?.matches("task_id:").count())
}

/// A database with `length` of these records.
fn database(stage: &Stage, whose: &str, length: u32) -> Result<PathBuf, Failure> {
    prepared(stage, &format!("{whose}-{length}.db"), |base| {
        let statements = format!(
            "PRAGMA journal_mode=WAL; {TABLE} INSERT INTO events (timestamp, type, task_id, n) WITH RECURSIVE records(number) AS (SELECT 1 UNION ALL SELECT \
             number + 1 FROM records WHERE number < {length}) SELECT '2026-11-23T04:11:09Z', 'claimed', 'TASK-12', '1' FROM records;"
        );
        make_database(stage, base, &statements)
    })
}

fn rows(stage: &Stage, base: &Path) -> Result<usize, Failure> {
    let (_, said) = run(&mut sqlite(stage, base, "SELECT count(*) FROM events;"))?;
    said.parse::<usize>().explain(format_args!("sqlite3 counts `{said}`"))
}

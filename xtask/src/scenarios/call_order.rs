//! The order in which our programs ask the kernel for things, seen from outside by strace.
//!
//! A missing fsync shows in no test that does not cut the power; the order of the calls is what can be checked everywhere.

use crate::client::DONE;
use crate::engine::{Client, Explain, Failure, Invariant, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::trace;
use crate::judges::write_order::Save;
use std::fs;
use std::path::Path;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "call-order",
    proves: "what is promised is on disk: written, synced, renamed, folder synced, in this order, under the lock, before the promise",
    clients: &[Client::Crates],
    faults: &[],
    upholds: &[Invariant::ReadersSeeWhole],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace, Tool::Proc],
    bound: Duration::from_secs(60),
    run,
};

const COUNTER: &str = "# how often\ncounter: 1\nids:\n  - first\n";

/// A program that saves `file` once.
struct Program {
    name: &'static str,
    file: &'static str,
    words: &'static [&'static str],
    judge: fn(&Save<'_>) -> Result<(), String>,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "replace",
        file: "plain.txt",
        words: &["replace", "plain.txt", "new content\n"],
        judge: |save| save.replaced(),
    },
    Program {
        name: "update",
        file: "counter.yaml",
        words: &["count-once", "counter.yaml", "second"],
        judge: |save| save.replaced().and_then(|()| save.locked()),
    },
    Program {
        name: "append",
        file: "events.yaml",
        words: &["append", "events.yaml", "second"],
        judge: |save| save.appended().and_then(|()| save.locked()),
    },
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    fs::write(stage.data().join("plain.txt"), "old content\n")?;
    fs::write(stage.data().join("counter.yaml"), COUNTER)?;
    // The first append makes the log; what is looked at is the usual one.
    stage.finish(&mut stage.client(&["append", "events.yaml", "first"]), "first-append")?.expect(0)?;
    for program in PROGRAMS {
        check(stage, program)?;
    }
    Ok(format!("{} programs traced", PROGRAMS.len()).into())
}

fn check(stage: &Stage, program: &Program) -> Result<(), Failure> {
    let log = stage.folder().join(format!("{}.strace", program.name));
    let mut strace = stage.command("strace");
    strace.args(["-f", "-y", "-s", "80", "-e", "trace=%file,%desc", "-o"]).arg(&log);
    strace.arg(stage.client_path()).arg("client").args(program.words);
    stage.finish(&mut strace, program.name)?.expect(0)?;

    let calls = trace::parse(&fs::read_to_string(&log).explain(log.display())?);
    // strace prints what the kernel says, without symbolic links.
    let target = real(&stage.data())?.join(program.file);
    let save = Save { calls: &calls, target: &target, promise: DONE };
    (program.judge)(&save)
        .map_err(|what| fail(format!("{}: {what}; the calls are in {}", program.name, log.display())))
}

fn real(path: &Path) -> Result<std::path::PathBuf, Failure> {
    fs::canonicalize(path).explain(path.display())
}

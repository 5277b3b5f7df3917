//! Whether the backups are what they are said to be, and whether one gets back to them.

use crate::engine::{Client, Explain, Failure, Finished, Invariant, Scenario, Stage, Tool, Verdict, fail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "recommended-backups",
    proves: "the backup is the version before, to the byte, also where several save at once; a broken one is told and never restored; and what a restore replaces is kept",
    clients: &[Client::Queue, Client::Registry],
    faults: &[],
    upholds: &[Invariant::NoVersionIsLost],
    processes: &[5],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml],
    bound: Duration::from_secs(120),
    run,
};

/// A program, its words, and the file that it changes.
const SAVES: &[(&str, &[&str], &str)] = &[
    ("queue", &["add", "Sweep"], "queue.yaml"),
    ("queue", &["edit", "T-2", "priority=LOW"], "queue.yaml"),
    ("atomic-io", &["set", "queue.yaml", "tasks[id=T-2].title", "Wash up"], "queue.yaml"),
    ("queue", &["claim", "T-2", "--agent", "ann"], "queue.yaml"),
    ("queue", &["done", "T-2", "--agent", "ann"], "queue.yaml"),
    ("atomic-io", &["pipe", "queue.yaml", "--", "sed", "s/Wash up/Wash/"], "queue.yaml"),
    (
        "registry",
        &["log", "--task", "T-2", "--skill", "mover", "--outcome", "success"],
        "skill-registry.yaml",
    ),
    ("registry", &["recalculate"], "skill-registry.yaml"),
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let fixture = |path: &str| stage.workspace().join(path);
    copy(&fixture("xtask/fixtures/queues/flush.yaml"), &stage.data().join("queue.yaml"))?;
    copy(&fixture("examples/skill-registry.yaml"), &stage.data().join("skill-registry.yaml"))?;
    for (program, words, file) in SAVES {
        save(stage, program, words, file).explain(format_args!("{program} {}", words.join(" ")))?;
    }
    let saved_at_once = at_once(stage)?;
    broken_file(stage)?;
    broken_backup(stage)?;
    Ok(format!("{} saves one by one, {saved_at_once} at once, two restores", SAVES.len()).into())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::read(from).and_then(|bytes| fs::write(to, bytes)).explain(from.display())
}

fn save(stage: &Stage, program: &str, words: &[&str], file: &str) -> Result<(), Failure> {
    let path = stage.data().join(file);
    let before = fs::read(&path).explain(path.display())?;
    stage.finish(stage.program(program)?.args(words), program)?.expect(0)?;
    if fs::read(&path).explain(path.display())? == before {
        return Err(fail("nothing was saved"));
    }
    let backup = backup(&path);
    if fs::read(&backup).explain(backup.display())? != before {
        return Err(fail(format!("{} is not the version before", backup.display())));
    }
    stage.pyyaml(&backup).map(drop)
}

/// Several add a task at once; whoever saves last leaves the version with one task less as the backup.
fn at_once(stage: &Stage) -> Result<usize, Failure> {
    let path = stage.data().join("queue.yaml");
    let mut adding = Vec::new();
    for n in 0..stage.processes() {
        adding.push(stage.start(stage.program("queue")?.args(["add", "At once"]), &format!("add-{n}"))?);
    }
    for process in adding {
        process.finish()?.expect(0)?;
    }
    let (now, before) = (tasks(stage, &path)?, tasks(stage, &backup(&path))?);
    let (last, rest) = now.split_last().ok_or_else(|| fail("the queue is empty"))?;
    if rest != before || last["title"] != "At once" {
        return Err(fail("the backup is not the queue without the task that came last"));
    }
    Ok(usize::from(stage.processes()))
}

/// Somebody's editor has broken the file: nothing works on it but going back.
fn broken_file(stage: &Stage) -> Result<(), Failure> {
    let path = stage.data().join("queue.yaml");
    let (good, broken) = (fs::read(backup(&path)).explain("the backup")?, b"tasks: [\n".to_vec());
    fs::write(&path, &broken)?;
    queue(stage, "add-to-broken", &["add", "Not now"], 6)?;
    if fs::read(&path)? != broken {
        return Err(fail("a file that does not parse was changed"));
    }
    let restored = queue(stage, "restore-backup", &["restore"], 0)?.json()?;
    if fs::read(&path)? != good {
        return Err(fail("the queue is not what its backup was"));
    }
    aside(stage, &restored, &broken)
}

/// The backup itself is broken: it is said to be, and what is restored is an older version.
fn broken_backup(stage: &Stage) -> Result<(), Failure> {
    let path = stage.data().join("queue.yaml");
    queue(stage, "add-one-more", &["add", "One more"], 0)?;
    let current = fs::read(&path)?;
    fs::write(backup(&path), "tasks: [\n")?;
    let listed = queue(stage, "backups", &["backups"], 0)?.json()?;
    let versions = listed["backups"].as_array().ok_or_else(|| fail("no versions are listed"))?;
    let says = |version: &&Value, parses: bool| version["parses"] == parses;
    let broken =
        versions.iter().filter(|version| version["kind"] == "backup").find(|version| says(version, false));
    if broken.is_none() {
        return Err(fail(format!("it is not said that the backup does not parse: {listed}")));
    }
    queue(stage, "restore-broken", &["restore", "queue.yaml.backup"], 6)?;
    if fs::read(&path)? != current {
        return Err(fail("a backup that does not parse was restored"));
    }
    let restored = queue(stage, "restore-snapshot", &["restore"], 0)?.json()?;
    let from = restored["from"].as_str().ok_or_else(|| fail(format!("from where? {restored}")))?;
    if !from.contains(".mooring/history/") {
        return Err(fail(format!("it should be restored from a snapshot: {restored}")));
    }
    stage.pyyaml(&path)?;
    aside(stage, &restored, &current)
}

/// That what was replaced is where the restore says.
fn aside(stage: &Stage, restored: &Value, expected: &[u8]) -> Result<(), Failure> {
    let aside =
        restored["aside"].as_str().ok_or_else(|| fail(format!("nothing was put aside: {restored}")))?;
    match fs::read(stage.data().join(aside)).explain(aside)? == expected {
        true => Ok(()),
        false => Err(fail(format!("{aside} is not the version that was replaced"))),
    }
}

fn queue(stage: &Stage, name: &str, words: &[&str], exit: i32) -> Result<Finished, Failure> {
    stage.finish(stage.program("queue")?.arg("--json").args(words), name)?.expect(exit)
}

fn tasks(stage: &Stage, file: &Path) -> Result<Vec<Value>, Failure> {
    let queue = stage.pyyaml(file)?;
    queue["tasks"].as_array().cloned().ok_or_else(|| fail(format!("{} has no tasks", file.display())))
}

fn backup(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".backup");
    name.into()
}

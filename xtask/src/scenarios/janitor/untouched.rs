//! Everything that is not an idle lock file of ours: nothing of it is touched, and a sweep says of each why.

use super::{about, eager};
use crate::engine::{
    Client, Explain, Failure, Invariant, NOBODY, Running, Scenario, Stage, Tool, Verdict, fail,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "janitor-untouched",
    proves: "what is used, young, somebody's data or somebody else's is not touched, and it is said why",
    clients: &[Client::Janitor, Client::Python],
    faults: &[],
    upholds: &[Invariant::LockFilesStay, Invariant::NoVersionIsLost],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Permissions, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const PYTHON: &str = include_str!("../../../clients/lock_once.py");

/// What stands where, and the reason that is to be given.
const KEPT: &[(&str, &str)] = &[
    ("data.yaml.lock", "foreign_content"),
    ("fifo.yaml.lock", "fifo"),
    ("folder.yaml.lock", "folder"),
    ("hard.yaml.lock", "hard_linked"),
    ("held.yaml.lock", "held"),
    ("link.yaml.lock", "symbolic_link"),
    ("open.yaml.lock", "open"),
];
const PASSED_OVER: &[(&str, &str)] =
    &[("Cargo.lock", "not_our_name"), ("index.lock", "not_our_name"), (".git", "below_git")];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let holders = prepare(stage)?;
    let data = stage.data();
    let before = snapshot(&data)?;
    stage.step("an eager sweep");
    let swept = stage.finish(&mut eager(stage)?, "eager")?.expect(0)?;
    let said = swept.json()?;
    for (path, reason) in KEPT {
        is_kept(about(&said["locks"], path)?, reason)?;
    }
    for (path, reason) in PASSED_OVER {
        let found = about(&said["passed_over"], path)?;
        if found["reason"] != *reason {
            return Err(fail(format!("{path} should be passed over ({reason}): {found}")));
        }
    }
    if about(&said["locks"], "idle.yaml.lock")?["outcome"] != "retired" {
        return Err(fail(format!("the idle one is not retired: {said}")));
    }
    unchanged(&before, &snapshot(&data)?, "idle.yaml.lock")?;

    stage.step("a patient sweep, and one by somebody else");
    fs::write(data.join("young.yaml.lock"), "")?;
    let mut patient = stage.program("lock-janitor")?;
    let patient = stage.finish(patient.args(["sweep", "--json"]), "patient")?.expect(0)?;
    is_kept(about(&patient.json()?["locks"], "young.yaml.lock")?, "young")?;
    let other = by_somebody_else(stage)?;
    for holder in holders {
        fs::write(data.join("release"), "")?;
        holder.finish()?.expect(0)?;
    }
    Ok(format!("{} kinds, {other}", KEPT.len() + PASSED_OVER.len() + 1).into())
}

fn prepare(stage: &Stage) -> Result<Vec<Running>, Failure> {
    let data = stage.data();
    for name in
        ["idle.yaml.lock", "held.yaml.lock", "open.yaml.lock", "hard.yaml.lock", "target", ".git/x.yaml.lock"]
    {
        let path = data.join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&path, "").explain(name)?;
    }
    for name in ["data.yaml.lock", "Cargo.lock", "index.lock", ".git/index.lock"] {
        fs::write(data.join(name), "[[package]]\nname = \"somebody's\"\n").explain(name)?;
    }
    fs::hard_link(data.join("hard.yaml.lock"), data.join("another-name"))?;
    symlink("target", data.join("link.yaml.lock"))?;
    fs::create_dir(data.join("folder.yaml.lock"))?;
    stage.finish(stage.command("mkfifo").arg("fifo.yaml.lock"), "mkfifo")?.expect(0)?;
    let mut holders = Vec::new();
    for (lock, file) in [("held.yaml.lock", "holds"), ("held.yaml.lock", "waits")] {
        let mut command = stage.python("lock_once.py", PYTHON)?;
        holders.push(stage.start(command.args(["hold", lock, file, "release"]), file)?);
        if file == "holds" {
            stage.until(|| Ok(data.join(file).exists()))?;
        }
    }
    // Open, and nothing more.
    let mut open = stage.command("sh");
    open.args(["-c", "exec 9< open.yaml.lock; : > opened; until [ -e release ]; do sleep 0.02; done"]);
    holders.push(stage.start(&mut open, "open")?);
    stage.until(|| Ok(data.join("opened").exists()))?;
    Ok(holders)
}

fn is_kept(found: &Value, reason: &str) -> Result<(), Failure> {
    let why = found["message"].as_str().unwrap_or_default();
    if found["outcome"] == "kept" && found["reason"] == reason && !why.is_empty() {
        return Ok(());
    }
    Err(fail(format!("should be kept ({reason}), and be told why: {found}")))
}

/// A lock file of another user, as that of a janitor that may have no lease on it, and of one that may.
fn by_somebody_else(stage: &Stage) -> Result<&'static str, Failure> {
    if !rustix::process::geteuid().is_root() {
        return Ok("only one user");
    }
    // Not under target/: somebody else need not be able to get there. Nor need the program.
    let place = tempfile::tempdir()?;
    fs::set_permissions(place.path(), Permissions::from_mode(0o755))?;
    let program = place.path().join("lock-janitor");
    // By a program of its own: what we have open for writing, whoever is just being started has open too, and then it cannot be run.
    stage
        .finish(stage.command("cp").arg(stage.program_path("lock-janitor")?).arg(&program), "cp")?
        .expect(0)?;
    let folder = place.path().join("others");
    fs::create_dir(&folder)?;
    let lock = folder.join("root.yaml.lock");
    fs::write(&lock, "")?;
    fs::set_permissions(&lock, Permissions::from_mode(0o666))?;
    chown(&folder, Some(NOBODY), Some(NOBODY))?;
    let mut janitor = eager(stage)?;
    let mut as_nobody = stage.command(&program);
    as_nobody.args(janitor.get_args()).current_dir(&folder).uid(NOBODY).gid(NOBODY);
    let swept = stage.finish(&mut as_nobody, "as-nobody")?.expect(0)?;
    is_kept(about(&swept.json()?["locks"], "root.yaml.lock")?, "no_lease_right")?;

    chown(&lock, Some(NOBODY), Some(NOBODY))?;
    let swept = stage.finish(janitor.current_dir(&folder), "as-root")?.expect(0)?;
    is_kept(about(&swept.json()?["locks"], "root.yaml.lock")?, "somebody_elses")?;
    if lock.exists() { Ok("two users") } else { Err(fail("somebody else's lock file is gone")) }
}

/// Inode, names, mode, nanoseconds of the last change of the content, size.
type Seen = (u64, u64, u32, i64, u64);
type Snapshot = BTreeMap<PathBuf, Seen>;

/// Everything in a folder, by what would change if it were touched. Not the time of its attributes: a lock is taken on some of it.
fn snapshot(folder: &Path) -> Result<Snapshot, Failure> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).explain(folder.display())? {
        let path = entry?.path();
        let found = fs::symlink_metadata(&path)?;
        if found.is_dir() && !path.ends_with(".mooring") {
            all.extend(snapshot(&path)?);
        }
        if !found.is_dir() {
            all.insert(path, seen(&found));
        }
    }
    Ok(all)
}

fn seen(found: &Metadata) -> Seen {
    (found.ino(), found.nlink(), found.mode(), found.mtime_nsec(), found.len())
}

fn unchanged(before: &Snapshot, after: &Snapshot, but: &str) -> Result<(), Failure> {
    for (path, seen) in before.iter().filter(|(path, _)| !path.ends_with(but)) {
        if after.get(path) != Some(seen) {
            return Err(fail(format!("{} was touched", path.display())));
        }
    }
    match before.len() - 1 == after.len() {
        true => Ok(()),
        false => Err(fail(format!("{} files before, {} after", before.len(), after.len()))),
    }
}

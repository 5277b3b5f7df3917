//! The janitor is killed with -9 while a lock file is moved aside: the next one puts it right, whoever came meanwhile.

use super::eager;
use crate::engine::{
    Client, Explain, Failure, Fault, Invariant, Running, Scenario, Stage, Tool, Verdict, fail,
};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "janitor-killed",
    proves: "what a janitor leaves that is killed in a grace gets its name back, or goes once nobody uses it",
    clients: &[Client::Janitor, Client::Python],
    faults: &[Fault::Kill("the janitor")],
    upholds: &[Invariant::LockFilesStay],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const PYTHON: &str = include_str!("../../../clients/lock_once.py");
const LOCK: &str = "q.yaml.lock";

/// What happens between the kill and the next janitor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    Nothing,
    ANewFile,
    /// And somebody holds the old one.
    BothUsed,
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let rounds = stage.rounds(1, 10);
    for round in 0..rounds {
        for (meanwhile, word) in [
            (Meanwhile::Nothing, "restored"),
            (Meanwhile::ANewFile, "cleared"),
            (Meanwhile::BothUsed, "bridged"),
        ] {
            stage.step(&format!("round {round}: it is to be {word}"));
            one(stage, meanwhile, word, round).explain(word)?;
        }
    }
    Ok(format!("{} janitors killed in their grace", rounds * 3).into())
}

fn one(stage: &Stage, meanwhile: Meanwhile, word: &str, round: u64) -> Result<(), Failure> {
    let lock = stage.data().join(LOCK);
    fs::write(&lock, "")?;
    let before = fs::metadata(&lock)?.ino();
    let aside = kill_in_grace(stage)?;
    if lock.exists() || fs::metadata(&aside)?.ino() != before {
        return Err(fail("the killed janitor was not in its grace"));
    }
    let mut holder = None;
    if meanwhile != Meanwhile::Nothing {
        File::create(&lock)?;
    }
    if meanwhile == Meanwhile::BothUsed {
        holder = Some(hold(stage, &aside)?);
    }
    // As little idle as can be: only what was left behind is its business.
    let mut next = stage.program("lock-janitor")?;
    let mut next = stage.start(
        next.args(["sweep", "--json", "--grace", "2ms", "--min-idle", "1h"]),
        &format!("next-{word}-{round}"),
    )?;
    if let Some(holder) = holder {
        // Both are used: it has to stay until one of them is not.
        std::thread::sleep(Duration::from_millis(300));
        if !next.is_running()? {
            return Err(fail("it left while the retired file was still used"));
        }
        fs::write(stage.data().join("release"), "")?;
        holder.finish()?.expect(0)?;
    }
    let next = next.finish()?.expect(0)?;
    let said = next.json()?["leftovers"][0]["what"].clone();
    let is_old_one = fs::metadata(&lock)?.ino() == before;
    if said != word || is_old_one != (meanwhile == Meanwhile::Nothing) || aside.exists() {
        return Err(fail(format!("it is not put right: {}", next.said())));
    }
    let swept = stage.finish(&mut eager(stage)?, &format!("last-{word}-{round}"))?.expect(0)?;
    if lock.exists() {
        return Err(fail(format!("the lock file cannot be retired afterwards: {}", swept.said())));
    }
    Ok(())
}

/// Starts a janitor with a grace that lasts, and kills it there. Returns the name that the lock file has then.
fn kill_in_grace(stage: &Stage) -> Result<PathBuf, Failure> {
    let mut janitor = stage.program("lock-janitor")?;
    janitor.args(["sweep", "--min-idle", "0s", "--grace", "30s"]);
    let mut janitor = stage.start(&mut janitor, "killed")?;
    let aside = stage.data().join(format!(".{LOCK}.retired.{}", janitor.pid()));
    stage.until(|| match aside.exists() {
        false if !janitor.is_running()? => Err(fail("it ended without moving the lock file aside")),
        is_aside => Ok(is_aside),
    })?;
    janitor.kill()?;
    Ok(aside)
}

fn hold(stage: &Stage, path: &Path) -> Result<Running, Failure> {
    for file in ["held", "release"] {
        let _ = fs::remove_file(stage.data().join(file));
    }
    let mut command = stage.python("lock_once.py", PYTHON)?;
    let holder = stage.start(command.arg("hold").arg(path).args(["held", "release"]), "holder")?;
    stage.until(|| Ok(stage.data().join("held").exists()))?;
    Ok(holder)
}

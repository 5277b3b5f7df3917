//! After a queue was worked off, one sweep leaves no lock file behind, and nothing else is touched.

use crate::engine::{Client, Explain, Failure, Fault, Scenario, Stage, Tool, Verdict, fail};
use crate::scenarios::janitor::eager;
use crate::scenarios::queue_work::{QueueWork, chains, queues};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "recommended-lock-cleanup",
    proves: "after a queue was dispatched one sweep leaves no stale lock file, also where everything was killed, and changes nothing else",
    clients: &[Client::Dispatch, Client::Janitor],
    faults: &[Fault::Kill("everything")],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(240),
    run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let (mut files, mut retired) = (0, 0);
    for queue in queues(stage)? {
        stage.step(&format!("dispatching {}", queue.display()));
        let work = QueueWork::prepare(stage, &queue)?;
        let finished = work.dispatch("0.02")?.finish()?.expect(0)?;
        work.judge(&finished.stdout)?;
        retired += sweep(stage, work.folder()).explain(queue.display())?;
        files += 1;
    }
    stage.step("killing everything in the middle");
    let work = QueueWork::prepare(stage, &chains(stage, "chains", 12)?)?;
    let dispatcher = work.dispatch("5")?;
    let run_locks = work.folder().join(".mooring/run");
    stage.until(|| Ok(lock_files(&run_locks).is_ok_and(|locks| locks.len() >= 3)))?;
    thread::sleep(Duration::from_millis(200));
    dispatcher.kill()?;
    for (pid, _) in stage.living() {
        // It may have ended by itself when its parent did.
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }
    stage.until(|| Ok(stage.living().is_empty()))?;
    let left = lock_files(&run_locks)?.len();
    retired += sweep(stage, work.folder()).explain("after everything was killed")?;
    Ok(format!("{files} queues, {retired} lock files retired, {left} run locks left by kills among them")
        .into())
}

/// Sweeps once; returns how many lock files went.
fn sweep(stage: &Stage, folder: &Path) -> Result<usize, Failure> {
    let (before, locks) = (others(folder)?, lock_files(folder)?);
    let mut janitor = eager(stage)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let swept = stage.finish(janitor.current_dir(folder), &format!("sweep-{name}"))?.expect(0)?;
    let left = lock_files(folder)?;
    if !left.is_empty() || locks.is_empty() {
        return Err(fail(format!(
            "of {} lock files these are left: {left:?}: {}",
            locks.len(),
            swept.said()
        )));
    }
    if others(folder)? != before {
        return Err(fail(format!("more than lock files was touched: {}", swept.said())));
    }
    let retired = swept.json()?["locks"].as_array().map_or(0, Vec::len);
    if retired == locks.len() { Ok(retired) } else { Err(fail(format!("{locks:?}, but {}", swept.said()))) }
}

fn lock_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let is_lock = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "lock");
    Ok(files(folder)?.into_iter().filter(is_lock).collect())
}

/// The content of everything else, but for what the janitor keeps for itself.
fn others(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, Failure> {
    let is_other = |path: &PathBuf| {
        path.extension().is_none_or(|extension| extension != "lock")
            && !path.starts_with(folder.join(".mooring/janitor"))
    };
    let files = files(folder)?.into_iter().filter(is_other);
    files.map(|path| fs::read(&path).map(|content| (path, content)).map_err(Failure::from)).collect()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).explain(folder.display())? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

//! Queues of all three dialects, taken through every verb by the real program. After each command only the fields that it is about may
//! differ, line by line and in what PyYAML reads, under the names and in the case that the file uses.

mod names;
mod steps;

use crate::engine::{Client, Dates, Explain, Failure, Invariant, Pace, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::leftovers;
use crate::scenarios::corpus::yaml_files;
use crate::scenarios::queue_work::{no_lock_is_held, own_queues};
use names::Names;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use steps::Work;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "dialects",
    proves: "a queue of any dialect is listed, claimed, finished and edited in its own names and case, and nothing else in it changes",
    clients: &[Client::Queue],
    faults: &[],
    upholds: &[Invariant::UnknownIsKept],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml],
    bound: Duration::from_secs(120),
    run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut files = yaml_files(&stage.workspace().join("xtask").join("fixtures").join("dialects"))?;
    if stage.pace() == Pace::Full {
        files.extend(own_queues(stage)?);
    }
    for folder in stage.corpus() {
        files.extend(yaml_files(folder)?);
    }
    let readings = stage.pyyaml_all(&files, Dates::Tagged)?;
    let (mut queues, mut commands) = (0, 0);
    for (file, reading) in files.iter().zip(readings) {
        // What is not read, or is no queue, is for other scenarios.
        let Some((names, data)) = reading.ok().and_then(|data| Some((Names::of(&data)?, data))) else {
            continue;
        };
        stage.step(&file.display().to_string());
        commands += through_all(stage, file, &names, &data).explain(file.display())?;
        queues += 1;
    }
    Ok(format!("{queues} queues, {commands} commands, nothing changed but what was meant").into())
}

/// How many commands it was taken through.
fn through_all(stage: &Stage, file: &Path, names: &Names, data: &Value) -> Result<usize, Failure> {
    let folder = folder_for(stage, file)?;
    // Written, not copied: the source may be read-only.
    fs::write(folder.join("q.yaml"), fs::read(file)?)?;
    let mut work = Work::new(stage, &folder, names, data)?;
    work.list()?;
    work.add()?;
    work.claim_to_done()?;
    work.edit()?;
    work.depend()?;
    work.fail_and_retry()?;
    let commands = work.judge()?;
    leftovers::none(&folder).map_err(fail)?;
    no_lock_is_held(&folder)?;
    Ok(commands)
}

/// The corpus may have files of one name in several folders.
fn folder_for(stage: &Stage, file: &Path) -> Result<PathBuf, Failure> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let taken = |name: &str| stage.data().join(name).exists();
    let name = (1..).map(|n| format!("{name}-{n}")).find(|name| !taken(name)).unwrap_or(name);
    let folder = stage.data().join(name);
    fs::create_dir(&folder).explain(folder.display())?;
    Ok(folder)
}

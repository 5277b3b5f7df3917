//! Suspended beyond the lease.

use super::{TASK, queue, queue_in};
use crate::engine::{Explain, Failure, Running, Stage, Whom, fail};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;

const WORKER: &str = include_str!("../../../clients/late_worker.sh");
const LEASE: &str = "300ms";
/// What it says while another one works on the task, each by number and by name; and what after the task is done, when anybody
/// may note something by name.
const WHILE_HELD: usize = 12;
const WHEN_DONE: usize = 11;

/// How often the worker was refused.
pub(super) fn round(stage: &Stage, round: u64) -> Result<usize, Failure> {
    let name = format!("suspended-{round}");
    let folder = queue_in(stage, &name)?;
    let mut command = stage.bash("late_worker.sh", WORKER)?;
    command.arg(stage.program_path("queue")?).args([TASK, LEASE]).current_dir(&folder).process_group(0);
    let mut worker = stage.start(&mut command, &format!("{name}-worker"))?;
    is_there(stage, &mut worker, &folder.join("held"))?;
    worker.signal(Whom::Group, Signal::STOP)?;
    stage.until(|| is_suspended(worker.pid()))?;

    let until = field(stage, &folder, "lease_until")?;
    take_over(stage, &folder, &name)?;
    // Both in the words of the file, which sort as the times do.
    let claimed_at = field(stage, &folder, "claimed_at")?;
    if claimed_at < until {
        return Err(fail(format!("claimed at {claimed_at}, though it was leased until {until}")));
    }
    fs::write(folder.join("go"), "")?;
    worker.signal(Whom::Group, Signal::CONT)?;
    is_there(stage, &mut worker, &folder.join("tried"))?;
    stage
        .finish(&mut queue(stage, &folder, &["done", TASK, "--attempt", "2"])?, &format!("{name}-done"))?
        .expect(0)?;
    fs::write(folder.join("again"), "")?;
    let worker = worker.finish()?.expect(0)?;
    judge(&worker.stdout, WHILE_HELD + WHEN_DONE).map_err(fail).explain(&worker.name)
}

/// Claims the task as soon as it is to be had; until then it is refused.
fn take_over(stage: &Stage, folder: &Path, name: &str) -> Result<(), Failure> {
    let mut tries = 0;
    stage.until(|| {
        tries += 1;
        let words = ["claim", TASK, "--agent", "next"];
        let claim = stage.finish(&mut queue(stage, folder, &words)?, &format!("{name}-next-{tries}"))?;
        match claim.status.code() {
            Some(0) if claim.stdout == format!("{TASK} 2\n") => Ok(true),
            Some(4) if claim.stdout.is_empty() => Ok(false),
            _ => Err(fail(format!("{} {}: {}{}", claim.name, claim.status, claim.stdout, claim.said()))),
        }
    })
}

fn is_there(stage: &Stage, worker: &mut Running, file: &Path) -> Result<(), Failure> {
    stage.until(|| match file.exists() {
        false if !worker.is_running()? => Err(fail(format!("it ended without making {}", file.display()))),
        exists => Ok(exists),
    })
}

fn is_suspended(pid: u32) -> Result<bool, Failure> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).explain(path)?;
    // The name of the program may hold anything, brackets too.
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().next());
    Ok(state == Some("T"))
}

/// A field of the task, as it stands in the file.
fn field(stage: &Stage, folder: &Path, name: &str) -> Result<String, Failure> {
    let data = stage.pyyaml(&folder.join("q.yaml"))?;
    match &data["tasks"][0][name] {
        Value::String(text) => Ok(text.clone()),
        other => Err(fail(format!("{name} is {other}"))),
    }
}

/// That everything was refused with 4 and changed no byte; how often.
fn judge(said: &str, expected: usize) -> Result<usize, String> {
    let lines: Vec<&str> = said.lines().collect();
    let is_refused = |line: &&str| {
        let words: Vec<&str> = line.split(' ').collect();
        matches!(words[..], [_, "4", "kept"])
    };
    if let Some(line) = lines.iter().find(|line| !is_refused(line)) {
        return Err(format!("`{line}`, which should have been refused with 4 and have changed nothing"));
    }
    if lines.len() == expected {
        Ok(expected)
    } else {
        Err(format!("it was refused {} times, and should have tried {expected} times", lines.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn what_was_accepted_refused_otherwise_changed_or_never_tried_is_noticed() {
        assert_eq!(judge("done 4 kept\nfail 4 kept\n", 2), Ok(2));
        for wrong in [
            "done 0 kept\nfail 4 kept\n",
            "done 4 kept\nfail 5 kept\n",
            "done 4 changed\nfail 4 kept\n",
            "done 4 kept\n",
        ] {
            assert!(judge(wrong, 2).is_err(), "{wrong}");
        }
    }
}

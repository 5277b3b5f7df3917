//! `queue run`, killed with -9.

use super::{TASK, queue, queue_in};
use crate::engine::{Explain, Failure, Random, Running, Stage, fail};
use lock_core::ProcessIdentity;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// What a task is like, and which processes it has: each writes its number into a file of this name.
pub(super) struct Habit {
    pub(super) name: &'static str,
    script: &'static str,
    processes: &'static [&'static str],
}

pub(super) const HABITS: &[Habit] = &[
    Habit {
        name: "one-process",
        script: "echo $$ > task.tmp; mv task.tmp task; exec sleep 1000",
        processes: &["task"],
    },
    // Of the child only the run lock tells, which it has inherited.
    Habit {
        name: "a-session-of-its-own",
        script: "setsid bash -c 'echo $$ > child.tmp; mv child.tmp child; exec sleep 1000' &
            until [ -e child ]; do sleep 0.01; done
            echo $$ > task.tmp; mv task.tmp task; exec sleep 1000",
        processes: &["task", "child"],
    },
    // Of this one only its process group tells.
    Habit {
        name: "no-run-lock",
        script: "for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ $fd -gt 2 ] && eval \"exec $fd>&-\"; done
            echo $$ > task.tmp; mv task.tmp task; exec sleep 1000",
        processes: &["task"],
    },
];

pub(super) fn round(stage: &Stage, habit: &Habit) -> Result<(), Failure> {
    let folder = queue_in(stage, habit.name)?;
    let mut supervisor = run(stage, &folder, habit.name, &["bash", "-c", habit.script])?;
    let mut pids = Vec::new();
    stage.until(|| {
        if !supervisor.is_running()? {
            return Err(fail("it ended before its task had begun"));
        }
        let group = fs::read_to_string(folder.join(format!(".mooring/run/q.yaml.{TASK}.1.lock")));
        let written: Vec<_> =
            habit.processes.iter().map_while(|name| fs::read_to_string(folder.join(name)).ok()).collect();
        pids = written.iter().filter_map(|text| Pid::from_raw(text.trim().parse().ok()?)).collect();
        Ok(group.is_ok_and(|text| text.contains("group: ")) && pids.len() == habit.processes.len())
    })?;
    is_held(stage, &folder, habit.name, "its supervisor lives")?;
    supervisor.kill()?;
    for pid in pids {
        is_held(stage, &folder, habit.name, "a process of it lives")?;
        end(stage, pid)?;
    }
    match claim(stage, &folder, habit.name, TASK)?.as_str() {
        "T 2" => Ok(()),
        said => Err(fail(format!("nothing of the task lives, and a claim of it is told `{said}`"))),
    }
}

/// Killed before it has claimed, between the claim and the start, or later, with all that it has started.
pub(super) fn at_any_moment(stage: &Stage, round: u64, random: &mut Random) -> Result<(), Failure> {
    let name = format!("killed-{round}");
    let folder = queue_in(stage, &name)?;
    let supervisor = run(stage, &folder, &name, &["sleep", "1000"])?;
    thread::sleep(Duration::from_micros(random.between(0, 30_000)));
    supervisor.kill()?;
    loop {
        while end_one(stage)? {}
        let said = claim(stage, &folder, &name, TASK)?;
        if said == format!("{TASK} 1") || said == format!("{TASK} 2") {
            return Ok(());
        }
        // A process that is just becoming another program cannot be seen for an instant; then it was there, and the claim rightly held.
        let patience = Instant::now() + Duration::from_secs(1);
        while stage.living().is_empty() {
            if Instant::now() > patience {
                return Err(fail(format!("nothing of the task lives, and a claim of it is told `{said}`")));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn run(stage: &Stage, folder: &Path, name: &str, task: &[&str]) -> Result<Running, Failure> {
    let words: Vec<&str> = ["run", TASK, "--"].iter().chain(task).copied().collect();
    stage.start(&mut queue(stage, folder, &words)?, &format!("{name}-run"))
}

/// That neither its name nor a claim of whatever is next gives the task.
fn is_held(stage: &Stage, folder: &Path, name: &str, why: &str) -> Result<(), Failure> {
    let (by_name, next) = (claim(stage, folder, name, TASK)?, claim(stage, folder, name, "--next")?);
    if (by_name.as_str(), next.as_str()) == ("exit 4", "exit 3") {
        return Ok(());
    }
    Err(fail(format!("{why}, and a claim of the task is told `{by_name}`, one of the next task `{next}`")))
}

/// What a claim is told: the task and the attempt, or the exit code.
fn claim(stage: &Stage, folder: &Path, name: &str, what: &str) -> Result<String, Failure> {
    let mut command = queue(stage, folder, &["claim", what])?;
    let log = format!("{name}-claim-{}", fs::read_dir(stage.folder().join("logs"))?.count());
    let claim = stage.finish(&mut command, &log)?;
    Ok(match claim.status.code() {
        Some(0) => claim.stdout.trim_end().to_owned(),
        Some(code) => format!("exit {code}"),
        None => claim.status.to_string(),
    })
}

/// SIGKILL, and until it is dead: then it has closed whatever it had open.
fn end(stage: &Stage, pid: Pid) -> Result<(), Failure> {
    kill_process(pid, Signal::KILL).explain("a process of the task is gone too early")?;
    stage.until(|| Ok(ProcessIdentity::of(pid.as_raw_nonzero().get()).is_none()))
}

/// Ends one that lives, if one does.
fn end_one(stage: &Stage) -> Result<bool, Failure> {
    let Some((pid, _)) = stage.living().into_iter().next() else { return Ok(false) };
    // It may have ended since it was seen.
    let _ = kill_process(pid, Signal::KILL);
    stage.until(|| Ok(ProcessIdentity::of(pid.as_raw_nonzero().get()).is_none()))?;
    Ok(true)
}

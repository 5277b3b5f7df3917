//! Tasks as they are: they leave daemons behind, read nothing, die of signals, cannot be started, print without end, hang.
//!
//! Those that come to an end by themselves run in two slots, so that the rest of the queue tells whether a slot came free. The others
//! are ended by `--timeout`.

use super::{Site, task, told};
use crate::engine::{Client, Explain, Failure, Fault, Invariant, Pace, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::attempts;
use rustix::process::{Pid, getsid};
use std::fs;
use std::io;
use std::process::Stdio;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "rough-tasks",
    proves: "whatever a task does, its slot comes free, its log and last_error tell what happened, and no other task is disturbed",
    clients: &[Client::Dispatch],
    faults: &[Fault::DeafTasks, Fault::Suspend("tasks")],
    upholds: &[Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

/// In a session of its own, with the log and the run lock of the task that left it.
const DAEMON: &str = "setsid sh -c 'echo \"holds $(ls -l /proc/$$/fd | grep -c run/q.yaml)\" >> daemon; \
    until [ -e end ]; do sleep 0.05; done; echo the last of the daemon; echo down >> daemon' & ";

/// More than a pipe holds.
const MUCH: usize = 300_000;

/// A task that is to go on as if it were alone.
const NEIGHBOUR: &str = "say start; sleep 0.2; say end";

/// What cannot be started: a program that is not there, and a file that is none.
const NO_PROGRAMS: [(&str, &str); 2] = [("missing", "no-such-program-here"), ("no-program", "./journal")];

/// The limits that are tried: a busy machine may not even begin a task within the shorter ones.
const LIMITS: [&str; 3] = ["1s", "4s", "15s"];

/// A task: its id, further fields, its script, and how its `last_error` begins if it is to fail.
type Rough<'a> = (&'a str, String, String, Option<&'a str>);

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let printed = if stage.pace() == Pace::Quick { 100_000_000 } else { 1_000_000_000 };
    stage.step("tasks that end by themselves");
    let ended = by_themselves(stage, printed).explain("tasks that end by themselves")?;
    for limit in LIMITS {
        stage.step(&format!("tasks that must be ended, with a limit of {limit}"));
        let stopped = by_their_limit(stage, limit).explain(format_args!("with a limit of {limit}"))?;
        if let Some(stopped) = stopped {
            let megabytes = printed / 1_000_000;
            return Ok(format!(
                "{ended} tasks in 2 slots, one of which printed {megabytes} MB; {stopped} more were ended after {limit}"
            )
            .into());
        }
    }
    Err(fail(format!("the machine is so busy that tasks did not begin within {}", LIMITS.join(", "))))
}

fn by_themselves(stage: &Stage, printed: u64) -> Result<usize, Failure> {
    let much = format!("notes: {}", "n".repeat(MUCH));
    let none = String::new;
    let all: Vec<Rough<'_>> = vec![
        ("daemon", none(), format!("say start; {DAEMON} say end"), None),
        ("reads-nothing", much.clone(), NEIGHBOUR.into(), None),
        ("reads-all", much.clone(), format!("say start; [ $(wc -c) -gt {MUCH} ] || exit 5; say end"), None),
        ("closes-its-input", much, format!("exec <&-; {NEIGHBOUR}"), None),
        ("first-neighbour", none(), NEIGHBOUR.into(), None),
        (
            "dies",
            none(),
            "say start; echo my last words; ulimit -c 0; kill -SEGV $$".into(),
            Some("killed by signal 11"),
        ),
        ("gives-up", none(), "say start; echo that was wrong >&2; exit 7".into(), Some("exit status 7")),
        ("prints", none(), format!("say start; yes much to say | head -c {printed}; say end"), None),
        ("second-neighbour", none(), NEIGHBOUR.into(), None),
    ];
    let mut tasks: Vec<String> = all.iter().map(|(id, fields, script, _)| task(id, fields, script)).collect();
    let cannot_start = |(id, program)| format!("- {{ id: {id}, status: pending, run: [{program}, word] }}\n");
    tasks.splice(4..4, NO_PROGRAMS.map(cannot_start));
    let site = Site::prepare(stage, "by-themselves", &tasks)?;
    site.queue(&["dispatch", "--slots", "2"])?.expect(8)?;
    only_daemons_live(stage)?;
    judge(&site, &all)?;
    for (id, program) in NO_PROGRAMS {
        ended_as(&site, id, Some(&format!("cannot start {program}: ")))?;
    }
    log_ends_with(&site, "dies", "my last words\n")?;
    log_ends_with(&site, "gives-up", "that was wrong\n")?;
    let told = bytes_in_log(&site, "prints")?;
    if told != printed {
        return Err(fail(format!("`queue logs` tells {told} bytes of the {printed} that were printed")));
    }
    end_daemons(&site, 1)?;
    log_ends_with(&site, "daemon", "the last of the daemon\n")?;
    Ok(tasks.len())
}

/// How many tasks were ended; `None` if the machine was too busy for this limit.
fn by_their_limit(stage: &Stage, limit: &str) -> Result<Option<usize>, Failure> {
    let too_long = Some("took longer than ");
    let none = String::new;
    let much = format!("notes: {}", "n".repeat(MUCH));
    let mut all: Vec<Rough<'_>> = vec![
        ("neighbour", none(), NEIGHBOUR.into(), None),
        ("suspended", much, "say start; sleep 60 & kill -STOP $$; sleep 60".into(), too_long),
        ("leaves-a-daemon", none(), format!("say start; {DAEMON} (sleep 60; :) & sleep 60"), too_long),
        ("computes", none(), "say start; while :; do :; done".into(), too_long),
    ];
    if stage.pace() == Pace::Full {
        all.extend([
            ("deaf", none(), "trap '' TERM; say start; sleep 60 & sleep 60".into(), too_long),
            (
                "deaf-and-suspended",
                none(),
                "trap '' TERM; say start; kill -STOP $$; sleep 60".into(),
                too_long,
            ),
        ]);
    }
    let tasks: Vec<String> = all.iter().map(|(id, fields, script, _)| task(id, fields, script)).collect();
    let site = Site::prepare(stage, &format!("limit-{limit}"), &tasks)?;
    site.queue(&["dispatch", "--slots", "6", "--timeout", limit])?.expect(8)?;
    nothing_lives(stage)?;
    let began = all.iter().all(|(id, ..)| site.has_said(&format!("start {id} 1")).unwrap_or(false));
    let has_daemon = site.path("daemon").exists();
    if !began || !has_daemon || site.status("neighbour")? != "completed" {
        return Ok(None);
    }
    judge(&site, &all)?;
    Ok(Some(all.len() - 1))
}

/// That each ended as it was to, after it was started once.
fn judge(site: &Site<'_>, all: &[Rough<'_>]) -> Result<(), Failure> {
    for (id, _, _, error) in all {
        ended_as(site, id, *error)?;
        if !site.has_said(&format!("start {id} 1"))? {
            return Err(fail(format!("{id} was never started")));
        }
    }
    let told = site.tasks()?.iter().map(|(id, task)| (id.clone(), told(task))).collect();
    attempts::judge(&site.journal()?, &told, 1).map_err(fail).explain("by the tasks' own journal")
}

/// `error` is how the reason of a task that is to fail begins.
fn ended_as(site: &Site<'_>, id: &str, error: Option<&str>) -> Result<(), Failure> {
    let tasks = site.tasks()?;
    let task = tasks.get(id).ok_or_else(|| fail(format!("{id} is gone")))?;
    let found = task["last_error"].as_str().unwrap_or_default();
    let is_right = match (error, task["status"].as_str()) {
        (None, Some("completed")) => found.is_empty(),
        (Some(error), Some("failed")) => found.starts_with(error),
        _ => false,
    };
    let expected = error.unwrap_or("no error");
    if is_right {
        Ok(())
    } else {
        Err(fail(format!("{id} ended as {} ({found}), expected: {expected}", task["status"])))
    }
}

fn log_ends_with(site: &Site<'_>, id: &str, end: &str) -> Result<(), Failure> {
    let log = site.queue(&["logs", id])?.expect(0)?.stdout;
    if log.ends_with(end) { Ok(()) } else { Err(fail(format!("the log of {id} ends otherwise: {log}"))) }
}

/// How much `queue logs` prints, which may be more than one wants to keep.
fn bytes_in_log(site: &Site<'_>, id: &str) -> Result<u64, Failure> {
    let mut child = site.command(&["logs", id])?.stdout(Stdio::piped()).spawn().explain("queue logs")?;
    let mut out = child.stdout.take().ok_or_else(|| fail("queue logs has no output"))?;
    let bytes = io::copy(&mut out, &mut io::sink());
    let status = child.wait()?;
    if status.success() { Ok(bytes?) } else { Err(fail(format!("queue logs {id}: {status}"))) }
}

/// A dispatch that has ended has left nothing but what has a session of its own: that is nobody's but its author's.
fn only_daemons_live(stage: &Stage) -> Result<(), Failure> {
    let session = |pid: Pid| getsid(Some(pid)).ok();
    let is_left =
        |(pid, _): &(Pid, Vec<String>)| session(*pid).is_some() && session(*pid) == session_of_ours();
    let left: Vec<String> =
        stage.living().into_iter().filter(is_left).map(|(_, words)| words.join(" ")).collect();
    if left.is_empty() {
        Ok(())
    } else {
        Err(fail(format!("the dispatch has ended, and these live on: {}", left.join(", "))))
    }
}

/// What a task that was stopped has left with its run lock would go on beside its next attempt, in whatever session.
fn nothing_lives(stage: &Stage) -> Result<(), Failure> {
    let left: Vec<String> = stage.living().into_iter().map(|(_, words)| words.join(" ")).collect();
    if left.is_empty() {
        Ok(())
    } else {
        Err(fail(format!("the dispatch has ended, and these live on: {}", left.join(", "))))
    }
}

fn session_of_ours() -> Option<Pid> {
    getsid(None).ok()
}

/// Lets the daemons end, which must have lived until now, each with the run lock of the task that left it.
fn end_daemons(site: &Site<'_>, number: usize) -> Result<(), Failure> {
    let said = || fs::read_to_string(site.path("daemon")).unwrap_or_default();
    site.stage.until(|| Ok(said().lines().count() >= number)).explain("waiting for the daemon")?;
    if said() != "holds 1\n".repeat(number) {
        return Err(fail(format!("the daemon is not as it was to be: {}", said())));
    }
    site.make("end")?;
    site.stage.until(|| Ok(said().lines().filter(|line| *line == "down").count() == number))?;
    site.stage.until(|| Ok(site.stage.living().is_empty()))
}

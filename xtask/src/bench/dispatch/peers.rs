//! Who works tasks off. Each is checked to have run them all, and well.

use super::{FEW_TASKS, SLOTS, TASKS};
use crate::bench::command::run;
use crate::engine::{Explain, Failure, Stage, fail};
use crate::made_queue::with_status;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

/// How much the queue says of each task.
#[derive(Clone, Copy)]
pub(super) enum Size {
    Small,
    Large,
}

/// Some 300 bytes more.
const DETAILS: &str = "    type: refactor\n    priority: MEDIUM\n    priority_score: 4.2\n    estimated_minutes: 25  # a guess\n    blockedBy: []\n    resource_type: cpu_bound\n    \
                       parallel_group: group_3\n    tags: [part-7, reviewed]\n    created_at: \"2026-11-07T04:11:09Z\"\n    notes: |\n      as it was told\n      and then again, in \
                       other words\n";

/// An empty folder for one go.
fn folder(stage: &Stage, name: &str) -> Result<PathBuf, Failure> {
    let folder = stage.data().join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).explain(folder.display())?;
    }
    fs::create_dir_all(&folder).explain(folder.display())?;
    Ok(folder)
}

/// The time of one task, once it is known that all ran.
fn of_each(time: f64, who: &str, ran: usize, tasks: u32) -> Result<f64, Failure> {
    if ran != tasks as usize {
        return Err(fail(format!("{who} ran {ran} tasks of {tasks}")));
    }
    Ok(time / f64::from(tasks))
}

pub(super) fn dispatch(stage: &Stage, size: Size) -> Result<f64, Failure> {
    let queue = folder(stage, "ours")?.join("queue.yaml");
    let mut text = String::from("tasks:\n");
    for number in 1..=TASKS {
        // Writing to a string cannot fail.
        let _ =
            write!(text, "  - id: TASK-{number:05}\n    title: Do number {number}\n    status: pending\n");
        if let Size::Large = size {
            text.push_str(DETAILS);
        }
    }
    fs::write(&queue, text).explain(queue.display())?;
    let mut ours = stage.program("queue")?;
    ours.arg("--file").arg(&queue).args(["--quiet", "dispatch", "--slots", SLOTS, "--", "true"]);
    let (time, _) = run(&mut ours)?;
    let after = fs::read_to_string(&queue).explain(queue.display())?;
    of_each(time, "queue", with_status(&after, "completed"), TASKS)
}

pub(super) fn parallel(stage: &Stage) -> Result<f64, Failure> {
    let log = folder(stage, "parallel")?.join("log");
    let mut parallel = stage.command("parallel");
    parallel.args(["--will-cite", "--jobs", SLOTS, "--joblog"]).arg(&log).args(["true", ":::"]);
    parallel.args((1..=TASKS).map(|number| number.to_string()));
    let (time, _) = run(&mut parallel)?;
    let text = fs::read_to_string(&log).explain(log.display())?;
    // Number, host, begin, time, sent, received, exit value.
    let went_well = |line: &&str| line.split('\t').nth(6) == Some("0");
    of_each(time, "parallel", text.lines().filter(went_well).count(), TASKS)
}

/// Its server has room for some thousand programs that wait with their task, so the tasks come in while others run.
const SPOOLER: &str = r#"set -e
tsp -S "$2"
i=0
while [ $i -lt "$1" ]; do tsp true; i=$((i + 1)); done
for id in $(seq $(($1 - 20)) $(($1 - 1))); do tsp -w "$id"; done"#;

pub(super) fn spooler(stage: &Stage) -> Result<f64, Failure> {
    let folder = folder(stage, "tsp")?;
    // The path of a socket must be short.
    let place = tempfile::tempdir()?;
    let tsp = |program: &str, words: &[&str]| {
        let mut tsp = stage.command(program);
        tsp.args(words).current_dir(&folder).env("TMPDIR", &folder).env("TS_MAXFINISHED", "5000");
        tsp.env("TS_SOCKET", place.path().join("tsp"));
        tsp
    };
    let tasks = TASKS.to_string();
    let outcome = run(&mut tsp("sh", &["-c", SPOOLER, "sh", &tasks, SLOTS])).and_then(|(time, _)| {
        let (_, list) = run(&mut tsp("tsp", &["-l"]))?;
        // Number, state, output, exit value.
        let went_well = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.get(1) == Some(&"finished") && words.get(3) == Some(&"0")
        };
        of_each(time, "tsp", list.lines().filter(went_well).count(), TASKS)
    });
    // Its server stays otherwise, also after a failure.
    run(&mut tsp("tsp", &["-K"]))?;
    outcome
}

pub(super) fn pueue(stage: &Stage) -> Result<f64, Failure> {
    let folder = folder(stage, "pueue")?;
    let place = tempfile::tempdir()?;
    let config = folder.join("pueue.yml");
    let (state, place) = (folder.display(), place.path().display());
    let text = format!(
        "shared:\n  pueue_directory: {state}\n  runtime_directory: {place}\n  use_unix_socket: true\n  unix_socket_path: {place}/socket\n\
         client: {{}}\ndaemon: {{}}\n"
    );
    fs::write(&config, text).explain(config.display())?;
    let with_config = |program: &str, words: &[&str]| {
        let mut command = stage.command(program);
        command.arg("--config").arg(&config).args(words);
        command
    };
    let daemon = stage.start(&mut with_config("pueued", &[]), "pueued")?;
    stage.until(|| Ok(with_config("pueue", &["status"]).output()?.status.success()))?;
    run(&mut with_config("pueue", &["parallel", SLOTS]))?;
    run(&mut with_config("pueue", &["pause", "--all"]))?;
    for _ in 0..FEW_TASKS {
        stage.check_time()?;
        run(&mut with_config("pueue", &["add", "--", "true"]))?;
    }
    let started = Instant::now();
    run(&mut with_config("pueue", &["start", "--all"]))?;
    run(&mut with_config("pueue", &["wait", "--all", "--quiet"]))?;
    let time = started.elapsed().as_nanos() as f64;
    let (_, status) = run(&mut with_config("pueue", &["status", "--json"]))?;
    let ran = status.matches("\"Success\"").count();
    run(&mut with_config("pueue", &["shutdown"]))?;
    daemon.finish()?;
    of_each(time, "pueue", ran, FEW_TASKS)
}

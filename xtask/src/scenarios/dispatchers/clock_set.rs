//! The clock on the wall is set back and forth while tasks run.
//!
//! Not the machine's: libfaketime stands between the programs of this scenario and the clock, and reads in a file what to add. Monotonic time and
//! the times of files stay as they are, as they do when somebody sets the clock.

use super::{Site, task};
use crate::engine::{
    Client, Explain, Failure, Fault, Invariant, Running, Scenario, Stage, Tool, Verdict, fail,
};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "clock-set",
    proves: "no task is killed, lost, or run twice at once or once too often because the clock is set back and forth",
    clients: &[Client::Dispatch],
    faults: &[Fault::ClockSet, Fault::Kill("the dispatcher")],
    upholds: &[Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::FakeTime, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

/// Under a lock of its own, which tells whether it runs already. Those whose name begins with F fail the first time.
const SCRIPT: &str = "exec 9>> held.$QUEUE_TASK_ID; flock -n 9 || say overlap; say start; date +%s >> clock; sleep 0.25; \
    date +%s >> clock; case $QUEUE_TASK_ID.$QUEUE_ATTEMPT in F*.1) exit 1 ;; esac; say end";

/// Seconds to add: hours are longer than any time limit here, days than any wait.
const OFFSETS: [i64; 7] = [0, 3_600, -3_600, 86_400, -86_400, 2, -2];
/// Later than anything that was to be waited for, also by tasks of a dispatcher that was killed, whose measure of their waits is gone with it.
const LATER: i64 = 10 * 86_400;
const DAY: i64 = 86_400;
const HOUR: u64 = 3_600;

/// What the programs of this scenario take for the clock.
struct Clock {
    library: String,
    file: PathBuf,
}

impl Clock {
    fn set(&self, offset: i64) -> Result<(), Failure> {
        let aside = self.file.with_extension("next");
        fs::write(&aside, format!("{offset:+}s\n"))?;
        // Nobody reads half of it.
        fs::rename(&aside, &self.file).explain(self.file.display())
    }

    fn is_for<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", &self.file);
        command
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1")
    }
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut random = stage.random();
    let tasks: Vec<String> = (1..=stage.rounds(24, 240)).map(made).collect();
    let site = Site::prepare(stage, "clock", &tasks)?;
    let clock = Clock { library: stage.faketime()?, file: stage.folder().join("clock-offset") };
    let mut kills = stage.rounds(1, 8);
    let mut times_set = 0_u64;
    let mut killed = Killed(Vec::new());
    let mut dispatcher = start(&site, &clock, "0.2s")?;
    while !only_waits_are_left(&site)? {
        stage.check_time()?;
        clock.set(random.pick(&OFFSETS).copied().unwrap_or_default())?;
        times_set += 1;
        stage.step(&format!("set {times_set} times"));
        thread::sleep(Duration::from_millis(random.between(5, 60)));
        if !dispatcher.is_running()? {
            // On a busy machine all may be done while we sleep.
            if only_waits_are_left(&site)? {
                break;
            }
            return Err(fail(format!("the dispatcher has ended: {}", dispatcher.finish()?.said())));
        }
        if kills > 0 && random.between(0, 30) == 0 {
            killed.0.push(dispatcher.pid());
            kills -= 1;
            dispatcher.kill()?;
            dispatcher = start(&site, &clock, "0.2s")?;
        }
    }
    // What waits for its time to be tried again waits by the clock.
    clock.set(LATER)?;
    dispatcher.finish()?.expect(0)?;
    site.all_completed(2)?;
    each_as_often_as_it_failed(&site)?;
    let jumps = seen_by_the_tasks(&site)?;
    a_wait_is_no_longer_for_a_clock_that_is_set_back(stage, &clock)?;
    Ok(format!(
        "{} tasks; the clock was set {times_set} times, {jumps} times by an hour or more between two looks of tasks; {} dispatchers killed",
        tasks.len(),
        killed.0.len()
    )
    .into())
}

/// One in eight fails the first time, one in three waits for another one.
fn made(number: u64) -> String {
    let id =
        |number: u64| if number.is_multiple_of(8) { format!("F-{number}") } else { format!("T-{number}") };
    let blocker =
        if number.is_multiple_of(3) { format!("blockedBy: [{}]", id(number - 2)) } else { String::new() };
    task(&id(number), &blocker, SCRIPT)
}

/// The task fails tomorrow and waits for seconds, and then it is today again.
fn a_wait_is_no_longer_for_a_clock_that_is_set_back(stage: &Stage, clock: &Clock) -> Result<(), Failure> {
    let script = format!(
        "[ -e tomorrow ] || {{ echo > began; while [ ! -e tomorrow ]; do sleep 0.02; done; }}; {SCRIPT}"
    );
    let site = Site::prepare(stage, "clock-back", &[task("F-1", "", &script)])?;
    let mut dispatcher = start(&site, clock, "3s")?;
    site.until(&mut dispatcher, || Ok(site.path("began").exists()))?;
    clock.set(DAY)?;
    fs::write(site.path("tomorrow"), "")?;
    site.until(&mut dispatcher, || only_waits_are_left(&site))?;
    clock.set(0)?;
    dispatcher.finish()?.expect(0)?;
    site.all_completed(2)?;
    each_as_often_as_it_failed(&site)
}

fn start(site: &Site<'_>, clock: &Clock, retry_wait: &str) -> Result<Running, Failure> {
    clock.set(0)?;
    let words =
        ["dispatch", "--slots", "4", "--timeout", "60s", "--retries", "3", "--retry-wait", retry_wait];
    site.stage.start(clock.is_for(&mut site.command(&words)?), &site.log_name(&words))
}

/// The processes that were killed. What libfaketime leaves of such a one, named after it, is cleared away in the end.
struct Killed(Vec<u32>);

impl Drop for Killed {
    fn drop(&mut self) {
        for pid in &self.0 {
            // It may have had no time to make them.
            let _ = fs::remove_file(format!("/dev/shm/faketime_shm_{pid}"));
            let _ = fs::remove_file(format!("/dev/shm/sem.faketime_sem_{pid}"));
        }
    }
}

/// Whether what is not completed has failed once and is to be tried again.
fn only_waits_are_left(site: &Site<'_>) -> Result<bool, Failure> {
    Ok(site.tasks()?.values().all(|task| task["status"] == "completed" || !task["retry_at"].is_null()))
}

/// By what the tasks say: a dispatcher that is killed between a claim and its word to the supervisor leaves an attempt in which nothing ran.
fn each_as_often_as_it_failed(site: &Site<'_>) -> Result<(), Failure> {
    let journal = site.journal()?;
    for (id, task) in site.tasks()? {
        let starts = |attempt: &str| {
            let line = format!("start {id} {attempt}");
            journal.lines().filter(|found| found.starts_with(&line)).count()
        };
        let failed = id.starts_with('F') && starts("1") > 0;
        let (times, expected) = (starts(""), if failed { 2 } else { 1 });
        let error = task["last_error"].as_str().unwrap_or_default();
        if times != expected || (!error.is_empty() && error != "exit status 1") {
            return Err(fail(format!("{id} was run {times} times, expected {expected}; its error: {error}")));
        }
    }
    Ok(())
}

/// How often the clock had moved by an hour or more from one look of the tasks to the next one, which it must have in both directions.
fn seen_by_the_tasks(site: &Site<'_>) -> Result<usize, Failure> {
    let text = fs::read_to_string(site.path("clock"))?;
    let looks: Result<Vec<u64>, _> = text.lines().map(str::parse).collect();
    let looks = looks.explain("what the tasks saw of the clock")?;
    let pairs = || looks.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
    let forth = pairs().filter(|(before, after)| *after > before.saturating_add(HOUR / 2)).count();
    let back = pairs().filter(|(before, after)| *before > after.saturating_add(HOUR / 2)).count();
    if forth == 0 || back == 0 {
        return Err(fail(format!("the tasks saw the clock go forth {forth} times and back {back} times")));
    }
    Ok(forth + back)
}

//! A dispatcher that waits for tasks: it costs next to nothing, and is there at once.

use super::{Site, Stopwatch, median, task};
use crate::engine::{Client, Explain, Failure, Running, Scenario, Stage, Tool, Verdict, fail};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "watching",
    proves: "a dispatcher that waits reads nothing, starts what others add, is the only one, can be held and let go, and ends when asked to",
    clients: &[Client::Dispatch, Client::Queue],
    faults: &[],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Proc],
    bound: Duration::from_secs(180),
    run,
};

/// Adds tasks that write down when they start.
const NOTE: &str = "date +%s%N > $QUEUE_TASK_ID; say start; say end";
/// Tasks that have nothing to do with it, so that reading the queue is worth seeing.
const OTHERS: usize = 500;

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let done =
        |n| format!("- {{ id: DONE-{n}, status: completed, title: one of those that were there before }}\n");
    let mut tasks: Vec<String> = (0..OTHERS).map(done).collect();
    tasks.push(task("FIRST", "", "say start; say end"));
    let site = Site::prepare(stage, "watched", &tasks)?;
    let mut dispatcher = site.start(&["dispatch", "--watch", "--slots", "2"])?;
    site.until_said(&mut dispatcher, "end FIRST 1")?;
    let idle = idle(&site, &mut dispatcher, Duration::from_secs(stage.rounds(3, 60)))?;
    let rounds = stage.rounds(5, 40);
    let second = site.start(&["dispatch", "--watch", "--slots", "2"])?;
    let started = added_ones_start(&site, &mut dispatcher, rounds)?;
    names_the_first(second, &dispatcher)?;
    can_be_held(&site, &mut dispatcher)?;
    ends_when_asked(&site, dispatcher)?;
    Ok(format!("{idle}; {rounds} tasks started {started} ms after the call of `queue add` at the median")
        .into())
}

/// What a process has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Used {
    /// Nanoseconds of the processor.
    processor: u64,
    /// Times that one of its threads went to sleep.
    sleeps: u64,
    /// Bytes that it has read, from files and all else.
    bytes: u64,
}

impl Used {
    fn by(process: &Running) -> Result<Self, Failure> {
        let (mut processor, mut sleeps) = (0, 0);
        let folder = format!("/proc/{}", process.pid());
        for thread in fs::read_dir(format!("{folder}/task"))? {
            let thread = thread?.path();
            let schedule = fs::read_to_string(thread.join("schedstat")).unwrap_or_default();
            processor += schedule.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0);
            // One that has just ended tells nothing more.
            let Ok(status) = fs::read_to_string(thread.join("status")) else { continue };
            sleeps += number(&status, "voluntary_ctxt_switches:")?;
        }
        let bytes = number(&fs::read_to_string(format!("{folder}/io"))?, "rchar:")?;
        Ok(Self { processor, sleeps, bytes })
    }
}

/// What stands behind `name` in a file of the kernel's.
fn number(text: &str, name: &str) -> Result<u64, Failure> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    value.ok_or_else(|| fail(format!("the kernel does not tell {name}")))
}

/// What the dispatcher uses while nothing happens, for people.
fn idle(site: &Site<'_>, dispatcher: &mut Running, time: Duration) -> Result<String, Failure> {
    // What it still has to do about the last task is done when it has slept for longer than its slow poll.
    let mut before = Used::by(dispatcher)?;
    let mut since = Instant::now();
    site.until(dispatcher, || Ok(site.status("FIRST")? == "completed"))?;
    while since.elapsed() < Duration::from_millis(500) {
        site.stage.check_time()?;
        thread::sleep(Duration::from_millis(20));
        let now = Used::by(dispatcher)?;
        if now.sleeps != before.sleeps {
            (before, since) = (now, Instant::now());
        }
    }
    site.stage.step(&format!("idle for {} s", time.as_secs()));
    let began = Instant::now();
    thread::sleep(time);
    let after = Used::by(dispatcher)?;
    let took = began.elapsed();
    let (sleeps, bytes) = (after.sleeps.saturating_sub(before.sleeps), after.bytes - before.bytes);
    let queue = fs::metadata(site.path("q.yaml"))?.len();
    if bytes >= queue {
        return Err(fail(format!("it has read {bytes} bytes while nothing happened to a queue of {queue}")));
    }
    // It looks up every two seconds.
    if sleeps > took.as_secs() + 5 {
        return Err(fail(format!("it woke {sleeps} times in {} s while nothing happened", took.as_secs())));
    }
    let milliseconds = (after.processor - before.processor) / 1_000_000;
    let share = (after.processor - before.processor) as f64 / took.as_nanos() as f64 * 100.0;
    Ok(format!(
        "idle for {} s: {milliseconds} ms of the processor ({share:.3} %), {sleeps} wakes, {bytes} bytes read",
        took.as_secs()
    ))
}

fn add(site: &Site<'_>, id: &str, script: &str) -> Result<(), Failure> {
    let script = format!("{}{script}", super::SAY);
    site.queue(&["add", "something", "--id", id, "--run", &script])?.expect(0).map(drop)
}

/// Adds tasks one at a time, each when the one before is done; the median of the milliseconds until they started.
fn added_ones_start(site: &Site<'_>, dispatcher: &mut Running, rounds: u64) -> Result<u128, Failure> {
    let mut random = site.stage.random();
    let mut times = Vec::new();
    for round in 1..=rounds {
        site.stage.step(&format!("adding task {round} of {rounds}"));
        let id = format!("ADDED-{round}");
        thread::sleep(Duration::from_millis(random.between(20, 200)));
        let stopwatch = Stopwatch::start();
        add(site, &id, NOTE)?;
        site.until(dispatcher, || Ok(site.status(&id)? == "completed")).explain(&id)?;
        times.push(stopwatch.until_noted(site, &id)?);
    }
    Ok(median(times))
}

/// That a second dispatcher has given up, and said whose the queue is.
fn names_the_first(second: Running, first: &Running) -> Result<(), Failure> {
    let second = second.finish()?.expect(4)?;
    let who = format!("process {} ", first.pid());
    if second.stderr.contains(&who) {
        Ok(())
    } else {
        Err(fail(format!("the second dispatcher does not name {who}: {}", second.said())))
    }
}

fn can_be_held(site: &Site<'_>, dispatcher: &mut Running) -> Result<(), Failure> {
    site.queue(&["pause"])?.expect(0)?;
    add(site, "HELD", NOTE)?;
    // For something wrong to happen.
    thread::sleep(Duration::from_millis(400));
    if site.status("HELD")? != "pending" || site.has_said("start HELD 1")? {
        return Err(fail("a task was started while the queue was paused"));
    }
    site.queue(&["resume"])?.expect(0)?;
    site.until_said(dispatcher, "end HELD 1")
}

/// What runs comes to its end, nothing more is started.
fn ends_when_asked(site: &Site<'_>, mut dispatcher: Running) -> Result<(), Failure> {
    add(site, "LAST", "say start; until [ -e end ]; do sleep 0.02; done; say end")?;
    site.until_said(&mut dispatcher, "start LAST 1")?;
    site.queue(&["stop"])?.expect(0)?;
    add(site, "TOO-LATE", NOTE)?;
    // For something wrong to happen.
    thread::sleep(Duration::from_millis(200));
    site.make("end")?;
    dispatcher.finish()?.expect(0)?;
    let (last, too_late) = (site.status("LAST")?, site.status("TOO-LATE")?);
    if (last.as_str(), too_late.as_str()) != ("completed", "pending") {
        return Err(fail(format!("after the end, LAST is {last} and TOO-LATE is {too_late}")));
    }
    site.queue(&["stop"])?.expect(3)?;
    // Another one takes what is left.
    site.queue(&["dispatch"])?.expect(0)?;
    let tasks = site.tasks()?;
    let journal = site.journal()?;
    let told = tasks
        .iter()
        .filter(|(id, _)| !id.starts_with("DONE-"))
        .map(|(id, task)| (id.clone(), super::told(task)));
    crate::judges::attempts::judge(&journal, &told.collect(), 1)
        .map_err(fail)
        .explain("by the tasks' own journal")
}

//! Ten thousand lock files in a hundred folders, which come and go.
//!
//! A janitor runs for months: what it keeps for each folder that ever was, or does every second, adds up. Folders are made and removed
//! under it, and while it is suspended so much happens that the kernel drops notices. In the end it watches what is there, and nothing
//! else; its memory is what it was; and between sweeps it does next to nothing.
//!
//! In full two minutes of idling are measured; `--times 5` makes that ten.

use super::Service;
use crate::engine::{Client, Explain, Failure, Fault, Pace, Scenario, Stage, Tool, Verdict, fail};
use rustix::process::Signal;
use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "janitor-crowd",
    proves: "over 10,000 lock files the janitor idles, its memory stays flat, no watch is leaked, and lost notices only delay",
    clients: &[Client::Janitor],
    faults: &[Fault::Suspend("the janitor, until notices are dropped")],
    upholds: &[],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Proc],
    bound: Duration::from_secs(30 * 60),
    run,
};

const FOLDERS: usize = 100;
const FILES: usize = 100;
/// One processor is 100.
const MOST_IDLE_PERCENT: f64 = 5.0;
/// What an allocator keeps for later differs from run to run.
const MOST_GROWTH_KB: u64 = 8_000;
/// More than the kernel keeps for one reader by default (16,384, `fs.inotify.max_queued_events`).
const FLOOD: usize = 30_000;

const IDLE: &str = "min_idle: 1h\n";
const BUSY: &str = "min_idle: 1h\nsweep_interval: 100ms\n";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    for folder in 0..FOLDERS {
        fill(&stage.data().join(format!("folder-{folder}")))?;
    }
    let mut janitor = Service::start(stage, "janitor", IDLE)?;
    janitor.event("sweep", |sweep| sweep["locks"] == FOLDERS * FILES)?;
    let idle = idle_percent(stage, &janitor)?;

    janitor.reload("janitor", BUSY)?;
    sweeps(stage, &mut janitor, 10)?;
    let before = janitor.resident_kb()?;
    let watched = come_and_go(stage, &mut janitor)?;
    sweeps(stage, &mut janitor, if stage.pace() == Pace::Quick { 20 } else { 100 })?;
    let per_sweep = cpu_per_sweep(stage, &mut janitor)?;
    let after = janitor.resident_kb()?;

    let overflows = lose_track(stage, &mut janitor)?;
    janitor.end()?;
    if after > before + MOST_GROWTH_KB {
        return Err(fail(format!("its memory grew from {before} to {after} kB")));
    }
    if idle > MOST_IDLE_PERCENT {
        return Err(fail(format!("{idle:.2} % of a processor while nothing happened")));
    }
    Ok(format!(
        "{} lock files: idle {idle:.2} % of a processor, a sweep {per_sweep:.0} ms of it; {before} kB, then {after} kB; \
         {watched} watches for as many folders; {overflows} overflows",
        FOLDERS * FILES
    )
    .into())
}

fn fill(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).explain(folder.display())?;
    for file in 0..FILES {
        File::create(folder.join(format!("{file}.yaml.lock"))).explain(folder.display())?;
    }
    Ok(())
}

fn idle_percent(stage: &Stage, janitor: &Service<'_>) -> Result<f64, Failure> {
    let (started, before) = (Instant::now(), janitor.cpu_ticks()?);
    let long = Duration::from_secs(stage.rounds(8, 120));
    while started.elapsed() < long {
        stage.check_time()?;
        stage.step(&format!("idle for {} s", started.elapsed().as_secs()));
        thread::sleep(Duration::from_millis(500));
    }
    let ticks = u32::try_from(janitor.cpu_ticks()? - before)?;
    Ok(f64::from(ticks) / started.elapsed().as_secs_f64())
}

fn sweeps(stage: &Stage, janitor: &mut Service<'_>, count: u64) -> Result<(), Failure> {
    for n in 0..count {
        stage.step(&format!("sweep {n} of {count}"));
        janitor.event("sweep", |_| true)?;
    }
    Ok(())
}

/// Processor time in milliseconds.
fn cpu_per_sweep(stage: &Stage, janitor: &mut Service<'_>) -> Result<f64, Failure> {
    const COUNT: u32 = 10;
    let before = janitor.cpu_ticks()?;
    sweeps(stage, janitor, COUNT.into())?;
    Ok(f64::from(u32::try_from(janitor.cpu_ticks()? - before)?) * 10.0 / f64::from(COUNT))
}

/// Folders are made, nested, renamed and removed; then there are as many watches as folders.
fn come_and_go(stage: &Stage, janitor: &mut Service<'_>) -> Result<usize, Failure> {
    let data = stage.data();
    for round in 0..stage.rounds(10, 100) {
        stage.check_time()?;
        stage.step(&format!("folders come and go, round {round}"));
        let name = |n: u64| data.join(format!("passing-{}", n % 7));
        fs::create_dir_all(name(round).join("a/b/c"))?;
        File::create(name(round).join("a/b/c/x.yaml.lock"))?;
        if round % 3 == 0 {
            // Under its old name it is made anew at once.
            fs::rename(name(round).join("a"), name(round).join("z"))?;
            fs::create_dir_all(name(round).join("a/b"))?;
        }
        thread::sleep(Duration::from_millis(round % 5 * 40));
        if name(round + 4).exists() {
            fs::remove_dir_all(name(round + 4))?;
        }
    }
    for n in 0..7 {
        let folder = data.join(format!("passing-{n}"));
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    // The data folder, those in it, and the janitor's own two.
    let expected = 1 + FOLDERS + 2;
    stage
        .until(|| Ok(janitor.watches()? == expected))
        .explain(format_args!("{} watches instead of {expected}", janitor.watches()?))?;
    Ok(expected)
}

/// So much happens while it is suspended that the kernel drops notices. It says so, and finds the lock file that came last.
fn lose_track(stage: &Stage, janitor: &mut Service<'_>) -> Result<f64, Failure> {
    janitor.signal(Signal::STOP)?;
    let flood = stage.data().join("folder-0/flood");
    for n in 0..FLOOD / 2 {
        if n % 1000 == 0 {
            stage.check_time()?;
        }
        // Two notices each, of names that take turns: equal ones that follow each other are kept as one.
        let flood = flood.with_extension(format!("{}", n % 2));
        File::create(&flood)?;
        fs::remove_file(&flood)?;
    }
    File::create(stage.data().join("folder-1/late.yaml.lock"))?;
    janitor.signal(Signal::CONT)?;
    janitor.event("lost_track", |_| true)?;
    janitor.event("sweep", |sweep| sweep["locks"] == FOLDERS * FILES + 1)?;
    let overflows = janitor.sample("lock_janitor_watch_overflows_total")?;
    if overflows < 1.0 {
        return Err(fail("no overflow is among the metrics"));
    }
    Ok(overflows)
}

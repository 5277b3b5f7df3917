//! A process that takes a lock while somebody looks at the clock.
//!
//! All clocks are `CLOCK_MONOTONIC`, which is one for all processes: what one of them stamps can be compared with what another one did.

mod how;

pub(crate) use how::How;

use crate::engine::{Explain, Failure, fail};
use clap::{Args, Subcommand};
use how::Lock;
use rustix::time::{ClockId, clock_gettime};
use std::fmt::Write;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Enough for the caches, and for what is done once in a process.
const WARM_UP: u32 = 200;
/// How often is looked whether it begins.
const LOOK: Duration = Duration::from_millis(5);

#[derive(Debug, Subcommand)]
pub(crate) enum BenchLock {
    /// Take a free lock again and again; print the nanoseconds that one time takes
    Alone(Alone),
    /// Run a command to its end again and again; print the nanoseconds that one time takes
    Command {
        #[arg(long)]
        times: u32,
        #[arg(last = true)]
        words: Vec<String>,
    },
    /// Take turns with others; print when each turn was asked for, had and given back
    Turns(Turns),
    /// Take turns with others by `flock FILE COMMAND`
    CommandTurns(CommandTurns),
    /// Be the command of such a turn
    Inside {
        #[arg(long)]
        inside_us: u64,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Alone {
    how: How,
    #[arg(long)]
    lock: PathBuf,
    #[arg(long)]
    times: u32,
}

#[derive(Args, Debug)]
pub(crate) struct Turns {
    how: How,
    #[command(flatten)]
    course: Course,
}

#[derive(Args, Debug)]
pub(crate) struct CommandTurns {
    #[command(flatten)]
    course: Course,
}

/// What is the same for all who take turns.
#[derive(Args, Debug)]
struct Course {
    #[arg(long)]
    lock: PathBuf,
    /// Made when this process is ready
    #[arg(long)]
    ready: PathBuf,
    /// Says, once it is there, when to begin and when to end, in nanoseconds
    #[arg(long)]
    times: PathBuf,
    /// How long a turn takes
    #[arg(long)]
    inside_us: u64,
    /// How long to stay away between two turns
    #[arg(long)]
    outside_us: u64,
}

pub(crate) fn run(command: &BenchLock) -> Result<ExitCode, Failure> {
    match command {
        BenchLock::Alone(args) => {
            let lock = Lock::new(args.how, &args.lock);
            measure(args.times, WARM_UP, || lock.turn(|| ()))
        }
        BenchLock::Command { times, words } => measure(*times, 3, || run_quietly(words)),
        BenchLock::Turns(args) => {
            let lock = Lock::new(args.how, &args.course.lock);
            let inside = Duration::from_micros(args.course.inside_us);
            args.course.take(|| lock.turn(|| stamped(inside)))
        }
        BenchLock::CommandTurns(args) => args.course.take(|| command_turn(&args.course)),
        BenchLock::Inside { inside_us } => {
            let (got, released) = stamped(Duration::from_micros(*inside_us));
            println!("{got} {released}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn measure(
    times: u32,
    warm_up: u32,
    mut once: impl FnMut() -> Result<(), Failure>,
) -> Result<ExitCode, Failure> {
    for _ in 0..warm_up {
        once()?;
    }
    let started = Instant::now();
    for _ in 0..times {
        once()?;
    }
    println!("{}", started.elapsed().as_nanos() / u128::from(times.max(1)));
    Ok(ExitCode::SUCCESS)
}

fn run_quietly(words: &[String]) -> Result<(), Failure> {
    let (program, words) = words.split_first().ok_or_else(|| fail("no command"))?;
    let status = Command::new(program).args(words).stdin(Stdio::null()).status().explain(program)?;
    if status.success() { Ok(()) } else { Err(fail(format!("{program}: {status}"))) }
}

impl Course {
    /// Takes turns from beginning to end; each says when it had the lock and when it began to give it back.
    fn take(&self, mut turn: impl FnMut() -> Result<(u64, u64), Failure>) -> Result<ExitCode, Failure> {
        File::create(&self.ready).explain(self.ready.display())?;
        let (begin, end) = self.times()?;
        thread::sleep(Duration::from_nanos(begin.saturating_sub(now())));
        let mut stamps = String::new();
        loop {
            let asked = now();
            if asked >= end {
                break;
            }
            let (got, released) = turn()?;
            writeln!(stamps, "{asked} {got} {released}")?;
            thread::sleep(Duration::from_micros(self.outside_us));
        }
        print!("{stamps}");
        Ok(ExitCode::SUCCESS)
    }

    fn times(&self) -> Result<(u64, u64), Failure> {
        while !self.times.exists() {
            thread::sleep(LOOK);
        }
        let text = fs::read_to_string(&self.times).explain(self.times.display())?;
        numbers(&text)
    }
}

fn command_turn(course: &Course) -> Result<(u64, u64), Failure> {
    let this = std::env::current_exe()?;
    let mut flock = Command::new("flock");
    flock.arg(&course.lock).arg(this).args(["client", "bench-lock", "inside", "--inside-us"]);
    let output = flock.arg(course.inside_us.to_string()).stdin(Stdio::null()).output().explain("flock")?;
    numbers(&String::from_utf8_lossy(&output.stdout))
}

fn numbers(text: &str) -> Result<(u64, u64), Failure> {
    let mut numbers = text.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(first)), Some(Ok(second))) => Ok((first, second)),
        _ => Err(fail(format!("expected two numbers, found `{text}`"))),
    }
}

/// The time before and after a pause.
fn stamped(pause: Duration) -> (u64, u64) {
    let got = now();
    thread::sleep(pause);
    (got, now())
}

/// Nanoseconds on the clock that all processes share.
pub(crate) fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    part(time.tv_sec) * 1_000_000_000 + part(time.tv_nsec)
}

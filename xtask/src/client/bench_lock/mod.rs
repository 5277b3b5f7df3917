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
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Enough for the caches, and for what is done once in a process.
const WARM_UP: u32 = 200;
/// How often is looked whether it begins, and who had the last turn.
const LOOK: Duration = Duration::from_millis(1);

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
        #[command(flatten)]
        stay: Stay,
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
    /// How long to stay away between two turns
    #[arg(long)]
    outside_us: u64,
    #[command(flatten)]
    stay: Stay,
}

/// One turn.
#[derive(Args, Debug)]
pub(crate) struct Stay {
    /// How long it takes
    #[arg(long)]
    inside_us: u64,
    /// A file of one byte that says who had the last turn: nobody then asks again before somebody else had one
    #[arg(long, requires = "own")]
    last: Option<PathBuf>,
    /// The byte that stands for this process
    #[arg(long)]
    own: Option<u8>,
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
            args.course.take(|| lock.turn(|| args.course.stay.inside())?)
        }
        BenchLock::CommandTurns(args) => args.course.take(|| command_turn(&args.course)),
        BenchLock::Inside { stay } => {
            let (got, released) = stay.inside()?;
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
        thread::sleep(Duration::from_nanos(begin.saturating_sub(now())) + out_of_step());
        let mut stamps = String::new();
        loop {
            let asked = now();
            if asked >= end {
                break;
            }
            let (got, released) = turn()?;
            writeln!(stamps, "{asked} {got} {released}")?;
            thread::sleep(Duration::from_micros(self.outside_us));
            while now() < end && self.stay.was_last()? {
                thread::sleep(LOOK);
            }
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

impl Stay {
    /// When it had the lock, and when it begins to give it back.
    fn inside(&self) -> Result<(u64, u64), Failure> {
        let got = now();
        if let (Some(last), Some(own)) = (&self.last, self.own) {
            let file = File::options().write(true).create(true).truncate(false).open(last);
            file.explain(last.display())?.write_all_at(&[own], 0)?;
        }
        thread::sleep(Duration::from_micros(self.inside_us));
        Ok((got, now()))
    }

    fn was_last(&self) -> Result<bool, Failure> {
        let Some(last) = &self.last else { return Ok(false) };
        Ok(fs::read(last).explain(last.display())?.first() == self.own.as_ref())
    }
}

fn command_turn(course: &Course) -> Result<(u64, u64), Failure> {
    let this = std::env::current_exe()?;
    let mut flock = Command::new("flock");
    flock.arg(&course.lock).arg(this).args(["client", "bench-lock", "inside"]);
    flock.args(["--inside-us", &course.stay.inside_us.to_string()]);
    if let (Some(last), Some(own)) = (&course.stay.last, course.stay.own) {
        flock.arg("--last").arg(last).args(["--own", &own.to_string()]);
    }
    let output = flock.stdin(Stdio::null()).output().explain("flock")?;
    numbers(&String::from_utf8_lossy(&output.stdout))
}

fn numbers(text: &str) -> Result<(u64, u64), Failure> {
    let mut numbers = text.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(first)), Some(Ok(second))) => Ok((first, second)),
        _ => Err(fail(format!("expected two numbers, found `{text}`"))),
    }
}

/// Who polls in step with all others shows the interval and nothing else; in life nobody does.
fn out_of_step() -> Duration {
    Duration::from_millis(u64::from(std::process::id()) * 13 % 50)
}

/// Nanoseconds on the clock that all processes share.
pub(crate) fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    part(time.tv_sec) * 1_000_000_000 + part(time.tv_nsec)
}

//! Processes that take a lock once, or give up on it many times.

use crate::engine::{Explain, Failure, fail};
use clap::Args;
use lock_core::{ExclusiveLock, LockError, LockFile, SharedLock, Wait};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long to sleep between two looks for a file that says what to do.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What [`once`] prints when it did not get the lock.
pub(crate) const NOT_GOT: &str = "not got";

#[derive(Args, Debug)]
pub(crate) struct Once {
    lock: PathBuf,
    /// 0: not at all
    #[arg(long)]
    wait_ms: u64,
    /// Together with others
    #[arg(long)]
    shared: bool,
    /// Added to this file, as a line, while the lock is held
    #[arg(long, num_args = 2, value_names = ["FILE", "LINE"])]
    note: Option<Vec<String>>,
}

/// Either guard, for the sake of its drop.
enum Held {
    Exclusive(#[expect(dead_code, reason = "held, and not looked at")] ExclusiveLock),
    Shared(#[expect(dead_code, reason = "held, and not looked at")] SharedLock),
}

/// Prints that it got the lock, or why not.
pub(crate) fn once(args: &Once) -> Result<ExitCode, Failure> {
    let wait =
        if args.wait_ms == 0 { Wait::Never } else { Wait::AtMost(Duration::from_millis(args.wait_ms)) };
    let lock = LockFile::at(&args.lock);
    let taken = if args.shared {
        lock.shared(wait).map(Held::Shared)
    } else {
        lock.exclusive(wait).map(Held::Exclusive)
    };
    let held = match taken {
        Ok(held) => held,
        Err(error) if error.is_contended() => {
            println!("{NOT_GOT}: {error}");
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(error.into()),
    };
    if let Some([file, line]) = args.note.as_deref() {
        let mut file = File::options().create(true).append(true).open(file).explain(file)?;
        file.write_all(format!("{line}\n").as_bytes()).explain("the note")?;
    }
    drop(held);
    println!("got");
    Ok(ExitCode::SUCCESS)
}

#[derive(Args, Debug)]
pub(crate) struct Hold {
    lock: PathBuf,
    /// Made when the lock is held, with the number of this process in it
    held: PathBuf,
    /// The lock is given back when this file exists
    release: PathBuf,
    /// Together with others
    #[arg(long)]
    shared: bool,
    /// Start programs meanwhile that live on: one directly, one that a shell leaves behind
    #[arg(long)]
    leave_programs: bool,
    /// This process ends when this file exists; without it, right after the release
    #[arg(long)]
    stop: Option<PathBuf>,
}

pub(crate) fn hold(args: &Hold) -> Result<ExitCode, Failure> {
    let (lock, wait) = (LockFile::at(&args.lock), Wait::AtMost(Duration::from_secs(30)));
    let held = if args.shared {
        lock.shared(wait).map(Held::Shared)?
    } else {
        lock.exclusive(wait).map(Held::Exclusive)?
    };
    if args.leave_programs {
        let sleep = |program: &str| {
            let mut command = Command::new(program);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        sleep("sleep").arg("1000").spawn().explain("cannot start sleep")?;
        let shell = sleep("sh").args(["-c", "(sleep 1000 &)"]).status().explain("cannot start sh")?;
        if !shell.success() {
            return Err(fail("the shell could not start sleep"));
        }
    }
    announce(&args.held)?;
    await_file(&args.release);
    drop(held);
    if let Some(stop) = &args.stop {
        println!("released");
        await_file(stop);
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Args, Debug)]
pub(crate) struct Timeouts {
    lock: PathBuf,
    /// How many, all threads together
    #[arg(long)]
    times: u64,
    #[arg(long)]
    threads: u64,
    #[arg(long)]
    wait_us: u64,
    /// The folder of the files that are waited for, and made
    signals: PathBuf,
}

/// Makes `ready` and begins when there is `begin`; makes `done` and ends when there is `stop`. Prints a line for every timeout: what was
/// measured around the call and what the error says, in microseconds, and the number of the process that it names.
pub(crate) fn time_out(args: &Timeouts) -> Result<ExitCode, Failure> {
    let at = |name: &str| args.signals.join(name);
    announce(&at("ready"))?;
    await_file(&at("begin"));
    let each = args.times.div_ceil(args.threads);
    let told = thread::scope(|scope| {
        let threads: Vec<_> = (0..args.threads).map(|_| scope.spawn(|| give_up(args, each))).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|_| Err(fail("a thread panicked")))
        };
        threads.into_iter().map(join).collect::<Result<Vec<_>, Failure>>()
    })?;
    std::io::stdout().write_all(told.concat().as_bytes()).explain("cannot write to standard output")?;
    announce(&at("done"))?;
    await_file(&at("stop"));
    Ok(ExitCode::SUCCESS)
}

fn give_up(args: &Timeouts, times: u64) -> Result<String, Failure> {
    let lock = LockFile::at(&args.lock);
    let wait = Wait::AtMost(Duration::from_micros(args.wait_us));
    let mut told = String::new();
    for _ in 0..times {
        let started = Instant::now();
        let outcome = lock.exclusive(wait);
        let took = started.elapsed().as_micros();
        match outcome {
            Err(LockError::TimedOut { waited, holder, .. }) => {
                let holder = holder.and_then(|holder| holder.pid).unwrap_or(0);
                // Writing to a string cannot fail.
                let _ = writeln!(told, "{took} {} {holder}", waited.as_micros());
            }
            Err(error) => return Err(error.into()),
            Ok(_) => return Err(fail("got a lock that somebody else holds")),
        }
    }
    Ok(told)
}

/// Makes a file with our own number in it, whole from its first moment.
fn announce(path: &Path) -> Result<(), Failure> {
    let fresh = path.with_extension("tmp");
    fs::write(&fresh, std::process::id().to_string()).explain(fresh.display())?;
    fs::rename(&fresh, path).explain(path.display())
}

fn await_file(path: &Path) {
    while !path.exists() {
        thread::sleep(LOOK_EVERY);
    }
}

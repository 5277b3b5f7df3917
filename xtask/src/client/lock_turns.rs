//! A process that takes a lock in turns with others, and one that removes the lock file under them.

use crate::engine::{Explain, Failure, Random};
use clap::Args;
use lock_core::{LockFile, Wait};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// Far longer than any turn: who waits that long was forgotten.
const LONG: Duration = Duration::from_secs(30);

#[derive(Args, Debug)]
pub(crate) struct Turns {
    /// The lock file
    #[arg(long)]
    lock: PathBuf,
    /// A file that exists while somebody is inside
    #[arg(long)]
    marker: PathBuf,
    /// A file with a number, counted up in every turn, by plain reading and writing
    #[arg(long)]
    counter: PathBuf,
    /// Ends when this file exists
    #[arg(long)]
    stop: PathBuf,
    #[arg(long)]
    seed: u64,
}

/// Prints `turns N overlaps N` at the end.
pub(crate) fn take(args: &Turns) -> Result<ExitCode, Failure> {
    let lock = LockFile::at(&args.lock);
    let mut random = Random::new(args.seed);
    let (mut turns, mut overlaps) = (0_u64, 0_u64);
    while !args.stop.exists() {
        let held = lock.exclusive(Wait::AtMost(LONG))?;
        let alone = match File::options().write(true).create_new(true).open(&args.marker) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => return Err(error).explain(args.marker.display()),
        };
        let count = read_number(&args.counter)?;
        thread::sleep(Duration::from_micros(random.between(0, 150)));
        fs::write(&args.counter, (count + 1).to_string()).explain(args.counter.display())?;
        if alone {
            fs::remove_file(&args.marker).explain(args.marker.display())?;
        } else {
            overlaps += 1;
        }
        turns += 1;
        drop(held);
        // Without a pause the lock would go from one waiter to the next, and who does not wait would never get it.
        thread::sleep(Duration::from_micros(random.between(0, 1_500)));
    }
    println!("turns {turns} overlaps {overlaps}");
    Ok(ExitCode::SUCCESS)
}

/// A reader may come between the truncation and the write of somebody who should not be inside.
fn read_number(path: &Path) -> Result<u64, Failure> {
    let text = fs::read_to_string(path).explain(path.display())?;
    Ok(text.trim().parse().unwrap_or(0))
}

#[derive(Args, Debug)]
pub(crate) struct Removals {
    #[arg(long)]
    lock: PathBuf,
    /// How many times
    #[arg(long)]
    times: u64,
    #[arg(long)]
    seed: u64,
}

/// Prints `removed N` at the end.
///
/// Holding the lock while its file is removed is as careful as a cleaner can be that knows nothing of its clients. It is not
/// enough: who waited for the removed file gets a lock on nothing.
pub(crate) fn remove(args: &Removals) -> Result<ExitCode, Failure> {
    let mut random = Random::new(args.seed);
    let mut removed = 0;
    while removed < args.times {
        if let Ok(file) = File::open(&args.lock)
            && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            // Time for others to come and wait for this very file.
            thread::sleep(Duration::from_micros(random.between(0, 300)));
            fs::remove_file(&args.lock).explain(args.lock.display())?;
            thread::sleep(Duration::from_micros(random.between(0, 200)));
            removed += 1;
        }
        thread::sleep(Duration::from_micros(random.between(0, 400)));
    }
    println!("removed {removed}");
    Ok(ExitCode::SUCCESS)
}

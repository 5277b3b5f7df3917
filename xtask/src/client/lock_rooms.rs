//! A process that takes turns in rooms which a lock is to guard, and writes down whom it met there.
//!
//! A room is a folder with a counter. Who is inside has a file of its own in it, `w.NAME` or `r.NAME`, made right after the lock was taken
//! and removed right before it is given back. Whatever stands beside it that should not is noted as met, and removed: then its
//! owner, if it lives, notes that it was robbed. A process that was killed inside leaves its file for the next one to meet.
//! `clients/lock_turns.py` and `.sh` do the same.

use crate::engine::{Explain, Failure, Random};
use clap::Args;
use lock_core::{LockFile, Wait};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// Far longer than any turn: who waits that long was forgotten.
const LONG: Wait = Wait::AtMost(Duration::from_secs(30));

#[derive(Args, Debug)]
pub(crate) struct Rooms {
    /// No other process has it, or had it
    name: String,
    #[arg(long)]
    lock: PathBuf,
    /// Further names of the lock
    #[arg(long)]
    also: Vec<PathBuf>,
    /// What the lock guards; with several names, several
    #[arg(long = "room", required = true)]
    rooms: Vec<PathBuf>,
    /// Where everything is noted
    #[arg(long)]
    log: PathBuf,
    /// Ends when this file exists
    #[arg(long)]
    stop: PathBuf,
    #[arg(long)]
    seed: u64,
}

pub(crate) fn take_turns(args: &Rooms) -> Result<ExitCode, Failure> {
    let lock = args.also.iter().fold(LockFile::at(&args.lock), LockFile::also);
    let log = File::options().create(true).append(true).open(&args.log).explain(args.log.display())?;
    let log = Log(log);
    let mut random = Random::new(args.seed);
    while !args.stop.exists() {
        match random.between(0, 8) {
            0..2 => {
                let held = lock.shared(LONG)?;
                read(args, &log, &mut random)?;
                drop(held);
            }
            2 => {
                let impatient = Wait::AtMost(Duration::from_micros(random.between(0, 2_000)));
                match lock.exclusive(impatient) {
                    Ok(held) => {
                        write(args, &log, &mut random)?;
                        drop(held);
                    }
                    Err(error) if error.is_contended() => log.note("gave-up")?,
                    Err(error) => return Err(error.into()),
                }
            }
            _ => {
                let held = lock.exclusive(LONG)?;
                write(args, &log, &mut random)?;
                drop(held);
            }
        }
        // Without a pause the lock would go from one waiter to the next, and who does not wait would never get it.
        thread::sleep(Duration::from_micros(random.between(0, 3_000)));
    }
    Ok(ExitCode::SUCCESS)
}

fn write(args: &Rooms, log: &Log, random: &mut Random) -> Result<(), Failure> {
    let own = format!("w.{}", args.name);
    for room in &args.rooms {
        enter(room, &own)?;
        meet(room, &own, log, |_| true)?;
        let count = read_counter(room)? + 1;
        thread::sleep(Duration::from_micros(random.between(0, 300)));
        write_counter(room, count)?;
        log.note(&format!("wrote {} {count}", room.display()))?;
    }
    for room in &args.rooms {
        meet(room, &own, log, |_| true)?;
        leave(room, &own, log)?;
    }
    Ok(())
}

fn read(args: &Rooms, log: &Log, random: &mut Random) -> Result<(), Failure> {
    let own = format!("r.{}", args.name);
    for room in &args.rooms {
        enter(room, &own)?;
        meet(room, &own, log, |other| other.starts_with("w."))?;
        let before = read_counter(room)?;
        thread::sleep(Duration::from_micros(random.between(0, 300)));
        if read_counter(room)? != before {
            log.note(&format!("changed {}", room.display()))?;
        }
        log.note(&format!("read {} {before}", room.display()))?;
        meet(room, &own, log, |other| other.starts_with("w."))?;
        leave(room, &own, log)?;
    }
    Ok(())
}

fn enter(room: &Path, own: &str) -> Result<(), Failure> {
    let mark = room.join(own);
    File::create_new(&mark).explain(mark.display()).map(drop)
}

/// Notes and removes every mark that is not our own and that `should_not_be` there.
fn meet(room: &Path, own: &str, log: &Log, should_not_be: impl Fn(&str) -> bool) -> Result<(), Failure> {
    for entry in fs::read_dir(room).explain(room.display())? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let is_mark = name.starts_with("w.") || name.starts_with("r.");
        if is_mark && name != own && should_not_be(&name) {
            log.note(&format!("met {} {name}", room.display()))?;
            remove(&room.join(&*name))?;
        }
    }
    Ok(())
}

fn leave(room: &Path, own: &str, log: &Log) -> Result<(), Failure> {
    if remove(&room.join(own))? { Ok(()) } else { log.note(&format!("robbed {}", room.display())) }
}

/// Whether it was there.
fn remove(mark: &Path) -> Result<bool, Failure> {
    match fs::remove_file(mark) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).explain(mark.display()),
    }
}

fn read_counter(room: &Path) -> Result<u64, Failure> {
    let path = room.join("counter");
    let text = fs::read_to_string(&path).explain(path.display())?;
    text.trim().parse::<u64>().explain(format_args!("{} is no number but `{text}`", path.display()))
}

/// In one call over the old number, which has the same length: a kill leaves the one or the other.
fn write_counter(room: &Path, count: u64) -> Result<(), Failure> {
    let path = room.join("counter");
    let file = File::options().write(true).open(&path).explain(path.display())?;
    file.write_all_at(format!("{count:012}\n").as_bytes(), 0).explain(path.display())
}

struct Log(File);

impl Log {
    /// A line in one call, so that a kill leaves all of it or nothing.
    fn note(&self, line: &str) -> Result<(), Failure> {
        (&self.0).write_all(format!("{line}\n").as_bytes()).explain("the log of a client")
    }
}

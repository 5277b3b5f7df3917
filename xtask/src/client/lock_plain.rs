//! A process that counts under a lock as fast as it can, and never looks whether its lock file is still there. And two that remove the file
//! under it: the janitor, and one that is as careful as a cleaner can be that knows nothing of leases (see `lock_turns`).

use crate::engine::{Explain, Failure, Random, fail};
use clap::{Args, ValueEnum};
use lock_janitor::{Janitor, Leftover, Outcome, Root, Rules, scan};
use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// What stands in the file that tells who is inside.
pub(crate) const NOBODY: &str = "0000000\n";

/// How the lock file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Opened {
    Read,
    Write,
    Both,
}

impl Opened {
    pub(crate) const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Both];

    /// Its name on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Both => "both",
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Plain {
    /// The folder of the lock files, `N.yaml.lock` for each room
    locks: PathBuf,
    /// The folder with `N.count`, a number, and `N.inside`, the process number of whoever is inside or 0
    data: PathBuf,
    /// How many rooms there are
    rooms: u64,
    /// Ends when this file exists
    stop: PathBuf,
    opened: Opened,
    /// Between two turns it waits for a random time up to this
    pause_us: u64,
    #[arg(long)]
    seed: u64,
}

/// Prints `turns N overlaps N longest_us N` at the end: the last one is the longest time that opening and locking took.
pub(crate) fn count(args: &Plain) -> Result<ExitCode, Failure> {
    let rooms = (0..args.rooms).map(|number| Room::open(args, number)).collect::<Result<Vec<_>, _>>()?;
    let mut random = Random::new(args.seed);
    let (mut turns, mut overlaps, mut longest) = (0_u64, 0_u64, Duration::ZERO);
    while !args.stop.exists() {
        let Some(room) = random.pick(&rooms) else { return Err(fail("there are no rooms")) };
        let asked = Instant::now();
        let Some(file) = open(&room.lock, args.opened)? else { continue };
        flock(&file, FlockOperation::LockExclusive)?;
        longest = longest.max(asked.elapsed());
        overlaps += u64::from(!room.count_alone()?);
        turns += 1;
        drop(file);
        thread::sleep(Duration::from_micros(random.between(0, args.pause_us)));
    }
    println!("turns {turns} overlaps {overlaps} longest_us {}", longest.as_micros());
    Ok(ExitCode::SUCCESS)
}

struct Room {
    lock: PathBuf,
    counter: File,
    inside: File,
    own: String,
}

impl Room {
    fn open(args: &Plain, number: u64) -> Result<Self, Failure> {
        let open = |extension: &str| {
            let path = args.data.join(format!("{number}.{extension}"));
            File::options().read(true).write(true).open(&path).explain(path.display())
        };
        Ok(Self {
            lock: args.locks.join(format!("{number}.yaml.lock")),
            counter: open("count")?,
            inside: open("inside")?,
            own: format!("{:07}\n", std::process::id()),
        })
    }

    /// Counts, and says whether nobody else was inside meanwhile.
    fn count_alone(&self) -> Result<bool, Failure> {
        let came_alone = text(&self.inside, &mut [0; 8])? == NOBODY;
        self.inside.write_all_at(self.own.as_bytes(), 0)?;
        let number: u64 = text(&self.counter, &mut [0; 13])?.trim().parse()?;
        self.counter.write_all_at(format!("{:012}\n", number + 1).as_bytes(), 0)?;
        let alone = came_alone && text(&self.inside, &mut [0; 8])? == self.own;
        self.inside.write_all_at(NOBODY.as_bytes(), 0)?;
        Ok(alone)
    }
}

/// `None` if it is gone again.
fn open(path: &Path, opened: Opened) -> Result<Option<File>, Failure> {
    let mut options = OpenOptions::new();
    match opened {
        Opened::Read => {
            // Without the right to write nothing is made by opening it.
            options.read(true);
            if !path.exists() {
                File::options().append(true).create(true).open(path).explain(path.display())?;
            }
        }
        Opened::Write => drop(options.write(true).create(true).truncate(true)),
        Opened::Both => drop(options.read(true).write(true).create(true).truncate(false)),
    }
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).explain(path.display()),
    }
}

fn text<'a>(file: &File, room: &'a mut [u8]) -> Result<&'a str, Failure> {
    let length = file.read_at(room, 0)?;
    Ok(std::str::from_utf8(&room[..length])?)
}

#[derive(Args, Debug)]
pub(crate) struct Retirements {
    /// The folder to sweep
    folder: PathBuf,
    /// How many lock files to retire
    #[arg(long, default_value_t = u64::MAX)]
    times: u64,
    /// How many bridges to serve
    #[arg(long, default_value_t = u64::MAX)]
    bridges: u64,
    #[arg(long)]
    grace_ms: u64,
    /// Ends when this file exists, however many were retired
    #[arg(long)]
    stop: PathBuf,
}

/// Sweeps without a pause, with no idle time asked for. Prints `retired N put_back N bridged N sweeps N troubles N` at the end.
pub(crate) fn retire(args: &Retirements) -> Result<ExitCode, Failure> {
    let grace = Duration::from_millis(args.grace_ms);
    let rules = Rules { min_idle: Duration::ZERO, grace, ..Rules::default() };
    let (janitor, roots) = (Janitor::new(), [Root::at(&args.folder)]);
    let (mut retired, mut put_back, mut bridged, mut sweeps) = (0, 0, 0, 0_u64);
    let mut troubles = Vec::new();
    while retired < args.times && bridged < args.bridges && !args.stop.exists() {
        let sweep = janitor.sweep(&scan(&roots, &rules, &|| false), &rules, &|| false);
        sweeps += 1;
        let count = |is: fn(&Outcome) -> bool| sweep.count(is) as u64;
        retired += count(|outcome| *outcome == Outcome::Retired);
        put_back += count(|outcome| *outcome == Outcome::PutBack);
        bridged += count(|outcome| *outcome == Outcome::Bridged);
        // A file of ours is never left behind by ourselves but as the old end of a bridge.
        retired += sweep.leftovers.iter().filter(|left| matches!(left, Leftover::Cleared(_))).count() as u64;
        troubles.extend(sweep.troubles.iter().map(ToString::to_string));
    }
    let left = janitor.finish(Duration::from_secs(30));
    if left > 0 {
        return Err(fail(format!("{left} bridges did not end")));
    }
    println!(
        "retired {retired} put_back {put_back} bridged {bridged} sweeps {sweeps} troubles {}",
        troubles.len()
    );
    for trouble in troubles {
        println!("{trouble}");
    }
    Ok(ExitCode::SUCCESS)
}

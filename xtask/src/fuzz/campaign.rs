//! Cases by the thousand, on every core, until the time is up or something is found.
//!
//! Case `n` of a seed is the same on every machine and on however many threads, so a seed and a number name it.

use super::finding::{Finding, smallest};
use super::targets::{Case, Choices, Tally};
use super::watching::Watching;
use super::{Target, attempt};
use crate::engine::{Explain, Failure, Random, fail};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// When a campaign ends, whichever comes first.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) time: Duration,
    pub(super) cases: u64,
}

/// A case takes microseconds. One that takes this long hangs, however busy the machine is.
const HANGS_AFTER: Duration = Duration::from_secs(60);
/// So many bytes decide what a case is; a large document uses up some hundreds.
const BYTES: usize = 640;
/// Threads add up what they counted after so many cases.
const BATCH: u64 = 64;

/// What the threads of a campaign share.
struct Shared {
    limits: Limits,
    seed: u64,
    next: AtomicU64,
    done: AtomicU64,
    stop: AtomicBool,
    tally: Mutex<Tally>,
    found: Mutex<Option<Found>>,
}

/// A case that failed, by its number, and what was said; or a thread that cannot go on.
enum Found {
    Case(u64, String),
    NoBench(String),
}

/// The case that a thread is at, and since when.
type Place = Mutex<Option<(u64, Instant)>>;

pub(super) fn run<C: Case>(
    target: Target,
    limits: Limits,
    seed: u64,
    findings: &Path,
) -> Result<ExitCode, Failure> {
    let (next, done, stop) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let shared = Shared { limits, seed, next, done, stop, tally: Mutex::default(), found: Mutex::default() };
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted)).explain("cannot watch for Ctrl-C")?;
    }
    let mut watching = Watching::start();
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let places: Vec<Place> = (0..threads).map(|_| Place::default()).collect();
    thread::scope(|scope| {
        let workers: Vec<_> = places.iter().map(|place| scope.spawn(|| work::<C>(&shared, place))).collect();
        while !workers.iter().all(thread::ScopedJoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(20));
            watching.cases(shared.done.load(Ordering::Relaxed));
            if watching.elapsed() >= limits.time || interrupted.load(Ordering::Relaxed) {
                shared.stop.store(true, Ordering::Relaxed);
            }
            if let Some(number) = places.iter().find_map(hanging) {
                // A thread that hangs cannot be ended, so the process is.
                let case = case::<C>(seed, number);
                let found = format!("it is still not judged after {} s", HANGS_AFTER.as_secs());
                report(&Finding { target, seed, number, found, case }, findings);
                std::process::exit(1);
            }
        }
    });
    watching.end(shared.done.load(Ordering::Relaxed));
    conclude::<C>(target, shared, &watching, interrupted.load(Ordering::Relaxed), findings)
}

fn conclude<C: Case>(
    target: Target,
    shared: Shared,
    watching: &Watching,
    was_interrupted: bool,
    findings: &Path,
) -> Result<ExitCode, Failure> {
    let found = shared.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let tally = shared.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{}: {tally}", target.name());
    let (count, seed) = (usize::from(found.is_some()), shared.seed);
    match found {
        None => {}
        Some(Found::NoBench(error)) => return Err(fail(error)),
        Some(Found::Case(number, found)) => {
            let mut bench = C::bench()?;
            let (case, found) = smallest(case::<C>(seed, number), found, &mut bench);
            report(&Finding { target, seed, number, found, case }, findings);
        }
    }
    println!(
        "{}, seed {seed}, {count} findings{}",
        watching.told(),
        if was_interrupted { ", interrupted" } else { "" }
    );
    Ok(if count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report<C: Case>(finding: &Finding<C>, findings: &Path) {
    println!("{}", finding.found.replace('\n', " "));
    match finding.keep(findings) {
        Ok(path) => {
            println!("repeat it: cargo xtask fuzz {} --repeat {}", finding.target.name(), path.display());
        }
        Err(failure) => {
            println!("it cannot be kept: {failure}\n{}", finding.text());
        }
    }
}

/// Case number `number` of a seed.
fn case<C: Case>(seed: u64, number: u64) -> C {
    // Mixed twice, so that the cases of one seed are not those of the next one, moved by one.
    let mut random = Random::new(Random::new(seed).next() ^ Random::new(number).next());
    let bytes: Vec<u8> = (0..BYTES / 8).flat_map(|_| random.next().to_le_bytes()).collect();
    C::generate(&mut Choices::new(&bytes))
}

fn hanging(place: &Place) -> Option<u64> {
    let place = place.lock().unwrap_or_else(PoisonError::into_inner);
    place.filter(|(_, since)| since.elapsed() > HANGS_AFTER).map(|(number, _)| number)
}

fn work<C: Case>(shared: &Shared, place: &Place) {
    let mut bench = match C::bench() {
        Ok(bench) => bench,
        Err(error) => return shared.end_with(Found::NoBench(error.to_string())),
    };
    let mut tally = Tally::default();
    while !shared.stop.load(Ordering::Relaxed) {
        let from = shared.next.fetch_add(BATCH, Ordering::Relaxed);
        let to = from.saturating_add(BATCH).min(shared.limits.cases);
        if from >= to {
            break;
        }
        for number in from..to {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some((number, Instant::now()));
            let judged = attempt::caught(|| case::<C>(shared.seed, number).check(&mut bench, &mut tally));
            shared.done.fetch_add(1, Ordering::Relaxed);
            if let Err(found) = judged {
                shared.end_with(Found::Case(number, found));
            }
            if shared.stop.load(Ordering::Relaxed) {
                break;
            }
        }
    }
    *place.lock().unwrap_or_else(PoisonError::into_inner) = None;
    shared.tally.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
}

impl Shared {
    /// The first finding is kept; a second thread may come to one before it stops.
    fn end_with(&self, found: Found) {
        self.stop.store(true, Ordering::Relaxed);
        self.found.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(found);
    }
}

//! Running all points on several threads, and telling what came of them.

use super::check::Ran;
use super::plan::{Hit, Point};
use crate::engine::{Explain, Failure, Stage, fail};
use crate::judges::aftermath::Came;
use std::fmt::{self, Display};
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// More than there are processors: who was refused may wait for a second before it tries again.
const THREADS: usize = 8;
/// How often a point is tried until strace strikes where it should: the order of threads is not ours.
const TRIES: usize = 4;
/// How many failures are told; all are in the file beside.
const TOLD: usize = 3;

/// What came of all points.
#[derive(Default)]
pub(super) struct Tally {
    through: usize,
    refused: usize,
    killed: usize,
    not_reached: Vec<String>,
    put_aside: usize,
    failures: Vec<String>,
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { through, refused, killed, not_reached, put_aside, .. } = self;
        write!(
            f,
            "{refused} refused, {through} survived, {killed} killed, {} not reached",
            not_reached.len()
        )?;
        if *put_aside > 0 { write!(f, ", {put_aside} versions put aside") } else { Ok(()) }
    }
}

pub(super) fn run_all(stage: &Stage, points: &[Point<'_>]) -> Result<Tally, Failure> {
    let tally = Mutex::new(Tally::default());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(point) = points.get(number) else { return };
                    if stage.check_time().is_err() {
                        return;
                    }
                    let outcome = run_one(stage, point, number);
                    if let Ok(mut tally) = tally.lock() {
                        tally.add(point, outcome);
                        stage.step(&format!("{number} of {} fault points", points.len()));
                    }
                }
            });
        }
    });
    stage.check_time()?;
    let tally = tally.into_inner().explain("a thread of the runner panicked")?;
    fs::write(stage.folder().join("not-reached.txt"), tally.not_reached.join("\n"))?;
    if tally.failures.is_empty() {
        return tally.reached_enough(points.len());
    }
    let path = stage.folder().join("failures.txt");
    fs::write(&path, tally.failures.join("\n\n") + "\n").explain(path.display())?;
    let (count, told) = (tally.failures.len(), tally.failures[..count_told(&tally)].join("\n"));
    Err(fail(format!(
        "{count} of {} fault points went wrong, all in {}:\n{told}",
        points.len(),
        path.display()
    )))
}

fn count_told(tally: &Tally) -> usize {
    tally.failures.len().min(TOLD)
}

/// What came of one point, and what was put aside on the way.
enum Outcome {
    Came(Came, usize),
    NotReached,
}

impl Tally {
    /// What was not reached proves nothing. A few are lost to chance; more mean that strace does not strike where it should.
    fn reached_enough(self, points: usize) -> Result<Self, Failure> {
        if self.not_reached.len() * 10 <= points {
            return Ok(self);
        }
        let (missed, first) = (self.not_reached.len(), self.not_reached.first().cloned().unwrap_or_default());
        Err(fail(format!("{missed} of {points} fault points were not reached, among them: {first}")))
    }

    fn add(&mut self, point: &Point<'_>, outcome: Result<Outcome, Failure>) {
        match outcome {
            Ok(Outcome::Came(came, aside)) => {
                self.put_aside += aside;
                match came {
                    Came::Through => self.through += 1,
                    Came::Refused => self.refused += 1,
                    Came::Killed => self.killed += 1,
                }
            }
            Ok(Outcome::NotReached) => self.not_reached.push(point.to_string()),
            Err(failure) => self.failures.push(format!("{point}: {failure}")),
        }
    }
}

fn run_one(stage: &Stage, point: &Point<'_>, number: usize) -> Result<Outcome, Failure> {
    let root = point.template.root.as_path();
    let points = root.ancestors().nth(2).unwrap_or(root).join("points");
    for again in 0..TRIES {
        let place = points.join(format!("{}-{number}-{again}", point.template.program.name));
        let site = point.template.copy(&place)?;
        let options = point.strace_options();
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let outcome = site.run_traced(&options).and_then(|finished| {
            let hit = point.hit(&site)?;
            let ran = Ran {
                template: point.template,
                finished,
                injected: point.fault.injected(),
                must_tell: hit == Hit::AsPlanned && point.fails_the_work(),
                call: point.call(),
            };
            // Also a fault at another call than planned must do no harm.
            let came = judged(&site, &ran).or_else(|failure| match &hit {
                Hit::Elsewhere(struck) => Err(failure).explain(format_args!("struck at {struck} instead")),
                _ => Err(failure),
            })?;
            Ok((hit, came))
        });
        let (hit, came) = outcome.or_else(|failure: Failure| {
            let by_hand = site.by_hand(root, &options)?;
            Err(fail(format!("{failure}\n    by hand: {by_hand}")))
        })?;
        let aside = put_aside(&site.data().join(".mooring/recovered"));
        fs::remove_dir_all(&site.root).explain(site.root.display())?;
        stage.check_time()?;
        if hit == Hit::AsPlanned {
            return Ok(Outcome::Came(came, aside));
        }
    }
    Ok(Outcome::NotReached)
}

fn judged(site: &super::program::Site<'_>, ran: &Ran<'_>) -> Result<Came, Failure> {
    let outcome = (site.program.check)(site, ran);
    outcome.map_err(|failure| fail(format!("{failure}\n    it had said: {}", ran.finished.said().trim_end())))
}

fn put_aside(recovered: &Path) -> usize {
    fs::read_dir(recovered).map_or(0, Iterator::count)
}

//! One pass over everything that was found.

use crate::bridge::Bridges;
use crate::facts::Facts;
use crate::grace::{Grace, Number};
use crate::leftovers::{Leftover, Restored, clear_temporary, original, restore};
use crate::retire::Aside;
use crate::rules::{Deletion, Root, Rules};
use crate::scan::{Found, FoundLock, Trouble, scan};
use crate::survey::{Depth, Known, survey};
use crate::verdict::{Reason, Verdict, judge};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a janitor remembers between sweeps: how long locks have been held, and lock files that were retired under somebody.
#[derive(Debug, Default)]
pub struct Janitor {
    bridges: Bridges,
    holds: Mutex<Holds>,
}

/// What one sweep did.
#[derive(Debug, Default)]
pub struct Sweep {
    /// Every lock file that was found, sorted by path.
    pub judged: Vec<Judged>,
    /// What killed writers and killed janitors had left, and what became of it.
    pub leftovers: Vec<Leftover>,
    /// What is not looked after, and why.
    pub passed_over: Vec<(PathBuf, Reason)>,
    /// What could not be done. What could not be scanned is told by [`Found`] alone.
    pub troubles: Vec<Trouble>,
    /// How long it took.
    pub took: Duration,
    /// How many retired lock files were still in use when it ended, and are served in turns with their successors.
    pub bridges_open: usize,
}

/// One lock file, and what became of it.
#[derive(Debug)]
pub struct Judged {
    /// Which.
    pub lock: FoundLock,
    /// What was known of it.
    pub facts: Facts,
    /// What followed from that.
    pub verdict: Verdict,
    /// What was done.
    pub outcome: Outcome,
}

/// What was done with a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing, because of the verdict or of what an attempt to retire it met.
    Kept(Reason),
    /// Nothing but the report.
    Reported,
    /// Nothing, because this was to be a report only.
    WouldRetire,
    /// It is gone.
    Retired,
    /// Somebody came while it was watched, and has it back.
    PutBack,
    /// Somebody came while it was watched, and others had made a new one meanwhile: both are served in turns.
    Bridged,
}

impl Janitor {
    /// A janitor that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges everything that was `found` and does what follows. `stop` is asked often: once it says yes, what is in its grace is put back
    /// where that is possible, and what was not begun is left.
    ///
    /// What was `found` may be swept again, as long as no folder changed.
    pub fn sweep(&self, found: &Found, rules: &Rules, stop: &(dyn Fn() -> bool + Sync)) -> Sweep {
        let started = Instant::now();
        let mut sweep = Sweep::default();
        let mut grace = Grace::new(rules, &self.bridges, stop);
        self.clear(found, rules, stop, &mut grace, &mut sweep);
        let (known, troubles) = survey(found, Depth::Listed, stop);
        sweep.troubles.extend(troubles);
        sweep.passed_over.extend(found.passed_over.iter().cloned());
        self.judge_all(known, rules, stop, grace, &mut sweep);
        sweep.bridges_open = self.bridges.count();
        sweep.took = started.elapsed();
        sweep
    }

    /// Puts right what a killed janitor left: to be called once at each start, before the first sweep. By rules that only report it is
    /// told, and stays. `stop` is as for [`sweep`](Self::sweep).
    pub fn put_right(&self, roots: &[Root], rules: &Rules, stop: &(dyn Fn() -> bool + Sync)) -> Sweep {
        let found = scan(roots, rules, stop);
        let started = Instant::now();
        let mut sweep = Sweep::default();
        let mut grace = Grace::new(rules, &self.bridges, stop);
        self.restore(&found.retired, rules, stop, &mut grace, &mut sweep);
        sweep.end_of(grace.end());
        sweep.troubles = found.troubles;
        sweep.bridges_open = self.bridges.count();
        sweep.took = started.elapsed();
        sweep
    }

    /// How many retired lock files are in use, and served in turns with their successors.
    pub fn bridges_open(&self) -> usize {
        self.bridges.count()
    }

    /// Waits until nobody uses a retired lock file any more, at most for `patience`, and says whether that is so.
    pub fn bridges_are_over_within(&self, patience: Duration) -> bool {
        self.bridges.are_over_within(patience)
    }

    /// Waits until nobody uses a retired lock file any more, at most for `patience`; returns how many were still used then. Those are known by
    /// their names to the next janitor, which goes on with them.
    pub fn finish(&self, patience: Duration) -> usize {
        self.bridges.finish(patience)
    }

    /// What killed writers and killed janitors left.
    fn clear(
        &self,
        found: &Found,
        rules: &Rules,
        stop: &dyn Fn() -> bool,
        grace: &mut Grace<'_>,
        sweep: &mut Sweep,
    ) {
        self.restore(&found.retired, rules, stop, grace, sweep);
        if rules.deletion == Deletion::ReportOnly {
            sweep.leftovers.extend(found.temporaries.iter().cloned().map(Leftover::Found));
            return;
        }
        for temporary in found.temporaries.iter().take_while(|_| !stop()) {
            match clear_temporary(temporary, rules) {
                Ok(cleared) => sweep.leftovers.extend(cleared),
                Err(trouble) => sweep.troubles.push(trouble),
            }
        }
    }

    fn restore(
        &self,
        retired: &[FoundLock],
        rules: &Rules,
        stop: &dyn Fn() -> bool,
        grace: &mut Grace<'_>,
        sweep: &mut Sweep,
    ) {
        if rules.deletion == Deletion::ReportOnly {
            sweep.leftovers.extend(retired.iter().map(|lock| Leftover::Found(lock.path.clone())));
            return;
        }
        let is_new = |lock: &&FoundLock| !self.bridges.is_open_for(&original(lock).path);
        for lock in retired.iter().filter(is_new).take_while(|_| !stop()) {
            match restore(lock, rules, &self.bridges) {
                Restored::Done(leftover) => sweep.leftovers.push(leftover),
                Restored::Watched(aside) => {
                    sweep.leftovers.push(Leftover::Cleared(lock.path.clone()));
                    grace.add(Number::Leftover(sweep.leftovers.len() - 1), aside);
                }
                // Gone, or ours in an earlier sweep over the same list.
                Restored::Left(Reason::Changed) => {}
                Restored::Left(reason) => sweep.passed_over.push((lock.path.clone(), reason)),
            }
        }
    }

    fn judge_all(
        &self,
        known: Vec<Known>,
        rules: &Rules,
        stop: &(dyn Fn() -> bool + Sync),
        mut grace: Grace<'_>,
        sweep: &mut Sweep,
    ) {
        let known = self.holds().note(known);
        for Known { lock, facts } in known {
            let verdict = judge(&facts, rules);
            let number = sweep.judged.len();
            let mut begin = || {
                if self.bridges.is_open_for(&lock.path) {
                    return Outcome::Kept(Reason::Bridged);
                }
                match Aside::begin(&lock, rules) {
                    Ok(aside) => grace.add(Number::Lock(number), aside),
                    Err(reason) => return Outcome::Kept(reason),
                }
                // Stands until its grace is over.
                Outcome::Retired
            };
            let outcome = match &verdict {
                Verdict::Keep(reason) => Outcome::Kept(reason.clone()),
                Verdict::Report(_) => Outcome::Reported,
                Verdict::Retire if rules.deletion == Deletion::ReportOnly => Outcome::WouldRetire,
                Verdict::Retire if stop() => Outcome::Kept(Reason::Stopping),
                Verdict::Retire => begin(),
            };
            sweep.judged.push(Judged { lock, facts, verdict, outcome });
            // Who comes for one of the first must not wait until the last is aside.
            if number.is_multiple_of(LOOK_EVERY) {
                grace.look();
            }
            if grace.is_full() {
                sweep.end_of(grace.end());
            }
        }
        sweep.end_of(grace.end());
    }

    fn holds(&self) -> MutexGuard<'_, Holds> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many lock files are moved aside between two looks at those that are.
const LOOK_EVERY: usize = 16;

/// Since when locks have been held by the same processes, as far as the sweeps saw: programs that write no record do not tell.
#[derive(Debug, Default)]
struct Holds(HashMap<PathBuf, (Vec<Option<i32>>, Instant)>);

impl Holds {
    fn note(&mut self, mut known: Vec<Known>) -> Vec<Known> {
        let mut seen = HashMap::new();
        for Known { lock, facts } in known.iter_mut().filter(|known| !known.facts.holders.is_empty()) {
            let pids: Vec<_> = facts.holders.iter().map(|holder| holder.pid).collect();
            let before = self.0.remove(&lock.path).filter(|(before, _)| *before == pids);
            let since = before.map_or_else(Instant::now, |(_, since)| since);
            facts.held_for = facts.held_for.or_else(|| Some(since.elapsed()));
            seen.insert(lock.path.clone(), (pids, since));
        }
        self.0 = seen;
        known
    }
}

impl Sweep {
    /// What became of the files that were in their grace.
    fn end_of(&mut self, fates: Vec<(Number, Outcome)>) {
        for (number, outcome) in fates {
            match number {
                Number::Lock(number) => {
                    if let Some(judged) = self.judged.get_mut(number) {
                        judged.outcome = outcome;
                    }
                }
                Number::Leftover(number) => {
                    if let Some(leftover) = self.leftovers.get_mut(number) {
                        *leftover = leftover.clone().but(&outcome);
                    }
                }
            }
        }
    }

    /// How many lock files met this fate.
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.judged.iter().filter(|judged| is(&judged.outcome)).count()
    }
}

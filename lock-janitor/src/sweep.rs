//! One pass over everything that was found.

use crate::facts::Facts;
use crate::rules::{Root, Rules};
use crate::scan::{Found, FoundLock, Trouble};
use crate::verdict::{Reason, Verdict};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a janitor remembers between sweeps: how long locks have been held, and lock files that were retired under somebody.
#[derive(Debug, Default)]
pub struct Janitor {}

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

/// Something that was left behind, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leftover {
    /// A killed writer's temporary, whose bytes are kept elsewhere or which had none.
    Removed(PathBuf),
    /// A killed writer's temporary that may be the only copy of something.
    PutAside {
        /// Where it stood.
        from: PathBuf,
        /// Where it is now.
        to: PathBuf,
    },
    /// A retired lock file that a killed janitor had left, and that stands in its old place again.
    Restored(PathBuf),
    /// The same, where others had made a new one meanwhile and nobody used the old one: it is gone.
    Cleared(PathBuf),
    /// The same, and somebody still used it: both are served in turns.
    Bridged(PathBuf),
    /// It would be cleared, but this was to be a report only.
    Found(PathBuf),
}

impl Janitor {
    /// A janitor that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges everything that was `found` and does what follows. `stop` is asked often: once it says yes, the grace that runs is ended by
    /// putting everything back, and what was not begun is left.
    /// What was `found` may be swept again, as long as no folder changed.
    pub fn sweep(&self, _found: &Found, rules: &Rules, stop: &(dyn Fn() -> bool + Sync)) -> Sweep {
        let (started, _) = (Instant::now(), (rules, stop()));
        Sweep { took: started.elapsed(), ..Sweep::default() }
    }

    /// Puts right what a killed janitor left: to be called once at each start, before the first sweep.
    pub fn put_right(&self, _roots: &[Root], _rules: &Rules) -> Sweep {
        Sweep::default()
    }

    /// Ends the bridges that are still open, waiting at most for `patience`; returns how many retired lock files somebody still used then.
    pub fn finish(&self, _patience: Duration) -> usize {
        0
    }
}

impl Sweep {
    /// How many lock files met this fate.
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.judged.iter().filter(|judged| is(&judged.outcome)).count()
    }
}

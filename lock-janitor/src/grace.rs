//! The grace: everything that is aside at one time is watched together, for as long as somebody may need who had looked up a name
//! just before it went.

use crate::bank::Bank;
use crate::bridge::{Bridges, Old};
use crate::retire::{Aside, PutBack, failed};
use crate::rules::Rules;
use crate::sweep::Outcome;
use crate::verdict::Reason;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// At most this many at once: each keeps a descriptor open, of which a process often has 1,024.
pub(crate) const TOGETHER: usize = 500;
/// How long somebody who opens a file in its grace waits at most until it is seen.
const LOOK: Duration = Duration::from_millis(2);
/// How long a grace goes on, when the program is to end, for files that cannot be put back.
const LAST: Duration = Duration::from_secs(3);

/// By what the fate of a file is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    /// Its place among all that were judged.
    Lock(usize),
    /// Its place among what was left behind.
    Leftover(usize),
}

type Watched = Vec<(Number, Aside)>;

/// Lock files that are aside, each with the number that its fate is told by.
pub(crate) struct Grace<'a> {
    rules: &'a Rules,
    bridges: &'a Bridges,
    stop: &'a (dyn Fn() -> bool + Sync),
    aside: Watched,
    fates: Vec<(Number, Outcome)>,
}

impl<'a> Grace<'a> {
    pub(crate) fn new(rules: &'a Rules, bridges: &'a Bridges, stop: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { rules, bridges, stop, aside: Vec::new(), fates: Vec::new() }
    }

    pub(crate) fn add(&mut self, number: Number, aside: Aside) {
        self.aside.push((number, aside));
    }

    pub(crate) fn is_full(&self) -> bool {
        self.aside.len() >= TOGETHER
    }

    /// Serves those who came for one of the files.
    pub(crate) fn look(&mut self) {
        let (wanted, quiet) = self.aside.drain(..).partition(|(_, aside)| aside.is_wanted());
        self.aside = quiet;
        self.give_back(wanted);
    }

    /// Watches until the grace is over, and removes what nobody came for. Returns what became of each.
    pub(crate) fn end(&mut self) -> Vec<(Number, Outcome)> {
        let end = Instant::now() + self.rules.grace;
        let mut is_stopping = false;
        while !self.aside.is_empty() && Instant::now() < end {
            self.look();
            if !is_stopping && (self.stop)() {
                is_stopping = true;
                let all = std::mem::take(&mut self.aside);
                self.put_back_or_keep(all);
                let last = Instant::now() + LAST;
                if last < end {
                    // Too long to wait for; the next janitor finds them and begins with a whole grace.
                    self.leave_aside_after(last);
                    return std::mem::take(&mut self.fates);
                }
            }
            thread::sleep(LOOK.min(self.rules.grace / 8).min(end.saturating_duration_since(Instant::now())));
        }
        self.look();
        self.remove_all();
        std::mem::take(&mut self.fates)
    }

    /// What can be put back is; the rest, whose names are taken, is watched on.
    fn put_back_or_keep(&mut self, all: Watched) {
        for (number, aside) in all {
            match aside.put_back() {
                PutBack::Done => self.fates.push((number, Outcome::PutBack)),
                PutBack::Taken(aside) | PutBack::Failed(aside, _) => self.aside.push((number, aside)),
            }
        }
    }

    fn leave_aside_after(&mut self, end: Instant) {
        while !self.aside.is_empty() && Instant::now() < end {
            self.look();
            thread::sleep(LOOK);
        }
        for (number, aside) in self.aside.drain(..) {
            let what = format!("the program ended in its grace; left as {}", aside.path.display());
            self.fates.push((number, Outcome::Kept(Reason::Failed { what })));
        }
    }

    fn give_back(&mut self, wanted: Watched) {
        for (number, aside) in wanted {
            let outcome = match aside.put_back() {
                PutBack::Done => Outcome::PutBack,
                // A bridge tries the rename again and again, too.
                PutBack::Taken(aside) | PutBack::Failed(aside, _) => self.bridge(aside),
            };
            self.fates.push((number, outcome));
        }
    }

    fn bridge(&self, aside: Aside) -> Outcome {
        match self.bridges.open(Old::Locked(aside), self.rules.grace) {
            Ok(()) => Outcome::Bridged,
            Err(error) => Outcome::Kept(failed("cannot start a thread that serves its users", &error)),
        }
    }

    /// Totals first, then the files: what is gone cannot be counted any more.
    fn remove_all(&mut self) {
        let mut by_root: Vec<(Arc<Path>, Watched)> = Vec::new();
        for (number, aside) in self.aside.drain(..) {
            match by_root.iter_mut().find(|(root, _)| *root == aside.lock.root) {
                Some((_, those)) => those.push((number, aside)),
                None => by_root.push((Arc::clone(&aside.lock.root), vec![(number, aside)])),
            }
        }
        for (root, those) in by_root {
            let totals =
                those.iter().filter_map(|(_, aside)| Some((aside.lock.path.as_path(), aside.totals?)));
            match Bank::of(&root).add(totals) {
                Ok(()) => {
                    those.iter().for_each(|(_, aside)| aside.forget_totals());
                    self.remove(those);
                }
                Err(error) => self.keep_all(those, &root, &error),
            }
        }
    }

    fn remove(&mut self, those: Watched) {
        for (number, aside) in those {
            // The last look. Writing the totals took its time.
            if aside.is_wanted() {
                self.give_back(vec![(number, aside)]);
                continue;
            }
            let outcome = match aside.remove() {
                Ok(Ok(())) => Outcome::Retired,
                Ok(Err(wanted)) => self.bridge(wanted),
                Err(error) => Outcome::Kept(failed("cannot remove it", &error)),
            };
            self.fates.push((number, outcome));
        }
    }

    fn keep_all(&mut self, those: Watched, root: &Path, error: &std::io::Error) {
        let what = format!("its totals cannot be kept in {}: {error}", Bank::of(root).path().display());
        for (number, aside) in those {
            let outcome = match aside.put_back() {
                PutBack::Done => Outcome::Kept(Reason::Failed { what: what.clone() }),
                PutBack::Taken(aside) if aside.is_wanted() => self.bridge(aside),
                // A new one stands there, and nobody uses this one; only its totals would be lost.
                PutBack::Taken(aside) | PutBack::Failed(aside, _) => {
                    let what = format!("{what}; left as {}", aside.path.display());
                    Outcome::Kept(Reason::Failed { what })
                }
            };
            self.fates.push((number, outcome));
        }
    }
}

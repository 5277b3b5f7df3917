//! One task, attempt by attempt: when each can have begun at the earliest, and when it can have come to an end.
//!
//! All that limits an instant from below is collected as the walk goes on; it is given the earliest one that is allowed. If even
//! that comes after the answer, there is no legal order.

use super::unanswered::Missing;
use super::{Answer, Asked, Ending, GRAIN, History, What};
use std::collections::BTreeMap;

/// What is left to be said of a task that is right as far as it goes.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) missing: Vec<Missing>,
    pub(super) takeovers: u64,
}

pub(super) fn judge(history: &History, id: &str, ending: &Ending) -> Result<Judged, String> {
    let mut walk = Walk::new(history, id)?;
    let asked_last = walk.claims.keys().chain(walk.held.keys()).copied().max().unwrap_or(0);
    let last = asked_last.max(ending.attempt.unwrap_or(0));
    let mut frees = Vec::new();
    for attempt in 1..=last {
        let hold = match walk.claims.get(&attempt) {
            Some(claim) => walk.begin(attempt, claim)?,
            None => walk.begin_unanswered(attempt)?,
        };
        walk.free = walk.end(attempt, &hold)?;
        if hold.claim.is_none() {
            walk.free.surely = None;
        }
        frees.push((attempt, walk.free.at));
        if attempt < last {
            walk.goes_on(attempt)?;
        }
    }
    // After the rest: who was turned away was so because of a takeover, and if that was wrong it is what there is to tell.
    for (attempt, free) in frees {
        walk.refusals(attempt, last, free)?;
    }
    walk.ends(last, ending)?;
    Ok(walk.judged)
}

/// From when on the task can be claimed.
struct Free {
    /// Not before this time.
    at: u64,
    /// From this time on for sure, if that is known.
    surely: Option<u64>,
    why: Why,
    lines: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Never,
    Released,
    Finished,
    Lapsed,
    Heard,
    Dead,
    Alive,
}

/// A claim as it begins.
struct Hold<'a> {
    at: u64,
    /// Whose it is, if it is known.
    claim: Option<&'a Asked>,
    /// When it ends if nothing more is heard of it.
    end: Free,
}

struct Walk<'a> {
    history: &'a History,
    id: &'a str,
    /// The granted claims.
    claims: BTreeMap<u64, &'a Asked>,
    /// What was asked with each attempt, in that order.
    held: BTreeMap<u64, Vec<&'a Asked>>,
    /// The claims without an answer that may have got this task.
    unanswered: Vec<(usize, &'a Asked)>,
    free: Free,
    judged: Judged,
}

impl<'a> Walk<'a> {
    fn new(history: &'a History, id: &'a str) -> Result<Self, String> {
        let mut claims: BTreeMap<u64, &Asked> = BTreeMap::new();
        let mut held: BTreeMap<u64, Vec<&Asked>> = BTreeMap::new();
        let mut unanswered = Vec::new();
        for (place, asked) in history.asked.iter().enumerate() {
            let is_this = asked.id.as_deref() == Some(id);
            match (asked.what, asked.attempt) {
                (What::Claim(_), Some(attempt)) if is_this => match claims.get(&attempt) {
                    // Who claims again what is theirs gets the same claim.
                    Some(first) if first.who == asked.who => held.entry(attempt).or_default().push(asked),
                    Some(first) => {
                        let what = format!("attempt {attempt} was given to two");
                        return Err(history.told(&what, &[first.lines(), asked.lines()].concat()));
                    }
                    None => drop(claims.insert(attempt, asked)),
                },
                (What::Claim(_), None) if asked.is_unanswered() && (is_this || asked.id.is_none()) => {
                    unanswered.push((place, asked));
                }
                (_, Some(attempt)) if is_this => held.entry(attempt).or_default().push(asked),
                _ => {}
            }
        }
        let free = Free { at: 0, surely: Some(0), why: Why::Never, lines: Vec::new() };
        Ok(Self { history, id, claims, held, unanswered, free, judged: Judged::default() })
    }

    fn held(&self, attempt: u64) -> &[&'a Asked] {
        self.held.get(&attempt).map_or(&[], Vec::as_slice)
    }

    fn begin(&mut self, attempt: u64, claim: &'a Asked) -> Result<Hold<'a>, String> {
        let at = self.free.at.max(claim.asked.at);
        if claim.latest().is_none_or(|latest| at > latest) {
            let what = format!("attempt {attempt} was given away {}", before(self.free.why));
            return Err(self.history.told(&what, &[self.free.lines.clone(), claim.lines()].concat()));
        }
        self.nobody_was_refused(claim)?;
        self.judged.takeovers += u64::from(matches!(self.free.why, Why::Lapsed | Why::Heard | Why::Dead));
        let end = match claim.what {
            What::Claim(Some(lease)) => lapse(at, lease, claim),
            _ => self.death(claim),
        };
        Ok(Hold { at, claim: Some(claim), end })
    }

    /// Nobody was told of this attempt; it must be one of those whose answer was lost.
    fn begin_unanswered(&mut self, attempt: u64) -> Result<Hold<'a>, String> {
        let later = self.claims.range(attempt..).filter_map(|(_, claim)| claim.latest()).min();
        let (from, to) = (self.free.at, later.unwrap_or(u64::MAX));
        let fits = |asked: &Asked| asked.asked.at <= to && asked.latest().is_some_and(|until| until >= from);
        let candidates: Vec<(usize, &Asked)> =
            self.unanswered.iter().copied().filter(|(_, asked)| fits(asked)).collect();
        let begin = |asked: &Asked| from.max(asked.asked.at);
        let ends = candidates.iter().map(|(_, asked)| match asked.what {
            What::Claim(Some(lease)) => lapse(begin(asked), lease, asked),
            _ => self.death(asked),
        });
        let earliest = candidates.iter().map(|(_, asked)| begin(asked)).min();
        let Some((at, end)) = earliest.zip(ends.min_by_key(|end| end.at)) else {
            let next = self.claims.range(attempt..).next().map(|(_, claim)| claim.lines());
            let what = format!("attempt {attempt} was given to nobody");
            return Err(self.history.told(&what, &next.unwrap_or_default()));
        };
        self.judged.missing.push(Missing {
            place: format!("attempt {attempt} of {}", self.id),
            candidates: candidates.iter().map(|(place, _)| *place).collect(),
        });
        Ok(Hold { at, claim: None, end })
    }

    /// The end of a claim that lasts as long as its processes.
    fn death(&self, claim: &Asked) -> Free {
        let alive = Free { at: u64::MAX, surely: None, why: Why::Alive, lines: claim.lines() };
        let Some(kill) = self.history.kills.get(&claim.who) else { return alive };
        let work = self.history.work.iter().find(|work| {
            (work.who.as_str(), work.id.as_str(), Some(work.attempt))
                == (claim.who.as_str(), self.id, claim.attempt)
        });
        // A task that did not come to its end was killed too, if nothing is left of that life.
        let task_end = match work.map(|work| work.ended) {
            None => kill.killing,
            Some(Some(ended)) => ended,
            Some(None) if kill.killed.is_some() => kill.killing,
            Some(None) => return alive,
        };
        let lines = vec![claim.asked.line, kill.killing.line, task_end.line];
        // A process that has let go of its locks may still be on its way out.
        Free { at: kill.killing.at.max(task_end.at), surely: None, why: Why::Dead, lines }
    }

    /// Goes through what was asked with `attempt`, and says from when on another one can be given away.
    fn end(&self, attempt: u64, hold: &Hold<'a>) -> Result<Free, String> {
        let Hold { mut at, .. } = *hold;
        let (mut end_at, mut surely, mut why) = (hold.end.at, hold.end.surely, hold.end.why);
        let mut lines = hold.end.lines.clone();
        let mut last = hold.claim;
        let mut finish: Option<&Asked> = None;
        for asked in self.held(attempt) {
            at = if asked.is_granted() { at.max(asked.asked.at) } else { at };
            match (asked.what, asked.is_granted(), finish) {
                // To say once more that it is finished, for instance because the answer was lost, is no second end.
                (What::Done | What::Fail, true, Some(first)) if first.what == asked.what => {}
                (_, true, Some(first)) => {
                    let what = format!("attempt {attempt} had ended, and was acted on");
                    return Err(self.history.told(&what, &[first.lines(), asked.lines()].concat()));
                }
                (What::Done | What::Fail | What::Release, true, None) => finish = Some(asked),
                (What::Heartbeat(lease) | What::Claim(Some(lease)), true, None) => {
                    let end = lapse(at, lease, asked);
                    (end_at, lines) = (end.at, end.lines);
                    surely = surely.max(end.surely);
                }
                (What::Heartbeat(lease), false, None) if asked.is_unanswered() => {
                    let end = lapse(at.max(asked.asked.at), lease, asked);
                    end_at = end_at.min(end.at);
                    surely = surely.max(end.surely);
                }
                (What::Release, false, None) if asked.is_unanswered() => {
                    end_at = end_at.min(asked.asked.at);
                }
                _ => {}
            }
            last = if asked.is_granted() { Some(asked) } else { last };
        }
        surely = surely.map(|surely| surely.max(self.claimed_again_at_the_latest(hold).unwrap_or(0)));
        if let Some(finish) = finish {
            let released = finish.what == What::Release;
            (end_at, why) = if released { (at, Why::Released) } else { (u64::MAX, Why::Finished) };
            let surely = finish.latest().filter(|_| released);
            return Ok(Free { at: end_at, surely, why, lines: finish.lines() });
        }
        if at > end_at {
            (end_at, why) = (at, Why::Heard);
            lines = last.map(Asked::lines).unwrap_or_default();
        }
        Ok(Free { at: end_at, surely: surely.map(|surely| surely.max(at)), why, lines })
    }

    /// Until when the lease runs if its holder claimed the task again without hearing the answer.
    fn claimed_again_at_the_latest(&self, hold: &Hold<'a>) -> Option<u64> {
        let holder = hold.claim?.who.as_str();
        let again =
            self.unanswered.iter().filter(|(_, asked)| asked.who == holder && asked.asked.at >= hold.at);
        again
            .filter_map(|(_, asked)| match asked.what {
                What::Claim(Some(lease)) if asked.id.is_some() => lapse(hold.at, lease, asked).surely,
                _ => None,
            })
            .max()
    }

    /// Whoever was turned away with `attempt` had lost it before, or at least at the same time.
    fn refusals(&self, attempt: u64, last: u64, free: u64) -> Result<(), String> {
        let next = self.claims.get(&(attempt + 1)).map_or(0, |claim| claim.asked.at);
        let taken_over = (attempt < last).then(|| next.max(free));
        let ends = |what| matches!(what, What::Done | What::Fail | What::Release);
        let held = self.held(attempt);
        for (place, asked) in held.iter().enumerate() {
            let Answer::Refused(moment) = asked.answer else { continue };
            let ended = held.iter().take(place).any(|other| ends(other.what) && other.latest().is_some());
            if !ended && taken_over.is_none_or(|at| at > moment.at) {
                let what = format!("attempt {attempt} was turned away although it was the holder's");
                return Err(self.history.told(&what, &asked.lines()));
            }
        }
        Ok(())
    }

    /// That a task which is claimed once more had not been finished.
    fn goes_on(&self, attempt: u64) -> Result<(), String> {
        if self.free.why != Why::Finished {
            return Ok(());
        }
        let next = self.claims.get(&(attempt + 1));
        let finished_at = self.held(attempt).iter().rev().find(|asked| asked.is_granted());
        let stale = next.zip(finished_at).is_some_and(|(next, finish)| next.latest() < Some(finish.asked.at));
        let what = if stale {
            format!("attempt {attempt} finished the task after attempt {} had begun", attempt + 1)
        } else {
            format!("attempt {} was given away after the task was finished", attempt + 1)
        };
        let next = next.map(|next| next.lines()).unwrap_or_default();
        Err(self.history.told(&what, &[self.free.lines.clone(), next].concat()))
    }

    /// That nobody was told that there is nothing to be had while this task was free for sure, which it was until `claim` was asked.
    fn nobody_was_refused(&self, claim: &Asked) -> Result<(), String> {
        let Some(free) = self.free.surely else { return Ok(()) };
        let until = claim.asked.at;
        for asked in self.history.asked.iter().filter(|asked| matches!(asked.what, What::Claim(_))) {
            let refused = match asked.answer {
                Answer::Refused(moment) if asked.id.as_deref() == Some(self.id) => moment,
                Answer::Nothing(moment) => moment,
                _ => continue,
            };
            if asked.asked.at > free.saturating_add(GRAIN) && refused.at < until {
                let lines = [self.free.lines.clone(), asked.lines(), claim.lines()].concat();
                return Err(self.history.told("a claim was refused although the task was free", &lines));
            }
        }
        Ok(())
    }

    /// That the file says at the end what was said last.
    fn ends(&self, last: u64, ending: &Ending) -> Result<(), String> {
        let found = ending.attempt.unwrap_or(0);
        if found != last {
            let lines = self.claims.get(&last).map(|claim| claim.lines()).unwrap_or_default();
            let what = format!("the file ends with attempt {found}, but attempt {last} was claimed");
            return Err(self.history.told(&what, &lines));
        }
        let held = self.held(last);
        let status = ending.status.as_str();
        let says = |what: What| match what {
            What::Done => status == "completed",
            What::Fail => status == "failed",
            What::Release => status == "pending",
            _ => false,
        };
        let finish = held.iter().find(|asked| {
            asked.is_granted() && matches!(asked.what, What::Done | What::Fail | What::Release)
        });
        let right = match finish {
            Some(finish) => says(finish.what),
            None if matches!(status, "claimed" | "in_progress") => last > 0,
            None if last == 0 => status == "pending",
            None => held.iter().any(|asked| asked.is_unanswered() && says(asked.what)),
        };
        if right {
            return Ok(());
        }
        let lines: Vec<usize> = held.iter().flat_map(|asked| asked.lines()).collect();
        let what = format!("the file ends with {status}, which attempt {last} was not told or did not say");
        Err(self.history.told(&what, &lines))
    }
}

/// The end of a lease that is written down at `at` or later, by `asked`.
fn lapse(at: u64, lease: u64, asked: &Asked) -> Free {
    let surely = asked.latest().map(|latest| latest.saturating_add(lease).saturating_add(GRAIN));
    let end = at.saturating_add(lease).saturating_sub(GRAIN);
    Free { at: end, surely, why: Why::Lapsed, lines: asked.lines() }
}

fn before(why: Why) -> &'static str {
    match why {
        Why::Never => "before it was asked for",
        Why::Released => "before the one before was given back",
        Why::Finished => "although the task was finished",
        Why::Lapsed => "before the lease of the one before had run out",
        Why::Heard => "before the last word of the one before, which was accepted",
        Why::Dead => "while the holder of the one before, or its task, still lived",
        Why::Alive => "while the holder of the one before lives",
    }
}

//! Whether what holders, killers and tasks wrote down can have happened under the rules of claims.
//!
//! Everybody writes lines of their own: a time on a clock that all processes of a machine share (nanoseconds), who writes, and what.
//! A holder does one thing at a time, and has one name for each life.
//!
//! | line | meaning |
//! |---|---|
//! | `T WHO asked claim ID LEASE_MS` | asks for a task by name, or for the next one (`-`); of what is held already the lease runs anew |
//! | `T WHO asked run ID` | the same for a claim without a lease, which lasts as long as its processes |
//! | `T WHO asked heartbeat ID ATTEMPT LEASE_MS` | wants the lease to run anew |
//! | `T WHO asked start/done/fail/release ID ATTEMPT` | |
//! | `T WHO got ID ATTEMPT` | the claim was granted; after `run`: and the task has completed |
//! | `T WHO ok`, `T WHO refused`, `T WHO nothing` | the other answers |
//! | `T WHO lost` | the program was killed before it could answer |
//! | `T WHO started ID ATTEMPT`, `T WHO ended ID ATTEMPT` | the work itself |
//! | `T WHO killing`, `T WHO killed` | by the killer: the signal is about to be sent; no process of this life is left |
//!
//! What was asked took effect at one instant between the question and its answer. Without an answer it may have taken effect until
//! the process was gone, or not at all. The judge looks for such instants, task by task and attempt by attempt: each attempt
//! belongs to one holder, begins after the one before it has come to an end, and nobody else's word counts meanwhile.

mod parse;
mod task;
#[cfg(test)]
mod tests;
mod unanswered;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The queue stores times in milliseconds, and the two clocks may drift apart a little.
const GRAIN: u64 = 2_000_000;

/// What everybody wrote down, as questions with their answers.
pub(crate) struct History {
    lines: Vec<String>,
    asked: Vec<Asked>,
    work: Vec<Work>,
    kills: HashMap<String, Kill>,
}

/// An instant, and the line that tells of it.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: u64,
    line: usize,
}

/// One question.
struct Asked {
    who: String,
    what: What,
    /// Of a claim for the next task: once it is granted.
    id: Option<String>,
    /// Of a claim: once it is granted.
    attempt: Option<u64>,
    asked: Moment,
    answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// With how long the lease runs; `None` for one that lasts as long as its processes.
    Claim(Option<u64>),
    Heartbeat(u64),
    Start,
    Done,
    Fail,
    Release,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Yes(Moment),
    Refused(Moment),
    /// There was no task to be had.
    Nothing(Moment),
    /// Nobody knows. It took no effect after this time.
    None {
        until: u64,
    },
}

/// A stretch of work in one attempt.
struct Work {
    who: String,
    id: String,
    attempt: u64,
    started: Moment,
    ended: Option<Moment>,
}

struct Kill {
    killing: Moment,
    killed: Option<Moment>,
}

/// What the queue's file says of a task when all is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) status: String,
    pub(crate) attempt: Option<u64>,
}

/// The endings of all tasks in a queue's data, as another reader than ours has found it.
pub(crate) fn endings(queue: &Value) -> Result<BTreeMap<String, Ending>, String> {
    let tasks = queue["tasks"].as_array().ok_or("the file has no tasks any more")?;
    let ending = |task: &Value| {
        let text = |key: &str| task[key].as_str().map(str::to_owned);
        let (id, status) = text("id").zip(text("status")).ok_or_else(|| format!("{task} is no task"))?;
        Ok((id, Ending { status, attempt: task["attempt"].as_u64() }))
    };
    tasks.iter().map(ending).collect()
}

/// What a legal history has to show, so that one in which nothing happened is not taken for a good one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) claims: u64,
    pub(crate) finished: u64,
    /// Claims of a task whose holder had not ended its claim.
    pub(crate) takeovers: u64,
    /// Holders that came too late and were told so.
    pub(crate) refused: u64,
    /// Questions whose answer never came.
    pub(crate) unanswered: u64,
}

impl History {
    /// That there is an order in which all this is right, which ends as the file says.
    pub(crate) fn judge(&self, endings: &BTreeMap<String, Ending>) -> Result<Shown, String> {
        self.work_was_claimed()?;
        let mut missing = Vec::new();
        let mut shown = Shown::default();
        let named = self.asked.iter().filter_map(|asked| asked.id.as_deref());
        let ids: BTreeSet<&str> = named.chain(endings.keys().map(String::as_str)).collect();
        for id in ids {
            let ending = endings.get(id).ok_or_else(|| format!("{id} is not in the file at the end"))?;
            let task = task::judge(self, id, ending).map_err(|why| format!("{id}: {why}"))?;
            missing.extend(task.missing);
            shown.takeovers += task.takeovers;
        }
        unanswered::explain(&missing).map_err(|place| {
            format!("{place} was given to nobody: too few claims were left without an answer")
        })?;
        for asked in &self.asked {
            let is_claim = matches!(asked.what, What::Claim(_));
            match asked.answer {
                Answer::Yes(_) if is_claim => shown.claims += 1,
                Answer::Yes(_) if matches!(asked.what, What::Done | What::Fail) => shown.finished += 1,
                Answer::Refused(_) if !is_claim => shown.refused += 1,
                Answer::None { .. } => shown.unanswered += 1,
                _ => {}
            }
        }
        Ok(shown)
    }

    fn work_was_claimed(&self) -> Result<(), String> {
        for work in &self.work {
            let is_its_claim = |asked: &&Asked| {
                matches!(asked.what, What::Claim(_))
                    && matches!(asked.answer, Answer::Yes(_))
                    && (asked.who.as_str(), asked.id.as_deref(), asked.attempt)
                        == (work.who.as_str(), Some(work.id.as_str()), Some(work.attempt))
            };
            if !self.asked.iter().any(|asked| is_its_claim(&asked)) {
                let what = format!("{} was worked on in an attempt that {} never claimed", work.id, work.who);
                return Err(self.told(&what, &[work.started.line]));
            }
        }
        Ok(())
    }

    /// What is wrong, with the lines that show it.
    fn told(&self, what: &str, lines: &[usize]) -> String {
        let lines: BTreeSet<usize> = lines.iter().copied().collect();
        let lines = lines.iter().filter_map(|line| self.lines.get(*line));
        lines.fold(what.to_owned(), |told, line| format!("{told}\n    {line}"))
    }
}

impl Asked {
    /// The lines of the question and of its answer.
    fn lines(&self) -> Vec<usize> {
        match self.answer {
            Answer::Yes(moment) | Answer::Refused(moment) | Answer::Nothing(moment) => {
                vec![self.asked.line, moment.line]
            }
            Answer::None { .. } => vec![self.asked.line],
        }
    }

    /// The latest instant at which it can have taken effect; `None` if it has not.
    fn latest(&self) -> Option<u64> {
        match self.answer {
            Answer::Yes(moment) => Some(moment.at),
            Answer::None { until } => Some(until),
            Answer::Refused(_) | Answer::Nothing(_) => None,
        }
    }

    fn is_granted(&self) -> bool {
        matches!(self.answer, Answer::Yes(_))
    }

    fn is_unanswered(&self) -> bool {
        matches!(self.answer, Answer::None { .. })
    }
}

//! A hundred processes claim one task in the same moment, and forty claim fifteen.
//!
//! Somebody has the queue's lock until all of them wait for it, so that none is through before another one comes. With names of their own
//! they are a hundred agents; without any they all bear the name that is made from the process that started them.

use crate::engine::{
    Client, Explain, Failure, Finished, Invariant, Running, Scenario, Stage, Tool, Verdict, fail,
};
use crate::judges::event_records::EventRecords;
use crate::judges::queue::same_but_for;
use crate::judges::{leftovers, queue_text};
use crate::scenarios::queue_work::no_lock_is_held;
use crate::scenarios::thirty_claims::claimed;
use lock_core::{LockFile, Wait};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "claim-race",
    proves: "of a hundred that claim one task one gets it, named or not; of forty that claim fifteen each gets another one or none",
    clients: &[Client::Queue],
    faults: &[],
    upholds: &[Invariant::OneHoldOneRead, Invariant::OneHolder],
    processes: &[100],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const READY: usize = 15;
const CLAIMERS: u16 = 40;

/// Exit codes as `queue --help` tells them.
const DONE: i32 = 0;
const NOTHING: i32 = 3;
const CONFLICT: i32 = 4;

/// What a race is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prize {
    /// The one task, by agents with names of their own.
    OneByName,
    /// The one task, by processes that give no name.
    One,
    /// Whatever is next.
    Next,
}

impl Prize {
    const ALL: [Self; 3] = [Self::OneByName, Self::One, Self::Next];

    fn name(self) -> &'static str {
        match self {
            Self::OneByName => "one-by-name",
            Self::One => "one",
            Self::Next => "next",
        }
    }

    fn ready(self) -> usize {
        if self == Self::Next { READY } else { 1 }
    }

    /// How those end who get nothing.
    fn losers_exit(self) -> i32 {
        if self == Self::Next { NOTHING } else { CONFLICT }
    }
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let rounds = stage.rounds(1, 6);
    for round in 0..rounds {
        for prize in Prize::ALL {
            let name = format!("{round}-{}", prize.name());
            stage.step(&name);
            race(stage, prize, &name).explain(&name)?;
        }
    }
    Ok(format!(
        "{rounds} times: {} over 1 task with names and without, {CLAIMERS} over {READY}",
        stage.processes()
    )
    .into())
}

fn race(stage: &Stage, prize: Prize, name: &str) -> Result<(), Failure> {
    let folder = stage.data().join(name);
    fs::create_dir(&folder).explain(folder.display())?;
    let file = folder.join("q.yaml");
    let before = queue_text(prize.ready());
    fs::write(&file, &before)?;
    let data_before = stage.pyyaml(&file)?;

    let runners = if prize == Prize::Next { CLAIMERS } else { stage.processes() };
    let lock = LockFile::guarding(&file);
    let held = lock.exclusive(Wait::Never).explain("the lock of a queue that nobody knows yet")?;
    let mut line = Vec::new();
    for number in 0..runners {
        line.push(start(stage, prize, &folder, &format!("{name}-{number}"))?);
    }
    wait_for_all(stage, &lock, &mut line)?;
    drop(held);
    let ended: Vec<Finished> = line.into_iter().map(Running::finish).collect::<Result<_, _>>()?;

    let ended = ended.iter().map(answer).collect::<Result<Vec<_>, _>>()?;
    let winners = judge(&ended, prize.ready(), prize.losers_exit()).map_err(fail)?;
    let ran: BTreeSet<&str> = winners.iter().map(String::as_str).collect();
    let after = fs::read_to_string(&file)?;
    let only = queue_text::only_transitions(&before, &after, &ran);
    only.map_err(fail).explain("in the file's text")?;
    let same = same_but_for(&data_before, &stage.pyyaml(&file)?, &ran, "claimed");
    same.map_err(fail).explain("in the data that PyYAML finds")?;
    let log = stage.pyyaml(&folder.join("events.yaml"))?;
    let once = EventRecords::of(&log).and_then(|log| log.exactly_once(&ran, &["claimed"]));
    once.map_err(fail).explain("in events.yaml")?;
    leftovers::none(&folder).map_err(fail)?;
    no_lock_is_held(&folder)
}

/// Ready tasks among others, with comments.
fn queue_text(ready: usize) -> String {
    let mut text = String::from("# To be had.\ntasks:\n  - id: DONE-1\n    status: completed\n");
    for n in 1..=ready {
        text.push_str(&format!(
            "  # Number {n}.\n  - id: READY-{n}\n    title: \"Task {n}\"\n    status: pending   # free\n    blockedBy: [DONE-1]\n"
        ));
    }
    text + "  - id: LATER-1\n    status: pending\n    blockedBy: [READY-1]\n"
}

fn start(stage: &Stage, prize: Prize, folder: &Path, name: &str) -> Result<Running, Failure> {
    let mut queue = stage.program("queue")?;
    queue.current_dir(folder).args(["-f", "q.yaml", "--lock-timeout", "100s", "--json", "claim"]);
    match prize {
        Prize::OneByName => queue.args(["READY-1", "--agent", name]),
        Prize::One => queue.arg("READY-1"),
        Prize::Next => queue.arg("--next"),
    };
    stage.start(&mut queue, name)
}

/// Until all wait for the lock. Whoever is through before it was given back has claimed without it.
fn wait_for_all(stage: &Stage, lock: &LockFile, line: &mut [Running]) -> Result<(), Failure> {
    stage.until(|| {
        for runner in &mut *line {
            if !runner.is_running()? {
                return Err(fail(format!("{} did not wait for the lock", runner.name())));
            }
        }
        let waiting: BTreeSet<u32> =
            lock.waiters().iter().filter_map(|waiter| u32::try_from(waiter.pid?).ok()).collect();
        Ok(line.iter().all(|runner| waiting.contains(&runner.pid())))
    })
}

/// How one ended: its exit code, and the claim that it printed.
type Answer = (Option<i32>, Option<(String, u64)>);

fn answer(runner: &Finished) -> Result<Answer, Failure> {
    let code = runner.status.code();
    let claim = match code {
        Some(DONE) => Some(claimed(&runner.stdout).explain(&runner.name)?),
        Some(NOTHING | CONFLICT) if runner.stdout.is_empty() => None,
        _ => return Err(fail(format!("{} ended with {}: {}", runner.name, runner.status, runner.said()))),
    };
    Ok((code, claim))
}

/// The tasks that were won: each once, as many as there were, and everybody else was told so.
fn judge(ended: &[Answer], ready: usize, losers_exit: i32) -> Result<BTreeSet<String>, String> {
    let won: Vec<&(String, u64)> = ended.iter().filter_map(|(_, claim)| claim.as_ref()).collect();
    let ids: BTreeSet<String> = won.iter().map(|(id, _)| id.clone()).collect();
    let losers = ended.iter().filter(|(code, _)| *code == Some(losers_exit)).count();
    if won.len() != ready || ids.len() != ready || losers != ended.len() - ready {
        return Err(format!(
            "of {} that claimed {ready}, {} won {} different ones, and {losers} exited with {losers_exit}",
            ended.len(),
            won.len(),
            ids.len()
        ));
    }
    if let Some((id, attempt)) = won.iter().find(|(_, attempt)| *attempt != 1) {
        return Err(format!("{id} was claimed with attempt {attempt}, though nobody had it before"));
    }
    match ids.iter().find(|id| !id.starts_with("READY-")) {
        Some(id) => Err(format!("{id} was claimed, which was not ready")),
        None => Ok(ids),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, CONFLICT, DONE, NOTHING, judge};

    fn won(id: &str, attempt: u64) -> Answer {
        (Some(DONE), Some((id.to_owned(), attempt)))
    }

    #[test]
    fn two_winners_none_and_a_loser_that_was_told_something_else_are_noticed() {
        let lost = (Some(CONFLICT), None);
        let right = [lost.clone(), won("READY-1", 1), lost.clone()];
        assert!(judge(&right, 1, CONFLICT).is_ok());
        for wrong in [
            [lost.clone(), lost.clone(), lost.clone()],
            [won("READY-1", 1), won("READY-1", 1), lost.clone()],
            [won("READY-1", 2), lost.clone(), lost.clone()],
            [won("LATER-1", 1), lost.clone(), lost.clone()],
            [won("READY-1", 1), lost, (Some(NOTHING), None)],
        ] {
            assert!(judge(&wrong, 1, CONFLICT).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_task_that_two_were_given_is_noticed() {
        let none = (Some(NOTHING), None);
        assert!(judge(&[won("READY-1", 1), won("READY-2", 1), none.clone()], 2, NOTHING).is_ok());
        assert!(judge(&[won("READY-1", 1), won("READY-1", 1), none], 2, NOTHING).is_err());
    }
}

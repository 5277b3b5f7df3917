//! Thirty shells claim at once; there is work for twenty.

use crate::engine::{Client, Explain, Failure, Invariant, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::queue::same_but_for;
use crate::judges::{leftovers, queue_text};
use crate::scenarios::queue_work::no_lock_is_held;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "thirty-claims",
    proves: "of thirty that claim at once over twenty ready tasks, twenty win a task each and ten are told that there is none",
    clients: &[Client::Queue],
    faults: &[],
    upholds: &[Invariant::OneHoldOneRead, Invariant::OneHolder],
    processes: &[SHELLS],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const SHELLS: u16 = 30;
const READY: u16 = 20;

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let rounds = stage.rounds(3, 12);
    for round in 0..rounds {
        stage.step(&format!("round {} of {rounds}", round + 1));
        claim_at_once(stage, round).explain(format_args!("round {}", round + 1))?;
    }
    Ok(format!("{rounds} rounds: {READY} winners, {} left empty-handed in each", SHELLS - READY).into())
}

fn claim_at_once(stage: &Stage, round: u64) -> Result<(), Failure> {
    let folder = stage.data().join(round.to_string());
    fs::create_dir(&folder)?;
    let file = folder.join("q.yaml");
    let before = queue_text();
    fs::write(&file, &before)?;
    let data_before = stage.pyyaml(&file)?;

    let program = stage.program_path("queue")?;
    let mut shells = Vec::new();
    for n in 0..SHELLS {
        // A shell of its own each, as thirty terminals would be: the holder's name is made from the parent process.
        let mut shell = stage.command("sh");
        shell
            .current_dir(&folder)
            .args(["-c", r#""$0" -f q.yaml --lock-timeout 100s --json claim --next; exit $?"#])
            .arg(program);
        shells.push(stage.start(&mut shell, &format!("{round}-shell-{n}"))?);
    }
    let mut ended = Vec::new();
    for shell in shells {
        ended.push(shell.finish()?);
    }
    let (mut won, mut empty) = (Vec::new(), 0);
    for shell in ended {
        match shell.status.code() {
            Some(0) => won.push(claimed(&shell.stdout).explain(&shell.name)?),
            Some(3) => empty += 1,
            _ => return Err(fail(format!("{} failed: {}", shell.name, shell.said()))),
        }
    }
    let winners = judge(&won, empty).map_err(fail)?;
    let after = fs::read_to_string(&file)?;
    let ran: BTreeSet<&str> = winners.iter().map(String::as_str).collect();
    let only = queue_text::only_transitions(&before, &after, &ran);
    only.map_err(fail).explain("in the file's text")?;
    let same = same_but_for(&data_before, &stage.pyyaml(&file)?, &ran, "claimed");
    same.map_err(fail).explain("in the data that PyYAML finds")?;
    leftovers::none(&folder).map_err(fail)?;
    no_lock_is_held(&folder)
}

/// Twenty ready tasks among others, with comments.
fn queue_text() -> String {
    let mut text = String::from("# Twenty to be had.\ntasks:\n  - id: DONE-1\n    status: completed\n");
    for n in 1..=READY {
        text.push_str(&format!(
            "  # Number {n}.\n  - id: READY-{n}\n    title: \"Task {n}\"\n    status: pending   # free\n    blockedBy: [DONE-1]\n"
        ));
    }
    for n in 1..=5 {
        text.push_str(&format!("  - id: LATER-{n}\n    status: pending\n    blockedBy: [READY-{n}]\n"));
    }
    text
}

/// What a winner printed: the task and the attempt.
fn claimed(stdout: &str) -> Result<(String, u64), Failure> {
    let claim: Value = serde_json::from_str(stdout).explain("it did not print one JSON object")?;
    match (claim["id"].as_str(), claim["attempt"].as_u64()) {
        (Some(id), Some(attempt)) => Ok((id.to_owned(), attempt)),
        _ => Err(fail(format!("it did not print a claim: {stdout}"))),
    }
}

fn judge(won: &[(String, u64)], empty: u16) -> Result<BTreeSet<String>, String> {
    if won.len() != usize::from(READY) || empty != SHELLS - READY {
        return Err(format!("{} won and {empty} exited with 3, of {SHELLS}", won.len()));
    }
    let ids: BTreeSet<String> = won.iter().map(|(id, _)| id.clone()).collect();
    if ids.len() != won.len() {
        return Err("two won the same task".into());
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
    use super::{READY, judge};

    fn winners() -> Vec<(String, u64)> {
        (0..READY).map(|n| (format!("READY-{n}"), 1)).collect()
    }

    #[test]
    fn a_task_won_twice_a_lost_one_and_one_that_was_not_ready_are_noticed() {
        assert!(judge(&winners(), 10).is_ok());
        assert!(judge(&winners()[1..], 11).is_err());
        assert!(judge(&winners(), 9).is_err());
        for wrong in [("READY-2", 1), ("LATER-1", 1), ("READY-1", 2)] {
            let mut won = winners();
            won[1] = (wrong.0.to_owned(), wrong.1);
            assert!(judge(&won, 10).is_err(), "{wrong:?}");
        }
    }
}

//! An urgent task comes while all slots are busy.

use super::{Site, Stopwatch, median, task};
use crate::engine::{Client, Explain, Failure, Invariant, Scenario, Stage, Tool, Verdict, fail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "preempt",
    proves: "an urgent task that finds no free slot is started in the place of the least urgent one, which is run again later; its equals stay",
    clients: &[Client::Dispatch, Client::Queue],
    faults: &[],
    upholds: &[Invariant::OneHolder],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const SLOTS: usize = 4;

/// Until the end of all, unless it is stopped, which it says.
const STAY: &str =
    "trap 'say stopped; exit 1' TERM; say start; until [ -e end ]; do sleep 0.02; done; say end";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let rounds = stage.rounds(5, 40);
    let times = a_low_one_makes_room(stage, rounds).explain("with LOW tasks in the slots")?;
    nobody_makes_room_for_an_equal(stage).explain("with nothing but CRITICAL ones in the slots")?;
    Ok(format!(
        "{rounds} urgent tasks, {} ms from the call of `queue add` to the start at the median",
        median(times)
    )
    .into())
}

/// How long each took, in milliseconds.
fn a_low_one_makes_room(stage: &Stage, rounds: u64) -> Result<Vec<u128>, Failure> {
    let classes = [("OLD", "LOW"), ("HIGH", "HIGH"), ("EQUAL", "CRITICAL"), ("YOUNG", "LOW")];
    let tasks = classes.map(|(id, class)| task(id, &format!("priority: {class}"), STAY));
    let site = Site::prepare(stage, "classes", &tasks)?;
    let mut dispatcher = site.start(&["dispatch", "--watch", "--preempt", "--slots", "4"])?;
    let mut times = Vec::new();
    for (id, _) in classes {
        site.until_said(&mut dispatcher, &format!("start {id} 1"))?;
    }
    for round in 1..=rounds {
        stage.step(&format!("urgent task {round} of {rounds}"));
        let id = format!("NOW-{round}");
        let stopwatch = Stopwatch::start();
        add(&site, &id, "date +%s%N > $QUEUE_TASK_ID; say start; say end")?;
        site.until_said(&mut dispatcher, &format!("end {id} 1"))?;
        times.push(stopwatch.until_noted(&site, &id)?);
        site.until(&mut dispatcher, || low_ones_run(&site))
            .explain("waiting for the one that was stopped")?;
    }
    site.make("end")?;
    site.until(&mut dispatcher, || Ok(site.tasks()?.values().all(|task| task["status"] == "completed")))
        .explain("waiting for the end of all")?;
    site.queue(&["stop"])?.expect(0)?;
    dispatcher.finish()?.expect(0)?;
    judge(&site.journal()?, rounds).map_err(fail).explain("by the tasks' own journal")?;
    told_in_the_queue(&site, rounds)?;
    Ok(times)
}

fn add(site: &Site<'_>, id: &str, script: &str) -> Result<(), Failure> {
    let script = format!("{}{script}", super::SAY);
    let words = ["add", "urgent", "--id", id, "--priority", "CRITICAL", "--run", &script];
    site.queue(&words)?.expect(0).map(drop)
}

/// Whether both have been started more often than they were stopped.
fn low_ones_run(site: &Site<'_>) -> Result<bool, Failure> {
    let journal = site.journal()?;
    let count = |word: &str, id: &str| {
        let start = format!("{word} {id} ");
        journal.lines().filter(|line| line.starts_with(&start)).count()
    };
    Ok(["OLD", "YOUNG"].iter().all(|id| count("start", id) > count("stopped", id)))
}

/// That an urgent task was started only when a LOW one had been stopped for it, that no other was stopped, and that each came to its end.
fn judge(journal: &str, urgent: u64) -> Result<(), String> {
    let mut running: BTreeMap<&str, &str> = BTreeMap::new();
    let (mut stopped, mut begun) = (0, 0);
    // Tasks that were begun, and whether they have come to their end.
    let mut ended: BTreeMap<&str, bool> = BTreeMap::new();
    for line in journal.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [word, id, attempt] = words.as_slice() else { return Err(format!("`{line}` is no line")) };
        match *word {
            "start" if running.contains_key(id) => return Err(format!("{id} was started while it ran")),
            "start" if running.len() == SLOTS => return Err(format!("{id} was started in no slot")),
            "start" => {
                begun += u64::from(id.starts_with("NOW-"));
                if begun > stopped {
                    return Err(format!("{id} was started, and nothing was stopped for it"));
                }
                running.insert(id, attempt);
                ended.insert(id, false);
            }
            _ if running.remove(id) != Some(attempt) => return Err(format!("{line}, which did not run")),
            "stopped" if !["OLD", "YOUNG"].contains(id) => return Err(format!("{id} had to make room")),
            "stopped" => stopped += 1,
            "end" => {
                ended.insert(id, true);
            }
            _ => return Err(format!("`{line}` is no line")),
        }
        if stopped > begun + 1 {
            return Err(format!("{id} was stopped, and nobody came in its place"));
        }
    }
    match ended.iter().find(|(_, has_ended)| !**has_ended) {
        Some((id, _)) => Err(format!("{id} never came to its end")),
        None if (begun, stopped) == (urgent, urgent) => Ok(()),
        None => Err(format!("{stopped} tasks made room for {begun} of {urgent}")),
    }
}

/// That the queue and its history tell of every time.
fn told_in_the_queue(site: &Site<'_>, rounds: u64) -> Result<(), Failure> {
    let tasks = site.tasks()?;
    let notes = tasks.values().filter_map(|task| task["notes"].as_str());
    let noted: usize = notes.map(|notes| notes.matches("stopped for a more urgent task").count()).sum();
    let log = fs::read_to_string(site.path("events.yaml"))?;
    let log: Value = serde_yaml::from_str(&log).explain("events.yaml")?;
    let preempted = |event: &&Value| event["type"] == "preempted" && event["data"]["to_state"] == "pending";
    let logged = log.as_array().into_iter().flatten().filter(preempted).count();
    if (noted as u64, logged as u64) == (rounds, rounds) {
        Ok(())
    } else {
        Err(fail(format!("{rounds} times a task made room; notes tell of {noted}, events of {logged}")))
    }
}

fn nobody_makes_room_for_an_equal(stage: &Stage) -> Result<(), Failure> {
    let tasks = ["A", "B"].map(|id| task(id, "priority: CRITICAL", STAY));
    let site = Site::prepare(stage, "equals", &tasks)?;
    let mut dispatcher = site.start(&["dispatch", "--preempt", "--slots", "2"])?;
    for id in ["A", "B"] {
        site.until_said(&mut dispatcher, &format!("start {id} 1"))?;
    }
    add(&site, "NOW", "say start; say end")?;
    // For something wrong to happen.
    thread::sleep(Duration::from_millis(500));
    site.make("end")?;
    dispatcher.finish()?.expect(0)?;
    let journal = site.journal()?;
    let first = journal.lines().position(|line| line.starts_with("end "));
    let now = journal.lines().position(|line| line == "start NOW 1");
    if journal.contains("stopped") || now < first {
        return Err(fail(format!("an equal one had to make room: {}", journal.replace('\n', ", "))));
    }
    site.all_completed(1)
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn only_a_low_one_that_was_stopped_first_makes_room() {
        let begin = ["start OLD 1", "start HIGH 1", "start EQUAL 1", "start YOUNG 1"];
        let end = ["end OLD 1", "end HIGH 1", "end EQUAL 1"];
        let decide = |middle: &[&str]| judge(&[&begin, middle, &end].concat().join("\n"), 1);
        let right = ["stopped YOUNG 1", "start NOW-1 1", "end NOW-1 1", "start YOUNG 2", "end YOUNG 2"];
        assert_eq!(decide(&right), Ok(()));
        for wrong in [
            &["start NOW-1 1", "stopped YOUNG 1", "end NOW-1 1", "start YOUNG 2", "end YOUNG 2"][..],
            &["end YOUNG 1", "start NOW-1 1", "end NOW-1 1"],
            &["stopped HIGH 1", "start NOW-1 1", "end NOW-1 1", "start HIGH 2", "end YOUNG 1"],
            &["stopped YOUNG 1", "start NOW-1 1", "end NOW-1 1", "start YOUNG 2"],
            &["stopped YOUNG 1", "start NOW-1 1", "end NOW-1 1"],
            &["stopped YOUNG 1", "start YOUNG 2", "end YOUNG 2"],
            &["stopped YOUNG 1", "stopped OLD 1", "start NOW-1 1", "end NOW-1 1", "start OLD 2"],
            &["end YOUNG 1"],
        ] {
            assert!(decide(wrong).is_err(), "{wrong:?}");
        }
    }
}

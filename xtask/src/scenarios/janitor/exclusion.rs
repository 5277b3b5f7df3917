//! Lock files are retired under programs that never look at the inode, as fast as they can be.
//!
//! The janitor is the product's, with both plain settings for it: no idle time asked for, 20 ms of grace. A naive one, which takes the lock
//! and removes the file, does the same work last; then turns must be lost, or this scenario could not fail.
//!
//! A grace is an argument about time, and of so few milliseconds it does not hold while the machine lets somebody stand still for longer between
//! looking up a name and opening it. So what goes wrong once is tried once more, and told; without the lease or the grace it
//! goes wrong every time.

use super::GRACE_MS;
use super::crowd::{Done, Late, Place};
use crate::client::Opened;
use crate::engine::{
    Client, Failure, Fault, Filesystem, Finished, Invariant, Scenario, Stage, Tool, Verdict, fail,
};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "janitor-exclusion",
    proves: "no turn is lost while lock files are retired at full speed under programs that never look at the inode",
    clients: &[Client::Janitor, Client::Python, Client::Bash],
    faults: &[Fault::LockFileRemoved],
    upholds: &[Invariant::LockFilesStay],
    processes: &[5],
    filesystems: &[Filesystem::Target, Filesystem::Memory],
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(900),
    run,
};

/// Several rooms, because a lock file that somebody always has open is never retired.
const ROOMS: u64 = 16;
const PAUSE_US: u64 = 3_000;
/// Somebody comes late to one of five; to one of so many at least, or nobody looks who comes.
const RETIRED_FOR_A_BRIDGE: u64 = 50;

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut told = Vec::new();
    let mut retired = 0;
    for opened in Opened::ALL {
        stage.step(&format!("clients that open for {}", opened.word()));
        let place = Place { stage, locks: opened.word(), rooms: ROOMS, opened, pause_us: PAUSE_US };
        let (done, janitor) =
            under_janitor(place, None, &[("--times", stage.rounds(100, 1_000))], &mut told)?;
        retired += janitor.number_after("retired")?;
        told.push(tell(opened.word(), &done, &janitor)?);
    }
    for (name, late) in [("late-python", Late::Python("0")), ("late-bash", Late::Bash("0"))] {
        stage.step("somebody who always comes late");
        let place = Place { stage, locks: name, rooms: 2, opened: Opened::Both, pause_us: PAUSE_US };
        let bridges = stage.rounds(10, 20);
        let until = [("--bridges", bridges), ("--times", bridges * RETIRED_FOR_A_BRIDGE)];
        let (done, janitor) = under_janitor(place, Some(late), &until, &mut told)?;
        retired += janitor.number_after("retired")?;
        if janitor.number_after("bridged")? < bridges {
            return Err(fail(format!("who came late was not heard of: {}", janitor.said())));
        }
        told.push(tell(name, &done, &janitor)?);
    }
    told.push(naive(stage)?);
    Ok(format!("{retired} retired; {}", told.join("; ")).into())
}

/// `until`: how many lock files are to be retired or bridges to be served, whichever comes first. What had to be tried once more is added to `told`.
fn under_janitor(
    place: Place<'_>,
    late: Option<Late>,
    until: &[(&str, u64)],
    told: &mut Vec<String>,
) -> Result<(Done, Finished), Failure> {
    let (done, janitor) = once(place, late, until)?;
    let Err(wrong) = done.judge() else { return Ok((done, janitor)) };
    told.push(format!("{}: TRIED AGAIN, since {wrong}", place.locks));
    let again = format!("{}-again", place.locks);
    let (done, janitor) = once(Place { locks: &again, ..place }, late, until)?;
    done.judge()?;
    Ok((done, janitor))
}

fn once(place: Place<'_>, late: Option<Late>, until: &[(&str, u64)]) -> Result<(Done, Finished), Failure> {
    let crowd = place.fill()?;
    let crowd = match late {
        Some(late) => crowd.and(late)?,
        None => crowd,
    };
    let mut janitor = place.stage.client(&["retire", place.locks, "--grace-ms", GRACE_MS]);
    for (what, number) in until {
        janitor.args([what, number.to_string().as_str()]);
    }
    janitor.arg("--stop").arg(crowd.stop());
    let janitor = place.stage.finish(&mut janitor, &format!("{}-janitor", place.locks))?.expect(0)?;
    let done = crowd.end()?;
    match janitor.number_after("troubles")? {
        0 => Ok((done, janitor)),
        _ => Err(fail(janitor.said())),
    }
}

fn tell(what: &str, done: &Done, janitor: &Finished) -> Result<String, Failure> {
    let number = |word| janitor.number_after(word);
    let (retired, put_back, bridged) = (number("retired")?, number("put_back")?, number("bridged")?);
    Ok(format!(
        "{what}: {retired} retired, {put_back} put back, {bridged} bridged, {} turns, longest wait {:.0?}",
        done.turns, done.longest_wait
    ))
}

/// The same crowd, and somebody who takes the lock and then removes the file.
fn naive(stage: &Stage) -> Result<String, Failure> {
    stage.step("a naive janitor");
    let place = Place { stage, locks: "naive", rooms: 1, opened: Opened::Write, pause_us: PAUSE_US };
    let crowd = place.fill()?;
    let times = stage.rounds(300, 1_000).to_string();
    let words = ["remove-lock-file", "--lock", "naive/0.yaml.lock", "--times", &times, "--seed", "1"];
    let remover = stage.finish(&mut stage.client(&words), "naive-janitor")?.expect(0)?;
    let (removed, done) = (remover.number_after("removed")?, crowd.end()?);
    match done.judge() {
        Ok(()) => {
            Err(fail(format!("{removed} naive removals did no harm, so nothing here could have failed")))
        }
        Err(_) => Ok(format!(
            "a naive one: {removed} removed, {} of {} turns lost, {} overlaps",
            done.turns.abs_diff(done.counted),
            done.turns,
            done.overlaps
        )),
    }
}

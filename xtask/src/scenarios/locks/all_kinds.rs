//! Ours, Python and bash take one lock in turns, alone and shared, and whoever is inside is killed with -9.

use super::rooms::{Member, Troupe};
use super::{announced, had_at_once, python_once, tell, try_once};
use crate::client::NOT_GOT;
use crate::engine::{Client, Failure, Fault, Filesystem, Invariant, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::lock_rooms::is_text;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "locks-of-all-kinds",
    proves: "ours, Python and bash keep each other out, readers share, and a lock ends with a holder that is killed",
    clients: &[Client::Crates, Client::Python, Client::Bash],
    faults: &[Fault::Kill("holders of every kind")],
    upholds: &[Invariant::OneHoldOneRead],
    processes: &[5, 16],
    filesystems: &[Filesystem::Target, Filesystem::Memory],
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const LOCK: &str = "a.lock";
const ROOM: &str = "room";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let each = usize::from(stage.processes() / 4);
    let ours = usize::from(stage.processes()) - 2 * each;
    let members = std::iter::repeat_n(Member::Ours(&[LOCK]), ours)
        .chain(std::iter::repeat_n(Member::Python(LOCK, ROOM), each))
        .chain(std::iter::repeat_n(Member::Bash(LOCK, ROOM), each));
    fs::write(stage.data().join(LOCK), "")?;
    readers_share(stage)?;
    let mut troupe = Troupe::new(stage, &[ROOM], members)?;
    let wanted = stage.rounds(8, 25);
    let mut looks: u64 = 0;
    for kill in 0..wanted {
        for kind in Member::KINDS {
            stage.step(&format!("{kill} of {wanted} of each kind killed inside"));
            // Between two kills the others have to come through: the lock goes on after each.
            let before = troupe.look()?;
            stage.until(|| {
                looks += 1;
                is_text(&fs::read(stage.data().join(LOCK))?).map_err(fail)?;
                Ok(troupe.look()? > before)
            })?;
            stage.until(|| troupe.kill_one_inside(kind))?;
        }
    }
    let tally = troupe.finish()?;
    if tally.killed_inside == 0 {
        return Err(fail("nobody was killed while it held the lock"));
    }
    // What a killed script leaves, `flock` in the line for the lock, ends as soon as it gets it.
    stage.until(|| Ok(stage.still_running().is_empty()))?;
    had_at_once(stage, LOCK, "when all had ended")?;
    Ok(format!(
        "{} turns alone, {} shared, {} given up, {} of each kind killed, {} holding the lock; its file was text in {looks} looks",
        tally.writes, tally.reads, tally.gave_up, wanted, tally.killed_inside
    )
    .into())
}

/// Python and ours hold it together, and whoever wants it alone is kept out by each.
fn readers_share(stage: &Stage) -> Result<(), Failure> {
    let python = python_once(stage, &["share", LOCK, "python.held", "python.release"])?;
    let ours = stage.client(&["lock-hold", LOCK, "ours.held", "ours.release", "--shared"]);
    for (mut command, name) in [(python, "python"), (ours, "ours")] {
        let mut holder = stage.start(&mut command, &format!("{name}-shares"))?;
        announced(stage, &mut holder, &format!("{name}.held"))?;
        let together = try_once(stage, &[LOCK, "--shared"])?;
        let alone = try_once(stage, &[LOCK])?;
        let flock = stage.finish(stage.command("flock").args(["-n", "-s", LOCK, "true"]), "flock-shares")?;
        if together != "got" || !alone.starts_with(NOT_GOT) {
            return Err(fail(format!("beside {name}, shared: {together}; alone: {alone}")));
        }
        flock.expect(0)?;
        stage.finish(stage.command("flock").args(["-n", LOCK, "true"]), "flock-alone")?.expect(1)?;
        tell(stage, &format!("{name}.release"))?;
        holder.finish()?.expect(0)?;
    }
    Ok(())
}

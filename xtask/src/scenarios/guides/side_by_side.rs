//! Programs that lock another name, and programs that read before they lock, beside ours: as the guide says to run them, and not.

use crate::engine::{Client, Explain, Failure, Invariant, Scenario, Stage, Tool, Verdict, fail};
use std::fs;
use std::path::Path;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "guide-side-by-side",
    proves: "run as the guide says, programs that lock another name or read before they lock lose nothing to ours, nor ours to them; otherwise they do",
    clients: &[Client::Crates, Client::Bash],
    faults: &[],
    upholds: &[Invariant::OneHoldOneRead],
    processes: &[4],
    filesystems: Scenario::HERE,
    needs: &[Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(300),
    run,
};

const COUNT: &str = include_str!("../../../clients/side_by_side.sh");
/// Ours, taking the other name too; and one that reads too early, held back by it for all of its turn.
const WITH_BOTH: &[&str] = &["--also-lock", ".queue.lock"];
const UNDER_THE_OTHER: &[&str] = &["flock", ".queue.lock"];

/// Who counts, and the words behind the number of turns.
type Counter<'a> = (&'a str, &'a [&'a str]);

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let turns = stage.rounds(20, 60);
    let mut told = Vec::new();
    for (name, other, ours, around) in [
        ("another name", "bash", WITH_BOTH, &[][..]),
        ("reads before it locks", "late", WITH_BOTH, UNDER_THE_OTHER),
    ] {
        let counted = count(stage, name, turns, [("ours", ours), (other, around)])?;
        if counted.lost() > 0 {
            return Err(fail(format!("{name}: {} of {} turns are lost", counted.lost(), counted.taken)));
        }
        told.push(format!("{name}: {} turns, none lost", counted.taken));
    }
    for (name, other, around) in
        [("another name, not told", "bash", &[][..]), ("reads early, alone", "late", &["env"][..])]
    {
        told.push(format!("{name}: {} lost", loses(stage, name, turns, other, around)?));
    }
    Ok(told.join("; ").into())
}

struct Counted {
    taken: u64,
    counter: u64,
}

impl Counted {
    fn lost(&self) -> u64 {
        self.taken.abs_diff(self.counter)
    }
}

/// Two of each count at once.
fn count(stage: &Stage, name: &str, turns: u64, both: [Counter<'_>; 2]) -> Result<Counted, Failure> {
    stage.step(name);
    let folder = stage.data().join(name.replace(' ', "-").replace(',', ""));
    fs::create_dir_all(&folder)?;
    let file = folder.join("count.yaml");
    fs::write(&file, "# How often.\ncounter: 0\n")?;
    let mut counting = Vec::new();
    for (number, (who, words)) in both.iter().chain(&both).enumerate() {
        let mut bash = stage.with_programs(stage.bash("side_by_side.sh", COUNT)?)?;
        bash.current_dir(&folder).arg(who).arg(turns.to_string()).args(*words);
        counting.push(stage.start(&mut bash, &format!("{name}-{number}"))?);
    }
    let taken = turns * u64::try_from(counting.len())?;
    for process in counting {
        process.finish()?.expect(0)?;
    }
    Ok(Counted { taken, counter: counter(&file)? })
}

fn counter(file: &Path) -> Result<u64, Failure> {
    let text = fs::read_to_string(file).explain(file.display())?;
    let number = text.lines().find_map(|line| line.strip_prefix("counter: "));
    number.ok_or_else(|| fail(format!("there is no counter: {text}")))?.parse::<u64>().explain(text)
}

/// Not as the guide says: turns must be lost, or the scenario could not fail.
fn loses(stage: &Stage, name: &str, turns: u64, other: &str, around: &[&str]) -> Result<u64, Failure> {
    for _ in 0..10 {
        let counted = count(stage, name, turns, [("ours", &[]), (other, around)])?;
        if counted.lost() > 0 {
            return Ok(counted.lost());
        }
    }
    Err(fail(format!("{name}: nothing was lost, so nothing here could have failed")))
}

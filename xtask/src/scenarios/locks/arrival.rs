//! Processes of all kinds wait for a lock, one after the other.

use super::{announced, data_file, python_once, tell};
use crate::engine::{Client, Failure, Invariant, Running, Scenario, Stage, Tool, Verdict, fail};
use lock_core::LockFile;
use std::fs;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "order-of-arrival",
    proves: "who waits for a lock gets it in the order in which they came, ours among Python and flock(1)",
    clients: &[Client::Crates, Client::Python, Client::Bash],
    faults: &[],
    upholds: &[Invariant::WaitsAreBounded],
    processes: &[8],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(60),
    run,
};

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let (rounds, waiters) = (stage.rounds(2, 12), usize::from(stage.processes()));
    let mut random = stage.random();
    let mut ours = 0;
    for round in 0..rounds {
        stage.step(&format!("round {round} of {rounds}"));
        let (lock, held, release) =
            (format!("{round}.lock"), format!("{round}.held"), format!("{round}.release"));
        let mut holder = stage
            .start(&mut stage.client(&["lock-hold", &lock, &held, &release]), &format!("{round}-holder"))?;
        announced(stage, &mut holder, &held)?;
        let order = format!("{round}.order");
        let mut line = Vec::new();
        for place in 0..waiters {
            // Every second one is ours, so that ours wait behind every kind and in front of it.
            let kind = if place % 2 == 0 { 0 } else { random.between(1, 3) };
            ours += u64::from(kind == 0);
            let waiter = start(stage, kind, &lock, &order, &format!("{round}-{place}"), place)?;
            line.push(waiter);
            wait_for_line(stage, &lock, &mut line)?;
        }
        tell(stage, &release)?;
        holder.finish()?.expect(0)?;
        for waiter in line {
            waiter.finish()?.expect(0)?;
        }
        judge(&fs::read_to_string(data_file(stage, &order))?, waiters).map_err(fail)?;
    }
    Ok(format!("{rounds} times {waiters} in line, {ours} of them ours, each in its turn").into())
}

fn start(
    stage: &Stage,
    kind: u64,
    lock: &str,
    order: &str,
    name: &str,
    place: usize,
) -> Result<Running, Failure> {
    let place = place.to_string();
    let mut command = match kind {
        0 => stage.client(&["lock-once", lock, "--wait-ms", "60000", "--note", order, &place]),
        1 => python_once(stage, &["note", lock, order, &place])?,
        _ => {
            let mut command = stage.command("flock");
            // -o: the shell is to be a child without the lock, so that `flock` is what is listed as waiting.
            command.args(["-o", lock, "sh", "-c", r#"echo "$1" >> "$0""#, order, &place]);
            command
        }
    };
    stage.start(&mut command, name)
}

/// Until all that were started are listed as waiting, each by its number: a list that others change while it is read can have an entry
/// twice. None may have gone on.
fn wait_for_line(stage: &Stage, lock: &str, line: &mut [Running]) -> Result<(), Failure> {
    let file = LockFile::at(data_file(stage, lock));
    stage
        .until(|| {
            for waiter in &mut *line {
                if !waiter.is_running()? {
                    return Err(fail(format!("{} did not wait for a lock that is held", waiter.name())));
                }
            }
            let waiters = file.waiters().into_iter();
            let listed: Vec<_> = waiters.filter_map(|waiter| u32::try_from(waiter.pid?).ok()).collect();
            Ok(line.iter().all(|waiter| listed.contains(&waiter.pid())))
        })
        .map_err(|failure| {
            fail(format!("{failure}; the kernel lists {} of {} as waiting", file.waiters().len(), line.len()))
        })
}

fn judge(order: &str, waiters: usize) -> Result<(), String> {
    let right: Vec<_> = (0..waiters).map(|place| place.to_string()).collect();
    let found: Vec<_> = order.lines().collect();
    if found == right { Ok(()) } else { Err(format!("the lock was given in the order {}", found.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn whoever_is_early_late_missing_or_there_twice_is_noticed() {
        assert_eq!(judge("0\n1\n2\n", 3), Ok(()));
        for wrong in ["0\n2\n1\n", "0\n1\n", "0\n1\n1\n2\n", ""] {
            assert!(judge(wrong, 3).is_err(), "{wrong}");
        }
    }
}

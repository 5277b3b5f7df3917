//! What the janitor measures, while others use locks: its metrics say what the lock files say, and what was to be seen.

use super::Service;
use crate::engine::{Client, Explain, Failure, Scenario, Stage, Tool, Verdict, fail};
use lock_core::LockFile;
use std::fs;
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "janitor-measures",
    proves: "metrics can be read by Prometheus at any time and say what the lock files say; waits of programs without a record are seen",
    clients: &[Client::Janitor, Client::Crates, Client::Bash],
    faults: &[],
    upholds: &[],
    processes: &[4],
    filesystems: Scenario::HERE,
    needs: &[Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(300),
    run,
};

const SETTINGS: &str = "min_idle: 1h\nsweep_interval: 200ms\n";
const HOLDS: &str = "exec 200>plain.yaml.lock; flock 200; sleep 4; ";
const WAITS: &str = "exec 200>plain.yaml.lock; flock 200; ";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    fs::write(stage.data().join("counter"), "0")?;
    let janitor = Service::start(stage, "janitor", SETTINGS)?;
    let mut clients = Vec::new();
    for n in 0..stage.processes() {
        let seed = n.to_string();
        let words = ["lock-turns", "--lock", "a.yaml.lock", "--marker", "inside", "--counter", "counter"];
        let mut command = stage.client(&words);
        command.args(["--stop", "stop", "--seed", &seed]);
        clients.push(stage.start(&mut command, &format!("client-{n}"))?);
    }
    let holder = stage.start(&mut stage.bash("hold.sh", HOLDS)?, "holder")?;
    stage.until(|| Ok(!LockFile::at(stage.data().join("plain.yaml.lock")).holders().is_empty()))?;
    let waiter = stage.start(&mut stage.bash("wait.sh", WAITS)?, "waiter")?;

    let mut pages = 0_u64;
    let mut turns = 0.0;
    for _ in 0..stage.rounds(30, 300) {
        stage.step(&format!("{pages} pages"));
        let samples = janitor.metrics()?;
        pages += 1;
        let now = samples.get(&labelled(stage, "lock_janitor_lock_acquisitions_total", "a.yaml.lock"));
        let now = now.copied().unwrap_or_default();
        if now < turns {
            return Err(fail(format!("{turns} acquisitions were counted, then {now}")));
        }
        turns = now;
        thread::sleep(Duration::from_millis(20));
    }
    holder.finish()?.expect(0)?;
    waiter.finish()?.expect(0)?;
    fs::write(stage.data().join("stop"), "")?;
    for client in clients {
        client.finish()?.expect(0)?;
    }
    let seen = labelled(stage, "lock_janitor_lock_seen_wait_seconds_count", "plain.yaml.lock");
    stage
        .until(|| Ok(janitor.metrics()?.get(&seen).is_some_and(|count| *count >= 1.0)))
        .explain("a wait of seconds was not seen")?;
    // The next sweep reads the file as it is now.
    let mut agreed = Ok(());
    let waited = stage.until(|| {
        agreed = agrees(stage, &janitor);
        Ok(agreed.is_ok())
    });
    agreed.and(waited)?;
    janitor.end()?;
    if turns == 0.0 {
        return Err(fail("no turn was counted while they were taken"));
    }
    Ok(format!("{pages} pages while {turns} turns were taken").into())
}

/// A metric of one lock.
fn labelled(stage: &Stage, name: &str, lock: &str) -> String {
    format!("{name}{{lock={}}}", stage.data().join(lock).display())
}

/// Nobody uses the lock any more: what is told of it is what its file says.
fn agrees(stage: &Stage, janitor: &Service<'_>) -> Result<(), Failure> {
    let record = LockFile::at(stage.data().join("a.yaml.lock")).record()?;
    let totals = record.ok_or_else(|| fail("the clients left no record"))?.totals;
    let expected = [
        ("lock_janitor_lock_acquisitions_total", totals.acquisitions),
        ("lock_janitor_lock_contended_total", totals.contended),
        ("lock_janitor_lock_timeouts_total", totals.timed_out),
        ("lock_janitor_lock_wait_seconds_count", totals.waits.iter().sum()),
    ];
    for (name, expected) in expected {
        let found = janitor.sample(&labelled(stage, name, "a.yaml.lock"))?;
        if found != f64::from(u32::try_from(expected)?) {
            return Err(fail(format!("{name} is {found}, the lock file says {expected}")));
        }
    }
    Ok(())
}

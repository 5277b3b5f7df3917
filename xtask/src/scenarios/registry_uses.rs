//! Several processes log uses of skills into one registry.
//!
//! Each notes a task's id once its use was logged. Whatever was noted must be in the history, and the counters of every skill, its mean
//! duration among them, must follow from the history.

use crate::engine::{
    Client, Explain, Failure, Fault, Invariant, Random, Running, Scenario, Stage, Tool, Verdict, fail,
};
use crate::judges::leftovers;
use crate::judges::registry::{Logged, comments_stand};
use crate::scenarios::queue_work::no_lock_is_held;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const OURS: Scenario = Scenario {
    name: "registry-usage",
    proves: "of all uses that several processes log at once each is in the history, counters and means follow exactly, comments stand, and PyYAML finds nothing else changed",
    clients: &[Client::Crates],
    faults: &[],
    upholds: &[Invariant::UnknownIsKept, Invariant::OneHoldOneRead],
    processes: &[4, 8],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(180),
    run: ours,
};

pub(crate) const BESIDE_PYTHON: Scenario = Scenario {
    name: "registry-beside-python",
    proves: "nothing that was acknowledged is lost and nothing is torn while a Python program rewrites the whole registry under the same lock and ours are killed",
    clients: &[Client::Crates, Client::Python],
    faults: &[Fault::Kill("ours")],
    upholds: &[Invariant::OneHoldOneRead],
    processes: &[4],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(180),
    run: beside_python,
};

const PYTHON: &str = include_str!("../../clients/log_use.py");

/// The registry, how it was before.
struct Before {
    file: PathBuf,
    text: String,
    data: Value,
}

impl Before {
    /// A copy of the example: it has comments everywhere, skills of which the history tells nothing, and keys that are numbers.
    fn prepare(stage: &Stage) -> Result<Self, Failure> {
        let source = stage.workspace().join("examples").join("skill-registry.yaml");
        let text = fs::read_to_string(&source).explain(source.display())?;
        let file = stage.data().join("r.yaml");
        fs::write(&file, &text)?;
        let data = stage.pyyaml(&file)?;
        Ok(Self { file, text, data })
    }

    /// Returns how many uses were logged, and how many of them acknowledged.
    fn judge(&self, stage: &Stage) -> Result<(usize, usize), Failure> {
        let after = stage.pyyaml(&self.file)?;
        let acknowledged = acknowledged(stage)?;
        let logged = Logged { before: &self.data, after: &after, acknowledged: &acknowledged };
        let logged = logged.judge().map_err(fail)?;
        leftovers::none(&stage.data()).map_err(fail)?;
        no_lock_is_held(&stage.data())?;
        Ok((logged, acknowledged.len()))
    }
}

fn ours(stage: &Stage) -> Result<Verdict, Failure> {
    let before = Before::prepare(stage)?;
    let times = stage.rounds(40, 500);
    let mut clients = Vec::new();
    for n in 0..stage.processes() {
        let mut command = client(stage, n, 1);
        clients.push(stage.start(command.args(["--times", &times.to_string()]), &format!("ours-{n}"))?);
    }
    for client in clients {
        client.finish()?.expect(0)?;
    }
    let (logged, acknowledged) = before.judge(stage)?;
    let expected = usize::try_from(times * u64::from(stage.processes()))?;
    if (logged, acknowledged) != (expected, expected) {
        return Err(fail(format!("{logged} logged, {acknowledged} acknowledged, expected {expected}")));
    }
    comments_stand(&before.text, &fs::read_to_string(&before.file)?).map_err(fail)?;
    Ok(format!("{expected} uses logged and counted").into())
}

fn beside_python(stage: &Stage) -> Result<Verdict, Failure> {
    let before = Before::prepare(stage)?;
    let mut random = stage.random();
    let mut python = stage.python("log_use.py", PYTHON)?;
    let acknowledged = stage.folder();
    python.arg("python").arg(&before.file).arg(acknowledged).arg("../stop");
    let mut python = stage.start(&mut python, "python")?;
    let mut ours = Vec::new();
    for n in 1..stage.processes() {
        ours.push((n, 1, start(stage, n, 1)?));
    }
    let kills = kill_at_random(stage, &mut ours, &mut random, &mut python)?;
    fs::write(stage.folder().join("stop"), "")?;
    python.finish()?.expect(0)?;
    for (_, _, client) in ours {
        client.finish()?.expect(0)?;
    }
    // One more by ours: it clears what the killed ones left.
    let mut last = client(stage, 0, 1);
    stage.finish(last.args(["--times", "3"]), "last")?.expect(0)?;
    let (logged, acknowledged) = before.judge(stage)?;
    let by_python = fs::read_to_string(stage.folder().join("python.acknowledged"))?.lines().count();
    Ok(format!(
        "{logged} uses logged, {acknowledged} acknowledged, {by_python} of them by Python, {kills} kills"
    )
    .into())
}

type Ours = (u16, u64, Running);

fn client(stage: &Stage, n: u16, life: u64) -> std::process::Command {
    let name = format!("ours-{n}");
    let mut command = stage.client(&["log-uses", &name, "r.yaml"]);
    command.arg(format!("../{name}.acknowledged")).arg(life.to_string());
    command
}

fn start(stage: &Stage, n: u16, life: u64) -> Result<Running, Failure> {
    stage.start(client(stage, n, life).args(["--stop", "../stop"]), &format!("ours-{n}.{life}"))
}

fn kill_at_random(
    stage: &Stage,
    ours: &mut [Ours],
    random: &mut Random,
    python: &mut Running,
) -> Result<u64, Failure> {
    let until = Instant::now() + Duration::from_secs(stage.rounds(3, 25));
    let mut kills = 0;
    while Instant::now() < until {
        stage.check_time()?;
        thread::sleep(Duration::from_micros(random.between(10_000, 150_000)));
        if !python.is_running()? {
            return Err(fail("the Python program gave up; see what it said in the folder `logs`"));
        }
        let victim = usize::try_from(random.between(0, ours.len() as u64))?;
        if let Some((n, life, running)) = ours.get_mut(victim) {
            if !running.is_running()? {
                return Err(fail(format!("ours-{n} gave up; see what it said in the folder `logs`")));
            }
            *life += 1;
            let killed = std::mem::replace(running, start(stage, *n, *life)?);
            killed.kill()?;
            kills += 1;
        }
        stage.step(&format!("{kills} kills"));
    }
    Ok(kills)
}

/// What all clients noted.
fn acknowledged(stage: &Stage) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(stage.folder())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "acknowledged") {
            let text = fs::read_to_string(&path).explain(path.display())?;
            ids.extend(text.lines().filter_map(|line| line.strip_prefix("used ")).map(str::to_owned));
        }
    }
    Ok(ids)
}

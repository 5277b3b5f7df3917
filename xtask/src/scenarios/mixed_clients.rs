//! Several processes count in one file and log to another; ours are killed all the time.
//!
//! Every client notes an id in a file of its own once its update, and once its event, has succeeded. Whatever was noted must be there
//! at the end. Another process reads both files without any lock, and must never see anything but a whole version.

use crate::engine::{
    Client, Explain, Failure, Fault, Filesystem, Invariant, Random, Running, Scenario, Stage, Tool, Verdict,
    fail,
};
use crate::judges::counting::Counting;
use crate::judges::leftovers;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const MIXED: Scenario = Scenario {
    name: "mixed-clients",
    proves: "nothing acknowledged is lost and no reader sees half a file, while ours, Python and bash write together and ours are killed",
    clients: &[Client::Crates, Client::Python, Client::Bash, Client::Reader],
    faults: &[Fault::Kill("ours")],
    upholds: &[Invariant::ReadersSeeWhole, Invariant::OneHoldOneRead, Invariant::LockFilesStay],
    processes: &[5, 16],
    filesystems: &[Filesystem::Target, Filesystem::Memory],
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(180),
    run: |stage| run(stage, Cast::mixed(stage), Trouble::Kills),
};

pub(crate) const OURS: Scenario = Scenario {
    name: "comments-survive",
    proves: "the same with our clients alone, and every byte that they did not mean to change is still there",
    clients: &[Client::Crates, Client::Reader],
    faults: &[Fault::Kill("ours")],
    upholds: &[Invariant::UnknownIsKept],
    processes: &[5],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(180),
    run: |stage| run(stage, Cast::ours(stage), Trouble::Kills),
};

pub(crate) const REMOVED: Scenario = Scenario {
    name: "locks-torn-away",
    proves: "our clients lose nothing to each other even when the lock files are removed while they hold them",
    clients: &[Client::Crates, Client::Reader],
    faults: &[Fault::LockFileRemoved],
    upholds: &[Invariant::OneHoldOneRead],
    processes: &[8],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Proc],
    bound: Duration::from_secs(180),
    run: |stage| run(stage, Cast::ours(stage), Trouble::Removals),
};

const PYTHON: &str = include_str!("../../clients/count.py");
const BASH: &str = include_str!("../../clients/count.sh");
/// The comments are only looked for where no client dumps the file: PyYAML drops them.
const COUNTER: &str = "\
# Turns taken so far, by anybody.

counter: 1   # equals the number of ids
ids:         # in the order of their turns
  # The first one is ours.
  - start
";

#[derive(Clone, Copy)]
struct Cast {
    ours: u16,
    python: u16,
    bash: u16,
}

impl Cast {
    fn mixed(stage: &Stage) -> Self {
        let each = stage.processes() / 4;
        Self { ours: stage.processes() - 2 * each, python: each, bash: each }
    }

    fn ours(stage: &Stage) -> Self {
        Self { ours: stage.processes(), python: 0, bash: 0 }
    }
}

/// What happens to the clients meanwhile.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Ours are killed and started again.
    Kills,
    /// `rm -f *.lock`, by somebody who asks nobody.
    Removals,
}

fn run(stage: &Stage, cast: Cast, trouble: Trouble) -> Result<Verdict, Failure> {
    let mut random = stage.random();
    let data = stage.data();
    fs::write(data.join("counter.yaml"), COUNTER)?;
    stage.finish(&mut stage.client(&["append", "events.yaml", "start"]), "start")?.expect(0)?;

    stage.finish(&mut stage.client(&["count-once", "counter.yaml", "first"]), "first")?.expect(0)?;
    let locks_before = lock_files(stage)?;

    let mut ours: Vec<Ours> = (0..cast.ours).map(Ours::new).collect();
    for client in &mut ours {
        client.start(stage)?;
    }
    let mut foreign = Vec::new();
    for n in 0..cast.python {
        let mut command = stage.python("count.py", PYTHON)?;
        foreign.push(stage.start(command.args(words(&format!("python-{n}"))), &format!("python-{n}"))?);
    }
    for n in 0..cast.bash {
        let mut command = stage.bash("count.sh", BASH)?;
        foreign.push(stage.start(command.args(words(&format!("bash-{n}"))), &format!("bash-{n}"))?);
    }
    let reader =
        stage.start(&mut stage.client(&["watch", "counter.yaml", "events.yaml", "../stop"]), "reader")?;

    let faults = match trouble {
        Trouble::Kills => kill_at_random(stage, &mut ours, &mut random)?,
        Trouble::Removals => remove_locks(stage, &mut random)?,
    };
    fs::write(stage.folder().join("stop"), "")?;
    for client in foreign {
        client.finish()?.expect(0)?;
    }
    for client in ours {
        client.finish()?;
    }
    let reads = reader.finish()?.expect(0)?.stdout;

    // One more of each by ours: it clears what the killed ones left.
    stage.finish(&mut stage.client(&["count-once", "counter.yaml", "end"]), "end")?.expect(0)?;
    stage.finish(&mut stage.client(&["append", "events.yaml", "end"]), "end-event")?.expect(0)?;
    if trouble == Trouble::Kills && lock_files(stage)? != locks_before {
        return Err(fail("a lock file was removed and made anew, though nobody was to do that"));
    }
    let told = judge(stage)?;
    if cast.python + cast.bash == 0 {
        comments_stand(&fs::read_to_string(data.join("counter.yaml"))?).map_err(fail)?;
    }
    Ok(format!("{told}, {faults}, {}", reads.trim()).into())
}

/// Which files the two lock files are.
fn lock_files(stage: &Stage) -> Result<[u64; 2], Failure> {
    let inode = |name: &str| {
        let path = stage.data().join(name);
        fs::metadata(&path).map(|found| found.ino()).explain(path.display())
    };
    Ok([inode("counter.yaml.lock")?, inode("events.yaml.lock")?])
}

/// The arguments that all counting clients take.
fn words(name: &str) -> [String; 5] {
    [
        name.into(),
        "counter.yaml".into(),
        "events.yaml".into(),
        format!("../{name}.acknowledged"),
        "../stop".into(),
    ]
}

/// One of our clients, over all its lives.
struct Ours {
    name: String,
    life: u64,
    running: Option<Running>,
}

impl Ours {
    fn new(n: u16) -> Self {
        Self { name: format!("ours-{n}"), life: 0, running: None }
    }

    fn start(&mut self, stage: &Stage) -> Result<(), Failure> {
        self.life += 1;
        let mut command = stage.client(&["count"]);
        command.args(words(&self.name)).arg(self.life.to_string());
        self.running = Some(stage.start(&mut command, &format!("{}.{}", self.name, self.life))?);
        Ok(())
    }

    /// SIGKILL. It must not have ended before by itself: then something went wrong in it.
    fn kill(&mut self) -> Result<(), Failure> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        if running.is_running()? {
            running.kill()?;
            return Ok(());
        }
        let finished = running.finish()?;
        Err(fail(format!("{} gave up: {}", finished.name, finished.said())))
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.running.take().map_or(Ok(()), |running| running.finish()?.expect(0).map(drop))
    }
}

fn kill_at_random(stage: &Stage, ours: &mut [Ours], random: &mut Random) -> Result<String, Failure> {
    let until = Instant::now() + Duration::from_secs(stage.rounds(5, 25));
    let mut kills = 0;
    while Instant::now() < until {
        stage.check_time()?;
        thread::sleep(Duration::from_micros(random.between(20_000, 250_000)));
        let victim = usize::try_from(random.between(0, ours.len() as u64))?;
        if let Some(client) = ours.get_mut(victim) {
            client.kill()?;
            client.start(stage)?;
            kills += 1;
        }
        stage.step(&format!("{kills} kills"));
    }
    Ok(format!("{kills} kills"))
}

fn remove_locks(stage: &Stage, random: &mut Random) -> Result<String, Failure> {
    let until = Instant::now() + Duration::from_secs(stage.rounds(5, 20));
    let mut removals = 0;
    while Instant::now() < until {
        stage.check_time()?;
        thread::sleep(Duration::from_micros(random.between(5_000, 40_000)));
        for name in ["counter.yaml.lock", "events.yaml.lock"] {
            // Nobody may have made it anew since the last time.
            removals += u64::from(fs::remove_file(stage.data().join(name)).is_ok());
        }
        stage.step(&format!("{removals} removals"));
    }
    Ok(format!("{removals} lock files removed"))
}

fn judge(stage: &Stage) -> Result<String, Failure> {
    let data = stage.data();
    let acknowledged = acknowledged(stage)?;
    let noted = |what: &str| -> Vec<String> {
        acknowledged
            .iter()
            .filter_map(|line| line.strip_prefix(what))
            .map(|id| id.trim().to_owned())
            .collect()
    };
    let (counted, logged) = (noted("counted "), noted("logged "));
    let counter = stage.pyyaml(&data.join("counter.yaml"))?;
    let events = stage.pyyaml(&data.join("events.yaml"))?;
    let counting = Counting {
        counted: &counted,
        logged: &logged,
        counter: counter["counter"].as_u64().ok_or_else(|| fail("the counter is no number any more"))?,
        ids: &strings(&counter["ids"])?,
        events: &strings(&Value::Array(ids_of(&events)?))?,
    };
    counting.judge().map_err(fail)?;
    leftovers::none(&data).map_err(fail)?;
    Ok(format!("{} updates and {} events acknowledged, all there", counted.len(), logged.len()))
}

/// What all clients noted, a line each.
fn acknowledged(stage: &Stage) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    let files: Vec<PathBuf> = fs::read_dir(stage.folder())?.flatten().map(|entry| entry.path()).collect();
    for file in
        files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "acknowledged"))
    {
        lines.extend(fs::read_to_string(file).explain(file.display())?.lines().map(str::to_owned));
    }
    Ok(lines)
}

fn ids_of(events: &Value) -> Result<Vec<Value>, Failure> {
    let records = events.as_array().ok_or_else(|| fail("the event log is no list any more"))?;
    Ok(records.iter().map(|record| record["id"].clone()).collect())
}

fn strings(list: &Value) -> Result<Vec<String>, Failure> {
    let items = list.as_array().ok_or_else(|| fail(format!("expected a list, found {list}")))?;
    items
        .iter()
        .map(|item| {
            item.as_str().map(str::to_owned).ok_or_else(|| fail(format!("expected an id, found {item}")))
        })
        .collect()
}

/// That nothing was touched but the number, and nothing came but lines at the end of the list.
fn comments_stand(text: &str) -> Result<(), String> {
    let (before, after) = COUNTER.split_once("counter: 1 ").ok_or("the template has no counter")?;
    let stands = text
        .strip_prefix(before)
        .and_then(|rest| rest.strip_prefix("counter: "))
        .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()))
        .and_then(|rest| rest.strip_prefix(' '))
        .and_then(|rest| rest.strip_prefix(after));
    let added = stands.ok_or_else(|| format!("bytes changed that nobody meant to change:\n{text}"))?;
    match added.lines().find(|line| !line.starts_with("  - ")) {
        Some(line) => Err(format!("`{line}` is no item of the list")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNTER, comments_stand};

    #[test]
    fn a_lost_comment_a_moved_space_and_a_foreign_line_are_noticed() {
        let good = COUNTER.replace("counter: 1 ", "counter: 12 ") + "  - a\n  - b\n";
        assert_eq!(comments_stand(&good), Ok(()));
        assert!(comments_stand(&good.replace("# Turns taken so far, by anybody.\n", "")).is_err());
        assert!(comments_stand(&good.replace("12   #", "12 #")).is_err());
        assert!(comments_stand(&good.replace("  - a\n", "- a\n")).is_err());
        assert!(comments_stand(&good.replace("  - a\n", "  # added\n")).is_err());
    }
}

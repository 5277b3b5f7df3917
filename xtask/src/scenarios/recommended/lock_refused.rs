//! What programs do that cannot have the lock.

use crate::engine::{
    Client, Explain, Failure, Finished, Invariant, Running, Scenario, Stage, Tool, Verdict, fail,
};
use crate::scenarios::janitor::named::HOLD;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "recommended-lock-refused",
    proves: "who cannot have the lock says who has it, changes nothing and exits with 5, whoever holds it; it works as soon as the lock is free; and a lock file that can be none is an error of its own",
    clients: &[Client::Queue, Client::Registry, Client::Python, Client::Bash],
    faults: &[],
    upholds: &[Invariant::WaitsAreBounded, Invariant::ErrorsNameTheCause],
    processes: &[2],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const PYTHON: &str = include_str!("../../../clients/lock_once.py");

/// A program and its words, all of which want the lock of `FILE.yaml`.
const WANTED: &[(&str, &str, &[&str])] = &[
    ("queue", "queue.yaml", &["--lock-timeout", "50ms", "add", "Sweep"]),
    ("queue", "queue.yaml", &["--lock-timeout", "50ms", "claim", "--next"]),
    ("queue", "queue.yaml", &["--lock-timeout", "0s", "edit", "T-2", "priority=LOW"]),
    ("atomic-io", "queue.yaml", &["--timeout", "0.05", "set", "queue.yaml", "note", "x"]),
    ("atomic-io", "queue.yaml", &["--timeout", "0", "lock", "queue.yaml", "--", "true"]),
    ("atomic-io", "queue.yaml", &["--timeout", "0.05", "pipe", "queue.yaml", "--", "cat"]),
    (
        "registry",
        "skill-registry.yaml",
        &["--lock-timeout", "50ms", "log", "--task", "T", "--skill", "mover", "--outcome", "success"],
    ),
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    for (name, from) in [
        ("queue.yaml", "xtask/fixtures/queues/flush.yaml"),
        ("skill-registry.yaml", "examples/skill-registry.yaml"),
    ] {
        let content = fs::read(stage.workspace().join(from)).explain(from)?;
        fs::write(stage.data().join(name), content)?;
    }
    let mut refusals = 0;
    for holder in ["python", "bash", "ours"] {
        for (number, (program, file, words)) in WANTED.iter().enumerate() {
            let name = format!("{holder}-{number}");
            stage.step(&format!("{holder} has the lock that {program} {} wants", words[2]));
            refused(stage, holder, program, file, words, &name).explain(&name)?;
            refusals += 1;
        }
    }
    let odd = no_lock_file(stage)?;
    Ok(format!("{refusals} refusals under three kinds of holder, {odd} lock files that are none").into())
}

/// Has `holder` take the lock, and then `program` want it: first in vain, then not.
fn refused(
    stage: &Stage,
    holder: &str,
    program: &str,
    file: &str,
    words: &[&str],
    name: &str,
) -> Result<(), Failure> {
    let path = stage.data().join(file);
    let before = fs::read(&path)?;
    let (held, release) = (format!("{name}.held"), format!("{name}.release"));
    let holding = hold(stage, holder, file, &held, &release)?;
    stage.until(|| Ok(stage.data().join(&held).exists()))?;
    let mut wanting = stage.program(program)?;
    let error = stage.finish(wanting.arg("--json").args(words), &format!("{name}-{program}"))?.expect(5)?;
    says_who(&error, holder, file)?;
    if fs::read(&path)? != before {
        return Err(fail("the file has changed"));
    }
    fs::write(stage.data().join(&release), "")?;
    holding.finish()?.expect(0)?;
    let mut again = stage.program(program)?;
    // Whether there is something to claim is another question.
    let again = stage.finish(again.args(words), &format!("{name}-again"))?;
    match again.status.code() {
        Some(0 | 3) => Ok(()),
        _ => again.expect(0).map(drop),
    }
}

fn hold(stage: &Stage, holder: &str, file: &str, held: &str, release: &str) -> Result<Running, Failure> {
    let lock = format!("{file}.lock");
    let mut command = match holder {
        "python" => {
            let mut python = stage.python("lock_once.py", PYTHON)?;
            python.arg("hold");
            python
        }
        "bash" => stage.bash("hold.sh", HOLD)?,
        _ => {
            let mut ours = stage.program("atomic-io")?;
            let wait = r#"echo $$ > "$1"; while [ ! -e "$2" ]; do sleep 0.02; done"#;
            ours.args(["lock", file, "--", "sh", "-c", wait, "sh", held, release]);
            return stage.start(&mut ours, &format!("{held}-ours"));
        }
    };
    stage.start(command.args([lock.as_str(), held, release]), held)
}

/// The error is one JSON object that names the lock file and a process, by number and command.
fn says_who(error: &Finished, holder: &str, file: &str) -> Result<(), Failure> {
    let told = error.stderr.lines().last().unwrap_or_default();
    let told: Value = serde_json::from_str(told).explain(format_args!("no JSON: {}", error.said()))?;
    let (kind, message) = (&told["error"]["kind"], told["error"]["message"].as_str().unwrap_or_default());
    let command = match holder {
        "python" => "lock_once.py",
        "bash" => "hold.sh",
        _ => "atomic-io",
    };
    let named = [format!("{file}.lock"), "process".to_owned(), command.to_owned()];
    match named.iter().find(|part| !message.contains(part.as_str())) {
        None if kind == "lock_timed_out" => Ok(()),
        None => Err(fail(format!("the kind of the error is {kind}"))),
        Some(part) => Err(fail(format!("it should say `{part}`: {message}"))),
    }
}

/// Whatever stands in the place of the lock file, nobody goes on without a lock, and nothing is changed.
fn no_lock_file(stage: &Stage) -> Result<usize, Failure> {
    type Make = fn(&Path) -> std::io::Result<()>;
    const ODD: &[(&str, Make)] = &[
        ("folder", |path| fs::create_dir(path)),
        ("link", |path| std::os::unix::fs::symlink("elsewhere", path)),
        ("link to nothing", |path| std::os::unix::fs::symlink("/nowhere/at/all", path)),
    ];
    for (name, make) in ODD {
        let folder = stage.data().join(name);
        fs::create_dir(&folder)?;
        fs::write(folder.join("queue.yaml"), "tasks: []\n")?;
        make(&folder.join("queue.yaml.lock"))?;
        let mut queue = stage.program("queue")?;
        let refused = stage.finish(queue.current_dir(&folder).args(["add", "x"]), name)?.expect(1)?;
        let said = refused.stderr.contains("queue.yaml.lock");
        let left = fs::read_to_string(folder.join("queue.yaml"))? == "tasks: []\n";
        let alone = fs::read_dir(&folder)?.count() == 2;
        if !(said && left && alone) {
            return Err(fail(format!("a {name} in place of the lock file: {}", refused.said())));
        }
    }
    Ok(ODD.len())
}

//! What a queue that is not as it should be does to the programs that use it: nothing but a clear error.

use crate::engine::{
    Client, Explain, Failure, Fault, Finished, Invariant, Scenario, Stage, Tool, Verdict, fail,
};
use crate::scenarios::corpus::yaml_files;
use crate::scenarios::queue_refusal::{Refusal, file_stands};
use rustix::fs::{FlockOperation, flock};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "bad-input",
    proves: "a file that cannot be used is left byte for byte as it was, and the error says where, with its own exit code",
    clients: &[Client::Queue],
    faults: &[Fault::BadInput],
    upholds: &[Invariant::BrokenFilesStand, Invariant::WaitsAreBounded, Invariant::ErrorsNameTheCause],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Proc],
    bound: Duration::from_secs(60),
    run,
};

const QUEUE: &str = include_str!("../../fixtures/queues/flush.yaml");
const COMMANDS: &[&[&str]] = &[
    &["list"],
    &["claim", "--next"],
    &["add", "Another one"],
    &["done", "T-5", "--attempt", "1"],
    &["dispatch", "--", "true"],
];

/// Content that parses but is no valid queue, and the lines that the error must name.
const INVALID: &[(&str, &str, &[&str])] = &[
    (
        "duplicate ids",
        "tasks:\n- id: A\n  status: pending\n- id: B\n  status: pending\n- id: A\n  status: pending\n",
        &["line 2", "line 6"],
    ),
    (
        "a task without an id",
        "tasks:\n- id: A\n  status: pending\n- title: B\n  status: pending\n",
        &["line 4"],
    ),
    ("no list of tasks", "tasks: none\n", &["tasks"]),
    ("an empty file", "", &[]),
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut tried = 0;
    let broken = yaml_files(&stage.workspace().join("xtask").join("fixtures").join("broken"))?;
    for (number, file) in broken.iter().enumerate() {
        let content = fs::read(file).explain(file.display())?;
        for words in COMMANDS {
            refuse(stage, &format!("broken-{number}-{}", words[0]), &content, words, 6, &["q.yaml:"])
                .and_then(|finished| names_a_place(&finished))
                .explain(file.display())?;
            tried += 1;
        }
    }
    for (name, content, says) in INVALID {
        for words in COMMANDS {
            let says: Vec<_> = says.iter().chain(&["q.yaml"]).copied().collect();
            let name = format!("{name}-{}", words[0]).replace(' ', "-");
            refuse(stage, &name, content.as_bytes(), words, 6, &says)?;
            tried += 1;
        }
    }
    tried += wrong_use(stage)?;
    tried += missing(stage)?;
    tried += folder_in_its_place(stage)?;
    tried += held_lock(stage)?;
    Ok(format!("{tried} refusals, every file as before").into())
}

fn refuse(
    stage: &Stage,
    name: &str,
    content: &[u8],
    words: &[&str],
    exit: i32,
    says: &[&str],
) -> Result<Finished, Failure> {
    let folder = stage.data().join(name);
    fs::create_dir(&folder)?;
    fs::write(folder.join("q.yaml"), content)?;
    Refusal { folder: &folder, words, exit, says }.run(stage, name)
}

/// `q.yaml:LINE:COLUMN:` is in what it said.
fn names_a_place(finished: &Finished) -> Result<(), Failure> {
    let place =
        finished.stderr.split("q.yaml:").nth(1).map(|rest| rest.split(':').take(2).collect::<Vec<_>>());
    let is_place = place.is_some_and(|parts| {
        parts.len() == 2 && parts.iter().all(|part| part.parse::<u32>().is_ok_and(|n| n > 0))
    });
    if is_place {
        Ok(())
    } else {
        Err(fail(format!("{} did not say where: {}", finished.name, finished.said())))
    }
}

/// A file that is right, and a command that is not.
fn wrong_use(stage: &Stage) -> Result<usize, Failure> {
    const CASES: &[(&str, &[&str], i32, &[&str])] = &[
        ("unknown-task", &["show", "T-99"], 7, &["T-99"]),
        ("done-unclaimed", &["done", "T-2", "--attempt", "1"], 4, &["T-2", "pending"]),
        ("claim-taken", &["claim", "T-5"], 4, &["T-5", "in_progress"]),
        ("claim-waiting", &["claim", "T-6"], 4, &["T-6", "T-5"]),
        ("unknown-option", &["claim", "--sideways"], 2, &["--sideways"]),
        ("id-taken", &["add", "Again", "--id", "T-2"], 4, &["T-2"]),
    ];
    for (name, words, exit, says) in CASES {
        refuse(stage, name, QUEUE.as_bytes(), words, *exit, says)?;
    }
    let nothing_ready = QUEUE.replace("pending", "cancelled");
    refuse(stage, "nothing-to-do", nothing_ready.as_bytes(), &["claim", "--next"], 3, &[])?;
    Ok(CASES.len() + 1)
}

/// A mistyped path must not leave anything behind either.
fn missing(stage: &Stage) -> Result<usize, Failure> {
    for words in COMMANDS {
        let name = format!("missing-{}", words[0]);
        let folder = stage.data().join(&name);
        fs::create_dir(&folder)?;
        Refusal { folder: &folder, words, exit: 7, says: &["q.yaml"] }.run(stage, &name)?;
        if fs::read_dir(&folder)?.next().is_some() {
            return Err(fail(format!("{name}: something was made although there is no queue")));
        }
    }
    Ok(COMMANDS.len())
}

fn folder_in_its_place(stage: &Stage) -> Result<usize, Failure> {
    for words in COMMANDS {
        let name = format!("folder-{}", words[0]);
        let folder = stage.data().join(&name);
        fs::create_dir_all(folder.join("q.yaml"))?;
        Refusal { folder: &folder, words, exit: 1, says: &["q.yaml"] }.run(stage, &name)?;
        if fs::read_dir(folder.join("q.yaml"))?.next().is_some() {
            return Err(fail(format!("{name}: something was put into the folder")));
        }
    }
    Ok(COMMANDS.len())
}

/// Somebody has the lock and keeps it.
fn held_lock(stage: &Stage) -> Result<usize, Failure> {
    const PATIENCE: Duration = Duration::from_millis(300);
    let mut tried = 0;
    for words in COMMANDS.iter().filter(|words| words[0] != "list") {
        let name = format!("held-{}", words[0]);
        let folder = stage.data().join(&name);
        fs::create_dir(&folder)?;
        fs::write(folder.join("q.yaml"), QUEUE)?;
        let lock = fs::File::create(folder.join("q.yaml.lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        let words: Vec<_> = ["--lock-timeout", "300ms"].iter().chain(*words).copied().collect();
        // A busy machine may keep it from coming back soon; one that waits for another time than it was told is late every time.
        let mut took = [Duration::MAX; 3];
        for took in &mut took {
            let started = Instant::now();
            Refusal { folder: &folder, words: &words, exit: 5, says: &["q.yaml.lock"] }.run(stage, &name)?;
            *took = started.elapsed();
            if *took < PATIENCE + Duration::from_secs(5) {
                break;
            }
        }
        let shortest = took.iter().min().copied().unwrap_or_default();
        if shortest < PATIENCE || shortest > PATIENCE + Duration::from_secs(5) {
            return Err(fail(format!("{name}: gave up after {shortest:.1?}, was to wait {PATIENCE:?}")));
        }
        tried += 1;
    }
    // Readers need no lock.
    let folder = stage.data().join("held-list");
    fs::create_dir(&folder)?;
    fs::write(folder.join("q.yaml"), QUEUE)?;
    let lock = fs::File::create(folder.join("q.yaml.lock"))?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
    let mut list = stage.program("queue")?;
    list.current_dir(&folder).args(["-f", "q.yaml", "list"]);
    stage.finish(&mut list, "held-list")?.expect(0)?;
    still(&folder)?;
    Ok(tried + 1)
}

fn still(folder: &Path) -> Result<(), Failure> {
    file_stands(&folder.join("q.yaml"), Some(QUEUE.as_bytes()))
}

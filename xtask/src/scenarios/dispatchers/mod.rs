//! What a dispatcher has to bear and to do beside running tasks to their end. What the tasks write down themselves decides.

pub(super) mod clock_set;
pub(super) mod preempt;
pub(super) mod rough_tasks;
pub(super) mod slots_told;
pub(super) mod watching;

use crate::engine::{Explain, Failure, Finished, Running, Stage, fail};
use crate::judges::attempts::{self, Told};
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

/// What tasks say with `say WORD`: a line in the journal.
const SAY: &str = r#"say() { echo "$1 $QUEUE_TASK_ID $QUEUE_ATTEMPT" >> journal; }; "#;

/// A queue in a folder of its own, and the journal of its tasks beside it.
struct Site<'a> {
    stage: &'a Stage,
    name: String,
    folder: PathBuf,
    started: Cell<u32>,
}

impl<'a> Site<'a> {
    fn prepare(stage: &'a Stage, name: &str, tasks: &[String]) -> Result<Self, Failure> {
        let folder = stage.data().join(name);
        fs::create_dir(&folder).explain(folder.display())?;
        fs::write(folder.join("q.yaml"), format!("# Of one scenario.\ntasks:\n{}", tasks.concat()))?;
        fs::write(folder.join("journal"), "")?;
        Ok(Self { stage, name: name.into(), folder, started: Cell::new(0) })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn make(&self, name: &str) -> Result<(), Failure> {
        fs::write(self.path(name), "").explain(name)
    }

    /// `queue` with these words, to be started.
    fn command(&self, words: &[&str]) -> Result<Command, Failure> {
        let mut queue = self.stage.program("queue")?;
        queue.current_dir(&self.folder).args(["-f", "q.yaml"]).args(words);
        Ok(queue)
    }

    /// Starts `queue` with these words.
    fn start(&self, words: &[&str]) -> Result<Running, Failure> {
        self.stage.start(&mut self.command(words)?, &self.log_name(words))
    }

    /// A name for the output of the next process.
    fn log_name(&self, words: &[&str]) -> String {
        self.started.set(self.started.get() + 1);
        format!("{}-{}-{}", self.name, words.first().unwrap_or(&""), self.started.get())
    }

    /// Runs `queue` with these words to its end.
    fn queue(&self, words: &[&str]) -> Result<Finished, Failure> {
        self.start(words)?.finish()
    }

    fn journal(&self) -> Result<String, Failure> {
        let path = self.path("journal");
        fs::read_to_string(&path).explain(path.display())
    }

    /// Whether the tasks have written this line.
    fn has_said(&self, line: &str) -> Result<bool, Failure> {
        Ok(self.journal()?.lines().any(|said| said == line))
    }

    /// Waits for a line of the tasks', as long as the dispatcher lives.
    fn until_said(&self, dispatcher: &mut Running, line: &str) -> Result<(), Failure> {
        self.until(dispatcher, || self.has_said(line)).explain(format_args!("waiting for `{line}`"))
    }

    /// Waits for something that a dispatcher brings about, as long as it lives.
    fn until(
        &self,
        dispatcher: &mut Running,
        mut done: impl FnMut() -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        self.stage.until(|| {
            // In this order: what it did before its end counts.
            let lives = dispatcher.is_running()?;
            match done()? {
                false if !lives => Err(fail(format!("{} has ended", dispatcher.name()))),
                is_done => Ok(is_done),
            }
        })
    }

    /// The tasks by id, as the file has them now.
    fn tasks(&self) -> Result<BTreeMap<String, Value>, Failure> {
        let path = self.path("q.yaml");
        let queue: Value = serde_yaml::from_str(&fs::read_to_string(&path)?).explain(path.display())?;
        let tasks = queue["tasks"].as_array().ok_or_else(|| fail("the queue has lost its tasks"))?;
        Ok(tasks.iter().filter_map(|task| Some((task["id"].as_str()?.to_owned(), task.clone()))).collect())
    }

    fn status(&self, id: &str) -> Result<String, Failure> {
        let tasks = self.tasks()?;
        let status = tasks.get(id).and_then(|task| task["status"].as_str());
        status.map(str::to_owned).ok_or_else(|| fail(format!("{id} is gone")))
    }

    /// That every task is completed, each by an attempt that came to its end, and none was started more than `starts` times, nor while it ran.
    fn all_completed(&self, starts: usize) -> Result<(), Failure> {
        let told: BTreeMap<String, Told> =
            self.tasks()?.iter().map(|(id, task)| (id.clone(), told(task))).collect();
        if let Some((id, told)) = told.iter().find(|(_, told)| told.status != "completed") {
            return Err(fail(format!("{id} is {}, not completed", told.status)));
        }
        attempts::judge(&self.journal()?, &told, starts).map_err(fail).explain("by the tasks' own journal")
    }
}

fn told(task: &Value) -> Told {
    let status = task["status"].as_str().unwrap_or_default().to_owned();
    Told { status, attempt: task["attempt"].as_u64().unwrap_or(0) }
}

/// A task that runs a script, which may `say` something; `fields` are further ones of its, as YAML in braces has them.
fn task(id: &str, fields: &str, script: &str) -> String {
    // A string in JSON is one in YAML.
    let run = Value::from(format!("{SAY}{script}"));
    let comma = if fields.is_empty() { "" } else { ", " };
    format!("- {{ id: {id}, status: pending{comma}{fields}, run: {run} }}\n")
}

/// Measures up to a moment that a task writes down.
struct Stopwatch(SystemTime);

impl Stopwatch {
    fn start() -> Self {
        Self(SystemTime::now())
    }

    /// Milliseconds up to the moment that stands in the file `name`, as `date +%s%N` has it.
    fn until_noted(&self, site: &Site<'_>, name: &str) -> Result<u128, Failure> {
        let noted = fs::read_to_string(site.path(name)).explain(name)?;
        let noted = noted.trim().parse::<u128>().explain(format_args!("the moment in {name}"))?;
        let started = self.0.duration_since(SystemTime::UNIX_EPOCH)?.as_nanos();
        Ok(noted.saturating_sub(started) / 1_000_000)
    }
}

/// The middle one.
fn median(mut values: Vec<u128>) -> u128 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

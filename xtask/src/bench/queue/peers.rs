//! Who claims, lists and finishes tasks by commands.

use crate::bench::command::{make_database, median, run, sqlite};
use crate::engine::{Explain, Failure, Stage, fail};
use crate::made_queue::{MadeQueue, with_status};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const PYTHON: &str = include_str!("../../../clients/bench_queue.py");
const BASH: &str = include_str!("../../../clients/bench_queue.sh");

/// The next ready task: of the highest class, then with the highest score.
const NEXT: &str = "SELECT id FROM tasks AS task WHERE status = 'pending' AND NOT EXISTS (SELECT 1 FROM blockers JOIN tasks AS other ON other.id = \
                    blocker WHERE blockers.task = task.id AND other.status <> 'completed') ORDER BY priority, score DESC LIMIT 1";
const TIME: &str = "strftime('%Y-%m-%dT%H:%M:%fZ')";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    Ours,
    OursWithoutEvents,
    Sqlite,
    Python,
    Yq,
}

impl Peer {
    /// The median time of a claim, in nanoseconds.
    pub(super) fn claims(self, stage: &Stage, tasks: u32) -> Result<f64, Failure> {
        let queue = self.queue(stage, tasks)?;
        let times = self.times(tasks);
        // What is there after the first one only, such as a lock file and a backup, is part of being in use.
        if times > 1 {
            run(&mut self.claim(stage, &queue)?)?;
        }
        let before = self.with_status(stage, &queue, "claimed")?;
        let mut found = Vec::new();
        for _ in 0..times {
            let (time, id) = run(&mut self.claim(stage, &queue)?)?;
            if !id.starts_with("TASK-") {
                return Err(fail(format!("claimed no task but `{id}`")));
            }
            found.push(time);
        }
        let claimed = self.with_status(stage, &queue, "claimed")?;
        if claimed != before + times {
            return Err(fail(format!("{times} claims made {before} claimed tasks {claimed}")));
        }
        median(found)
    }

    /// The median time of finishing a task.
    pub(super) fn finishes(self, stage: &Stage, tasks: u32) -> Result<f64, Failure> {
        let queue = self.queue(stage, tasks)?;
        let times = self.times(tasks);
        let before = self.with_status(stage, &queue, "completed")?;
        let mut found = Vec::new();
        for _ in 0..times {
            let (_, said) = run(&mut self.claim(stage, &queue)?)?;
            let id = said.split_whitespace().next().unwrap_or_default();
            found.push(run(&mut self.done(stage, &queue, id)?)?.0);
        }
        let done = self.with_status(stage, &queue, "completed")?;
        if done != before + times {
            return Err(fail(format!("finishing {times} tasks made {before} completed ones {done}")));
        }
        median(found)
    }

    /// The median time of listing all tasks.
    pub(super) fn lists(self, stage: &Stage, tasks: u32) -> Result<f64, Failure> {
        let queue = self.queue(stage, tasks)?;
        let mut found = Vec::new();
        for _ in 0..self.times(tasks) {
            let (time, said) = run(&mut self.list(stage, &queue)?)?;
            let last = format!("TASK-{:05}", tasks - 1);
            if !said.contains(&last) {
                return Err(fail(format!("{last} is not in the list")));
            }
            found.push(time);
        }
        median(found)
    }

    /// Those who need seconds have one go a round.
    fn times(self, tasks: u32) -> usize {
        match self {
            Self::Python | Self::Yq if tasks > 1_000 => 1,
            Self::Python | Self::Yq => 3,
            _ => 9,
        }
    }

    /// A new queue in a folder of its own.
    pub(super) fn queue(self, stage: &Stage, tasks: u32) -> Result<PathBuf, Failure> {
        let folder = stage.data().join(format!("{}-{tasks}", self.name()));
        if folder.exists() {
            fs::remove_dir_all(&folder).explain(folder.display())?;
        }
        fs::create_dir(&folder).explain(folder.display())?;
        let made = MadeQueue { tasks };
        let queue = if self == Self::Sqlite {
            let base = folder.join("queue.db");
            make_database(stage, &base, &made.sql())?;
            base
        } else {
            let queue = folder.join("queue.yaml");
            fs::write(&queue, made.text()).explain(queue.display())?;
            queue
        };
        // What was written for it is not to be written while something is measured.
        File::open(&queue).and_then(|file| file.sync_all()).explain(queue.display())?;
        Ok(queue)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::OursWithoutEvents => "without-events",
            Self::Sqlite => "sqlite",
            Self::Python => "python",
            Self::Yq => "yq",
        }
    }

    pub(super) fn claim(self, stage: &Stage, queue: &Path) -> Result<Command, Failure> {
        match self {
            Self::Ours | Self::OursWithoutEvents => self.ours(stage, queue, &["claim", "--agent", "bench"]),
            Self::Sqlite => Ok(sqlite(
                stage,
                queue,
                &format!(
                    "BEGIN IMMEDIATE; UPDATE tasks SET status = 'claimed', claimed_by = 'bench', claimed_at = {TIME}, lease_until = {TIME}, \
                     attempt = attempt + 1 WHERE id = ({NEXT}) RETURNING id; COMMIT;"
                ),
            )),
            Self::Python => {
                let mut python = stage.python("bench_queue.py", PYTHON)?;
                python.arg(queue);
                Ok(python)
            }
            Self::Yq => {
                let mut bash = stage.bash("bench_queue.sh", BASH)?;
                bash.arg(queue);
                Ok(bash)
            }
        }
    }

    pub(super) fn done(self, stage: &Stage, queue: &Path, id: &str) -> Result<Command, Failure> {
        match self {
            Self::Ours | Self::OursWithoutEvents => {
                self.ours(stage, queue, &["done", id, "--agent", "bench"])
            }
            Self::Sqlite => Ok(sqlite(
                stage,
                queue,
                &format!(
                    "BEGIN IMMEDIATE; UPDATE tasks SET status = 'completed', completed_at = {TIME} WHERE id = '{id}' AND status = 'claimed' AND \
                     claimed_by = 'bench' RETURNING id; COMMIT;"
                ),
            )),
            Self::Python | Self::Yq => Err(fail("finishing is not measured with it")),
        }
    }

    pub(super) fn list(self, stage: &Stage, queue: &Path) -> Result<Command, Failure> {
        match self {
            Self::Ours | Self::OursWithoutEvents => self.ours(stage, queue, &["list"]),
            Self::Sqlite => Ok(sqlite(stage, queue, "SELECT id, status, priority, title FROM tasks;")),
            Self::Python | Self::Yq => Err(fail("listing is not measured with it")),
        }
    }

    fn ours(self, stage: &Stage, queue: &Path, words: &[&str]) -> Result<Command, Failure> {
        let mut command = stage.program("queue")?;
        command.arg("--file").arg(queue).args(words);
        if self == Self::OursWithoutEvents {
            command.arg("--no-events");
        }
        Ok(command)
    }

    fn with_status(self, stage: &Stage, queue: &Path, status: &str) -> Result<usize, Failure> {
        if self == Self::Sqlite {
            let count = format!("SELECT count(*) FROM tasks WHERE status = '{status}';");
            let (_, said) = run(&mut sqlite(stage, queue, &count))?;
            return said.trim().parse::<usize>().explain(format_args!("sqlite3 counts `{said}`"));
        }
        Ok(with_status(&fs::read_to_string(queue).explain(queue.display())?, status))
    }
}

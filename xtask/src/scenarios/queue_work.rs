//! One queue that is worked off by `queue dispatch`, and everything that must be true of it then.

use crate::engine::{Explain, Failure, Running, Stage, fail};
use crate::judges::event_records::EventRecords;
use crate::judges::history::endings;
use crate::judges::journal::Journal;
use crate::judges::queue::{Tasks, same_but_for};
use crate::judges::{leftovers, queue_text};
use crate::scenarios::corpus::yaml_files;
use rustix::fs::{FlockOperation, flock};
use serde_json::Value;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

/// What each task does: write down that it starts, take its time, write down that it ends.
const TASK: &str = r#"
echo "start $QUEUE_TASK_ID $QUEUE_ATTEMPT" >> "$JOURNAL"
sleep "$TASK_TIME"
echo "end $QUEUE_TASK_ID $QUEUE_ATTEMPT" >> "$JOURNAL"
"#;

/// The same under a lock of its own, which everything that it starts holds too: an instance that cannot have it at once was started while
/// something of another one lived. Some tasks leave a process in their group that outlives them; some one in a session of its own, of
/// which only the run lock tells; some close the run lock, so that only their group tells of them, if it was written down before.
pub(super) const LOCKED_TASK: &str = r#"
[ ! -e /proc/$$/fd/9 ] || exit 9
exec 9>> "$HELD/$QUEUE_TASK_ID"
flock -n 9 || echo "overlap $QUEUE_TASK_ID $QUEUE_ATTEMPT" >> "$JOURNAL"
echo "start $QUEUE_TASK_ID $QUEUE_ATTEMPT" >> "$JOURNAL"
case $(($$ % 4)) in
    0) sleep "$OUTLIVES" & ;;
    1) setsid sleep "$OUTLIVES" & ;;
    2) if grep -qs group ".mooring/run/q.yaml.$QUEUE_TASK_ID.$QUEUE_ATTEMPT.lock"; then
           for fd in 3 4 5 6 7 8; do eval "exec $fd>&-"; done
       fi ;;
esac
sleep "$TASK_TIME"
echo "end $QUEUE_TASK_ID $QUEUE_ATTEMPT" >> "$JOURNAL"
"#;
/// Longer than it takes to start a task again, in seconds.
const OUTLIVES: &str = "0.6";

/// A copy of a queue file in a folder of its own, and how it was before.
pub(super) struct QueueWork<'a> {
    stage: &'a Stage,
    name: String,
    folder: PathBuf,
    journal: PathBuf,
    before: String,
    data_before: Value,
    tasks_before: Tasks,
    dispatches: Cell<u32>,
}

/// Our own queues, and every file of the corpus that is one (of the dialect with `tasks`).
pub(super) fn queues(stage: &Stage) -> Result<Vec<PathBuf>, Failure> {
    let mut files = own_queues(stage)?;
    for folder in stage.corpus() {
        let found = yaml_files(folder)?;
        let readings = stage.pyyaml_all(&found, crate::engine::Dates::Tagged)?;
        let is_queue =
            |reading: &Result<Value, String>| reading.as_ref().is_ok_and(|data| Tasks::of(data).is_some());
        files.extend(
            found.into_iter().zip(readings).filter(|(_, reading)| is_queue(reading)).map(|(file, _)| file),
        );
    }
    Ok(files)
}

/// The queues among our fixtures.
pub(super) fn own_queues(stage: &Stage) -> Result<Vec<PathBuf>, Failure> {
    yaml_files(&stage.workspace().join("xtask").join("fixtures").join("queues"))
}

impl<'a> QueueWork<'a> {
    /// The folder of its own.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn prepare(stage: &'a Stage, source: &Path) -> Result<Self, Failure> {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = stage.data().join(&name);
        fs::create_dir(&folder).explain(folder.display())?;
        let before = fs::read_to_string(source).explain(source.display())?;
        // Written, not copied: the source may be read-only.
        fs::write(folder.join("q.yaml"), &before)?;
        let data_before = stage.pyyaml(&folder.join("q.yaml"))?;
        let tasks_before = Tasks::of(&data_before).ok_or_else(|| fail("it is no queue"))?;
        let journal = stage.folder().join(format!("{name}.journal"));
        fs::write(&journal, "")?;
        Ok(Self { stage, name, folder, journal, before, data_before, tasks_before, dispatches: Cell::new(0) })
    }

    /// Starts a dispatcher whose tasks take this long (for `sleep`).
    pub(super) fn dispatch(&self, task_time: &str) -> Result<Running, Failure> {
        self.dispatch_tasks(TASK, task_time, &[])
    }

    /// The same with a script of its own for the tasks, and options for the dispatcher.
    pub(super) fn dispatch_tasks(
        &self,
        script: &str,
        task_time: &str,
        options: &[&str],
    ) -> Result<Running, Failure> {
        let held = self.journal.with_extension("held");
        fs::create_dir_all(&held).explain(held.display())?;
        let mut queue = self.stage.program("queue")?;
        queue.current_dir(&self.folder).env("JOURNAL", &self.journal).env("TASK_TIME", task_time);
        queue.env("HELD", held).env("OUTLIVES", OUTLIVES);
        queue
            .args(["-f", "q.yaml", "dispatch", "--slots", "4"])
            .args(options)
            .args(["--", "sh", "-c", script]);
        self.dispatches.set(self.dispatches.get() + 1);
        self.stage.start(&mut queue, &format!("dispatch-{}-{}", self.name, self.dispatches.get()))
    }

    /// How many tasks were to run.
    pub(super) fn runnable(&self) -> usize {
        self.tasks_before.runnable().len()
    }

    /// All that must be true once a dispatcher, which printed `output`, has said that nothing is left.
    pub(super) fn judge(&self, output: &str) -> Result<(), Failure> {
        self.journal(|journal| journal.judge(&self.tasks_before, &self.tasks_before.runnable()))?;
        self.judge_file(output)
    }

    /// The same where supervisors and tasks were killed: what was interrupted ran again.
    pub(super) fn judge_killed(&self, output: &str) -> Result<(), Failure> {
        let endings = endings(&self.stage.pyyaml(&self.folder.join("q.yaml"))?).map_err(fail)?;
        let completed = endings.into_iter().filter(|(_, ending)| ending.status == "completed");
        let completed =
            completed.filter_map(|(id, ending)| ending.attempt.map(|attempt| (id, attempt))).collect();
        self.journal(|journal| {
            journal.judge_killed(&self.tasks_before, &self.tasks_before.runnable(), &completed)
        })?;
        // What a task has left behind may live on for a moment.
        self.stage.until(|| Ok(self.stage.living().is_empty()))?;
        self.judge_file(output)
    }

    fn journal(&self, judge: impl Fn(&Journal) -> Result<(), String>) -> Result<(), Failure> {
        let text = fs::read_to_string(&self.journal)?;
        let ran = Journal::parse(&text).and_then(|journal| judge(&journal));
        ran.map_err(fail).explain(format_args!("by the tasks' own journal {}", self.journal.display()))
    }

    fn judge_file(&self, output: &str) -> Result<(), Failure> {
        let expected = self.tasks_before.runnable();
        let file = self.folder.join("q.yaml");
        let after = fs::read_to_string(&file).explain(file.display())?;
        let only = queue_text::only_transitions(&self.before, &after, &expected);
        only.map_err(fail).explain("in the file's text")?;
        let data = self.stage.pyyaml(&file)?;
        let same = same_but_for(&self.data_before, &data, &expected, "completed");
        same.map_err(fail).explain("in the data that PyYAML finds")?;
        self.stage.pyyaml(&self.folder.join("q.yaml.backup"))?;
        self.waiting_are_explained(output).map_err(fail).explain("in the closing table")?;
        leftovers::none(&self.folder).map_err(fail)?;
        no_lock_is_held(&self.folder)
    }

    /// That the log has one record of each of these types for every task that ran, and none of any other task.
    pub(super) fn history_is_whole(&self, kinds: &[&str]) -> Result<(), Failure> {
        let log = self.stage.pyyaml(&self.folder.join("events.yaml"))?;
        let records =
            EventRecords::of(&log).and_then(|log| log.exactly_once(&self.tasks_before.runnable(), kinds));
        records.map_err(fail).explain("in events.yaml, as PyYAML reads it")
    }

    /// Every pending task that could not run is named, with more than its status.
    fn waiting_are_explained(&self, output: &str) -> Result<(), String> {
        let rows: Vec<Vec<&str>> = output.lines().map(|line| line.split_whitespace().collect()).collect();
        let pending = self.tasks_before.with_status("pending");
        for id in pending.difference(&self.tasks_before.runnable()) {
            let row = rows
                .iter()
                .find(|row| row.first() == Some(id))
                .ok_or_else(|| format!("{id} is not named"))?;
            if row.get(1) != Some(&"pending") || row.len() < 4 {
                return Err(format!("{id} waits without a reason: {}", row.join(" ")));
            }
        }
        Ok(())
    }
}

/// A queue of `tasks` for killing at, in a file of its own: three chains beside each other, with comments.
pub(super) fn chains(stage: &Stage, name: &str, tasks: u64) -> Result<PathBuf, Failure> {
    let mut text = String::from("# Three chains.\ntasks:\n");
    for n in 1..=tasks {
        let blockers = if n > 3 { format!("[C-{}]", n - 3) } else { "[]".into() };
        text.push_str(&format!(
            "  # Number {n}.\n  - id: C-{n}\n    status: pending   # free\n    blockedBy: {blockers}\n"
        ));
    }
    let path = stage.folder().join(format!("{name}.yaml"));
    fs::write(&path, text).explain(path.display())?;
    Ok(path)
}

/// Every lock file under `folder` can be taken at once.
pub(super) fn no_lock_is_held(folder: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).explain(folder.display())? {
        let path = entry?.path();
        if path.is_dir() {
            no_lock_is_held(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "lock") {
            let file = fs::File::open(&path).explain(path.display())?;
            let taken = flock(&file, FlockOperation::NonBlockingLockExclusive);
            taken.explain(format_args!("{} is still held", path.display()))?;
            // Closing would not do: a program that is just being started has the descriptor too, until it is a program of its own.
            flock(&file, FlockOperation::Unlock)?;
        }
    }
    Ok(())
}

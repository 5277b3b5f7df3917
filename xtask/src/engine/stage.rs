//! What a scenario works with.

use crate::engine::{
    Case, Explain, Failure, Finished, Pace, Random, Run, Running, Tool, fail, look_first_in, strays,
};
use rustix::process::Pid;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The folder, processes and random numbers of one scenario.
pub(crate) struct Stage {
    run: Arc<Run>,
    case: Case,
    folder: PathBuf,
    /// What every process of this scenario carries in its environment.
    pub(super) mark: String,
    expired: AtomicBool,
}

impl Stage {
    /// An empty folder, and nothing running yet.
    pub(super) fn prepare(run: &Arc<Run>, case: Case) -> Result<Self, Failure> {
        let name = case.name();
        let folder =
            run.places.work(&name, case.filesystem).ok_or_else(|| fail("there is no such filesystem"))?;
        if folder.exists() {
            fs::remove_dir_all(&folder).explain(folder.display())?;
        }
        for sub in ["data", "logs"] {
            fs::create_dir_all(folder.join(sub)).explain(folder.display())?;
        }
        let mark = format!("{}-{name}", std::process::id());
        Ok(Self { run: Arc::clone(run), case, folder, mark, expired: AtomicBool::new(false) })
    }

    /// The scenario's own folder. Kept after a failure.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the files under test are; nothing else is put there, so what is found in it was left by those who used it.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// How many client processes this case has.
    pub(crate) fn processes(&self) -> u16 {
        self.case.processes
    }

    pub(crate) fn pace(&self) -> Pace {
        self.run.pace
    }

    /// `quick` in a quick run, `full` otherwise; as many times that as the run was told.
    pub(crate) fn rounds(&self, quick: u64, full: u64) -> u64 {
        let once = if self.run.pace == Pace::Quick { quick } else { full };
        once.saturating_mul(u64::from(self.run.times.get()))
    }

    pub(crate) fn corpus(&self) -> &[PathBuf] {
        &self.run.corpus
    }

    /// The folder of the workspace.
    pub(crate) fn workspace(&self) -> &Path {
        &self.run.places.workspace
    }

    /// Random choices that depend on the seed of the run alone.
    pub(crate) fn random(&self) -> Random {
        Random::new(self.run.seed)
    }

    pub(crate) fn seed(&self) -> u64 {
        self.run.seed
    }

    /// An empty folder for what is found, outside the scenario's own, which is gone when all is well.
    pub(crate) fn kept(&self, name: &str) -> Result<PathBuf, Failure> {
        let folder = self.run.places.kept(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).explain(folder.display())?;
        }
        fs::create_dir_all(&folder).explain(folder.display())?;
        Ok(folder)
    }

    /// A folder of this name for what cargo builds outside the workspace, which stays from one run to the next.
    pub(crate) fn warm(&self, name: &str) -> PathBuf {
        self.run.places.kept(name)
    }

    /// Tells where the scenario is.
    pub(crate) fn step(&self, text: &str) {
        self.run.progress.step(&self.case.name(), text);
    }

    /// Fails once the scenario has used up its time; loops that wait for something ask here.
    pub(crate) fn check_time(&self) -> Result<(), Failure> {
        if self.expired.load(Ordering::Relaxed) { Err(fail("stopped: its time was up")) } else { Ok(()) }
    }

    pub(super) fn expire(&self) {
        self.expired.store(true, Ordering::Relaxed);
    }

    /// Waits until `done` says so, a few milliseconds at a time.
    pub(crate) fn until(&self, mut done: impl FnMut() -> Result<bool, Failure>) -> Result<(), Failure> {
        while !done()? {
            self.check_time()?;
            thread::sleep(Duration::from_millis(3));
        }
        Ok(())
    }

    /// A program, in the data folder.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.data()).env(strays::VARIABLE, &self.mark);
        // What the person at the keyboard has set must not change what a scenario finds.
        for name in [
            "QUEUE_FILE",
            "QUEUE_ALSO_LOCK",
            "QUEUE_AGENT",
            "QUEUE_TASK_ID",
            "QUEUE_ATTEMPT",
            "REGISTRY_FILE",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// One of our client processes: this program again.
    pub(crate) fn client(&self, words: &[&str]) -> Command {
        let mut command = self.command(&self.run.places.client);
        command.arg("client").args(words);
        command
    }

    /// The path of this program, for scenarios that hand it to another one.
    pub(crate) fn client_path(&self) -> &Path {
        &self.run.places.client
    }

    /// One of the workspace's binaries.
    pub(crate) fn program(&self, name: &str) -> Result<Command, Failure> {
        Ok(self.command(self.run.programs.path(name)?))
    }

    /// Lets a script find the workspace's binaries by their names.
    pub(crate) fn with_programs(&self, mut command: Command) -> Result<Command, Failure> {
        if let Some(folder) = self.program_path("queue")?.parent() {
            look_first_in(folder, &mut command)?;
        }
        Ok(command)
    }

    /// Lets a script find a `python3` that has PyYAML. The scenario must need [`Tool::PyYaml`].
    pub(crate) fn with_python(&self, mut command: Command) -> Result<Command, Failure> {
        // The system's own has no folder in its name, and is found already.
        if let Some(folder) = self.python_path(Tool::PyYaml)?.parent().filter(|folder| folder.is_absolute()) {
            look_first_in(folder, &mut command)?;
        }
        Ok(command)
    }

    /// Where one of the workspace's binaries is.
    pub(crate) fn program_path(&self, name: &str) -> Result<&Path, Failure> {
        self.run.programs.path(name)
    }

    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = super::programs::cargo(&self.run.places);
        cargo.env(strays::VARIABLE, &self.mark);
        cargo
    }

    /// A Python script of ours, with a Python that has PyYAML. The scenario must need [`Tool::PyYaml`].
    pub(crate) fn python(&self, name: &str, script: &str) -> Result<Command, Failure> {
        self.python_with(Tool::PyYaml, name, script)
    }

    /// A Python script of ours, with a Python that has the library of `tool`, which must have been found.
    pub(crate) fn python_with(&self, tool: Tool, name: &str, script: &str) -> Result<Command, Failure> {
        let mut command = self.command(self.python_path(tool)?);
        command.arg(self.script(name, script)?);
        Ok(command)
    }

    fn python_path(&self, tool: Tool) -> Result<&Path, Failure> {
        let python = self.run.tools.python(tool);
        python.ok_or_else(|| fail(format!("nobody asked whether there is {tool:?}")))
    }

    /// Why `tool` cannot be used here; `None` when it can.
    pub(crate) fn missing(&self, tool: Tool) -> Option<String> {
        self.run.tools.missing(tool)
    }

    /// What programs have to preload to be shown another clock. The scenario must need [`Tool::FakeTime`].
    pub(crate) fn faketime(&self) -> Result<String, Failure> {
        let library = self.run.tools.faketime();
        library.map(str::to_owned).ok_or_else(|| fail("nobody asked whether there is libfaketime"))
    }

    /// A bash script of ours.
    pub(crate) fn bash(&self, name: &str, script: &str) -> Result<Command, Failure> {
        let mut command = self.command("bash");
        command.arg(self.script(name, script)?);
        Ok(command)
    }

    /// The path of a script of ours.
    pub(crate) fn script(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.folder.join(name);
        if !path.exists() {
            fs::write(&path, text).explain(path.display())?;
        }
        Ok(path)
    }

    /// Starts a process; its output is kept in the scenario's folder under `name`.
    pub(crate) fn start(&self, command: &mut Command, name: &str) -> Result<Running, Failure> {
        self.check_time()?;
        Running::start(command, &self.folder.join("logs"), name)
    }

    /// Runs a process to its end.
    pub(crate) fn finish(&self, command: &mut Command, name: &str) -> Result<Finished, Failure> {
        self.start(command, name)?.finish()
    }

    /// The processes of this scenario that run now, each with its command line.
    pub(crate) fn living(&self) -> Vec<(Pid, Vec<String>)> {
        strays::find(&self.mark).into_iter().map(|pid| (pid, strays::words(pid))).collect()
    }

    /// The processes of this scenario that still run.
    pub(crate) fn still_running(&self) -> Vec<String> {
        strays::find(&self.mark).into_iter().map(strays::describe).collect()
    }
}

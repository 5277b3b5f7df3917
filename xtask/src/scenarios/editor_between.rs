//! An editor, which knows of no lock, saves between our last look at the file and our exchange, or goes on writing after it.
//!
//! The moments last microseconds, so strace stretches them: our program is stopped at the entry of its first `renameat2`, or of its second
//! `fsync`, which is that of the folder. What the editor saved must not be gone, and our update must be made on it. strace's log tells
//! that the program is stopped, and afterwards that it still was when the editor was through; one that came too late proves nothing, and
//! tries again with a longer stop.

use crate::engine::{
    Client, Explain, Failure, Fault, Finished, Invariant, Running, Scenario, Stage, Tool, Verdict, fail,
};
use crate::judges::leftovers;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "editor-between",
    proves: "an editor's save right before or after our exchange is kept, and our update is made on it",
    clients: &[Client::Crates, Client::Editor],
    faults: &[Fault::UnlockedSave],
    upholds: &[Invariant::NoVersionIsLost],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::Strace, Tool::Proc],
    bound: Duration::from_secs(120),
    run,
};

const BEFORE: &str = "counter: 1\nids:\n  - first\n";
const EDITED: &str = "# by hand\ncounter: 5\nids:\n  - edited\n";
/// What our update makes of the version before.
const FIRST_SAVED: &str = "counter: 2\nids:\n  - first\n  - ours\n";
const AFTER: &str = "# by hand\ncounter: 6\nids:\n  - edited\n  - ours\n";

/// How long our program is stopped, in seconds.
const STOPS: [u32; 3] = [1, 5, 20];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    in_time(|seconds| {
        between(stage, &format!("renamed-{seconds}.yaml"), seconds, |file| {
            let beside = file.with_extension("editor");
            fs::write(&beside, EDITED)?;
            fs::rename(&beside, file)
        })
    })?;
    in_time(|seconds| {
        between(stage, &format!("in-place-{seconds}.yaml"), seconds, |file| fs::write(file, EDITED))
    })?;
    in_time(|seconds| late(stage, &format!("late-{seconds}.yaml"), seconds))?;
    Ok("3 saves kept".to_owned().into())
}

/// Whether the editor was through while our program was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    InTime,
    TooLate,
}

fn in_time(edit: impl Fn(u32) -> Result<Came, Failure>) -> Result<(), Failure> {
    for seconds in STOPS {
        if edit(seconds)? == Came::InTime {
            return Ok(());
        }
    }
    Err(fail(format!("the machine is so busy that the editor needs longer than any of {STOPS:?} s")))
}

/// `count-once`, stopped at the entry of a call.
struct Stopped {
    running: Running,
    log: PathBuf,
    /// What strace has written until then.
    before: String,
}

impl Stopped {
    fn at(stage: &Stage, call: &str, occurrence: u32, name: &str, seconds: u32) -> Result<Self, Failure> {
        let log = stage.folder().join(format!("{name}.strace"));
        let mut strace = stage.command("strace");
        strace.arg("-f").arg("-o").arg(&log).args(["-e", &format!("trace={call}")]);
        let microseconds = u64::from(seconds) * 1_000_000;
        strace.args(["-e", &format!("inject={call}:delay_enter={microseconds}:when={occurrence}")]);
        strace.arg(stage.client_path()).args(["client", "count-once", name, "ours"]);
        let mut running = stage.start(&mut strace, name)?;
        let (mut before, entry, wanted) = (String::new(), format!("{call}("), usize::try_from(occurrence)?);
        stage.until(|| {
            before = fs::read_to_string(&log).unwrap_or_default();
            let is_there = before.matches(&entry).count() >= wanted;
            if is_there || running.is_running()? {
                Ok(is_there)
            } else {
                Err(fail(format!("{name}: it ended without call number {occurrence} of {call}")))
            }
        })?;
        Ok(Self { running, log, before })
    }

    /// Whether it has been stopped all the time, and how it ended.
    fn finish(self) -> Result<(Came, Finished), Failure> {
        let now = fs::read_to_string(&self.log).explain(self.log.display())?;
        let came = if now == self.before { Came::InTime } else { Came::TooLate };
        Ok((came, self.running.finish()?))
    }
}

/// The editor has the file open when it is replaced, and writes to it then.
fn late(stage: &Stage, name: &str, seconds: u32) -> Result<Came, Failure> {
    let path = stage.data().join(name);
    fs::write(&path, BEFORE)?;
    let mut editor = File::options().write(true).open(&path)?;
    // The comparison and the rename to the backup are over: what follows is the fsync of the folder.
    let ours = Stopped::at(stage, "fsync", 2, name, seconds)?;
    editor.set_len(0)?;
    editor.write_all(EDITED.as_bytes())?;
    let (came, ours) = ours.finish()?;
    if came == Came::TooLate {
        return Ok(came);
    }
    let told = ours.stderr.clone();
    ours.expect(0)?;
    is_now(&path, AFTER, "should be the editor's version with our update")?;
    let mut aside: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir(stage.data().join(".mooring/recovered"))? {
        let entry = entry?;
        let found = entry.file_name().to_string_lossy().into_owned();
        if found.starts_with(name) {
            aside.push((fs::read_to_string(entry.path())?, found));
        }
    }
    aside.sort();
    let texts: Vec<&str> = aside.iter().map(|(text, _)| text.as_str()).collect();
    if texts != [EDITED, FIRST_SAVED] {
        return Err(fail(format!(
            "the editor's version and our first should be put aside, but there is {aside:?}"
        )));
    }
    if let Some((_, name)) = aside.iter().find(|(_, name)| !told.contains(name.as_str())) {
        return Err(fail(format!("{name} was put aside and not reported: {told}")));
    }
    leftovers::none(&stage.data()).map_err(fail)?;
    Ok(came)
}

fn between(
    stage: &Stage,
    name: &str,
    seconds: u32,
    edit: impl FnOnce(&Path) -> std::io::Result<()>,
) -> Result<Came, Failure> {
    let file = stage.data().join(name);
    fs::write(&file, BEFORE)?;
    // The last look at the file is over: what follows is the exchange.
    let ours = Stopped::at(stage, "renameat2", 1, name, seconds)?;
    edit(&file)?;
    let (came, ours) = ours.finish()?;
    if came == Came::TooLate {
        return Ok(came);
    }
    ours.expect(0)?;
    is_now(&file, AFTER, "should be the editor's version with our update")?;
    is_now(&stage.data().join(format!("{name}.backup")), EDITED, "should be the editor's version")?;
    leftovers::none(&stage.data()).map_err(fail)?;
    Ok(came)
}

fn is_now(path: &Path, expected: &str, what: &str) -> Result<(), Failure> {
    let found = fs::read_to_string(path).explain(path.display())?;
    if found == expected { Ok(()) } else { Err(fail(format!("{} {what}, but is\n{found}", path.display()))) }
}

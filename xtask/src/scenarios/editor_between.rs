//! An editor, which knows of no lock, saves between our last look at the file and our exchange, or goes on writing after it.
//!
//! The moments last microseconds, so strace stretches them: our program is stopped for a second at the entry of its first `renameat2`, or of its
//! second `fsync`, which is that of the folder. What the editor saved must not be gone, and our update must be made on it.

use crate::engine::{Client, Failure, Fault, Invariant, Running, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::leftovers;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
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
    bound: Duration::from_secs(60),
    run,
};

const BEFORE: &str = "counter: 1\nids:\n  - first\n";
const EDITED: &str = "# by hand\ncounter: 5\nids:\n  - edited\n";
/// What our update makes of the version before.
const FIRST_SAVED: &str = "counter: 2\nids:\n  - first\n  - ours\n";
const AFTER: &str = "# by hand\ncounter: 6\nids:\n  - edited\n  - ours\n";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    between(stage, "renamed.yaml", |file| {
        let beside = file.with_extension("editor");
        fs::write(&beside, EDITED)?;
        fs::rename(&beside, file)
    })?;
    between(stage, "in-place.yaml", |file| fs::write(file, EDITED))?;
    late(stage, "late.yaml")?;
    Ok("3 saves kept".to_owned().into())
}

/// `count-once`, stopped for a second at the entry of this call.
fn stopped_at(stage: &Stage, call: &str, occurrence: u32, name: &str) -> Result<Running, Failure> {
    let mut strace = stage.command("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    strace.args(["-e", &format!("inject={call}:delay_enter=1000000:when={occurrence}")]);
    strace.arg(stage.client_path()).args(["client", "count-once", name, "ours"]);
    stage.start(&mut strace, name)
}

/// The editor has the file open when it is replaced, and writes to it then.
fn late(stage: &Stage, name: &str) -> Result<(), Failure> {
    let path = stage.data().join(name);
    fs::write(&path, BEFORE)?;
    let mut editor = File::options().write(true).open(&path)?;
    let inode = editor.metadata()?.ino();
    let ours = stopped_at(stage, "fsync", 2, name)?;
    stage.until(|| Ok(fs::metadata(&path)?.ino() != inode))?;
    // The comparison and the rename to the backup are over: what follows is the fsync of the folder.
    thread::sleep(Duration::from_millis(300));
    editor.set_len(0)?;
    editor.write_all(EDITED.as_bytes())?;
    let ours = ours.finish()?;
    let told = ours.stderr.clone();
    ours.expect(0)?;
    let found = fs::read_to_string(&path)?;
    if found != AFTER {
        return Err(fail(format!("{name} should be the editor's version with our update, but is\n{found}")));
    }
    let mut aside: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir(stage.data().join(".mooring/recovered"))? {
        let entry = entry?;
        aside.push((fs::read_to_string(entry.path())?, entry.file_name().to_string_lossy().into_owned()));
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
    leftovers::none(&stage.data()).map_err(fail)
}

fn between(
    stage: &Stage,
    name: &str,
    edit: impl FnOnce(&Path) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let file = stage.data().join(name);
    fs::write(&file, BEFORE)?;
    let ours = stopped_at(stage, "renameat2", 1, name)?;
    // The whole temporary is there: what follows is the look at the lock file and the exchange.
    let temporary = stage.data().join(format!(".{name}.new"));
    while fs::read(&temporary).unwrap_or_default().len() <= BEFORE.len() {
        stage.check_time()?;
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(300));
    edit(&file)?;
    ours.finish()?.expect(0)?;
    let found = fs::read_to_string(&file)?;
    if found != AFTER {
        return Err(fail(format!("{name} should be the editor's version with our update, but is\n{found}")));
    }
    let backup = fs::read_to_string(stage.data().join(format!("{name}.backup")))?;
    if backup != EDITED {
        return Err(fail(format!("the backup of {name} should be the editor's version, but is\n{backup}")));
    }
    leftovers::none(&stage.data()).map_err(fail)
}

//! An editor, which knows of no lock, saves between our last look at the file and our exchange.
//!
//! The moment lasts microseconds, so strace stretches it: our program is stopped at the entry of its first `renameat2` for a second.
//! What the editor saved must not be gone, and our update must be made on it.

use crate::engine::{Client, Failure, Fault, Invariant, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::leftovers;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "editor-between",
    proves: "an editor's save right before our exchange stands, and our update is made on it",
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
const AFTER: &str = "# by hand\ncounter: 6\nids:\n  - edited\n  - ours\n";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    between(stage, "renamed.yaml", |file| {
        let beside = file.with_extension("editor");
        fs::write(&beside, EDITED)?;
        fs::rename(&beside, file)
    })?;
    between(stage, "in-place.yaml", |file| fs::write(file, EDITED))?;
    Ok("2 saves kept".to_owned().into())
}

fn between(
    stage: &Stage,
    name: &str,
    edit: impl FnOnce(&Path) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let file = stage.data().join(name);
    fs::write(&file, BEFORE)?;
    let mut strace = stage.command("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", "trace=renameat2"]);
    strace.args(["-e", "inject=renameat2:delay_enter=1000000:when=1"]);
    strace.arg(stage.client_path()).args(["client", "count-once", name, "ours"]);
    let ours = stage.start(&mut strace, name)?;
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

//! An editor, which knows of no lock, saves every few milliseconds what four processes of ours update all the time.
//!
//! Every save and every update brings an id. The judge knows of those only from what the editor and the updating processes noted
//! themselves when a save had succeeded, and looks for them in the file and in all that stands beside it.

use crate::engine::{Client, Explain, Failure, Fault, Invariant, Scenario, Stage, Tool, Verdict, fail};
use crate::judges::edits::Edits;
use crate::judges::leftovers;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "editor-against-updates",
    proves: "no save of an editor without a lock and no update beside it is lost; by rename none that was complete is displaced",
    clients: &[Client::Crates, Client::Editor],
    faults: &[Fault::UnlockedSave],
    upholds: &[Invariant::NoVersionIsLost],
    processes: &[5],
    filesystems: Scenario::HERE,
    needs: &[Tool::Proc],
    bound: Duration::from_secs(240),
    run,
};

const BEFORE: &str = "# by everybody\ncounter: 1\nids:\n  - start\n";

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let renamed = edit(stage, "rename")?;
    let crossed = renamed.found.none_is_displaced().map_err(fail)?;
    let in_place = edit(stage, "in-place")?;
    in_place.found.none_is_gone().map_err(fail)?;
    let told = format!(
        "by rename {} beside {} updates, {crossed} crossed; in place {} beside {} updates, {} put aside",
        renamed.said,
        renamed.found.updated.len(),
        in_place.said,
        in_place.found.updated.len(),
        in_place.found.aside.len()
    );
    Ok(told.into())
}

/// What came of one way to save.
struct Outcome {
    found: Edits,
    /// What the editor says of itself.
    said: String,
}

fn edit(stage: &Stage, how: &str) -> Result<Outcome, Failure> {
    let folder = stage.data().join(how);
    fs::create_dir(&folder).explain(folder.display())?;
    fs::write(folder.join("shared.yaml"), BEFORE)?;
    let file = format!("{how}/shared.yaml");
    let (stop, noted) = (format!("../{how}.stop"), |who: &str| format!("../{how}-{who}.noted"));
    let mut updaters = Vec::new();
    for n in 1..stage.processes() {
        let name = format!("update-{n}");
        let mut command = stage.client(&["update-among-edits", &name, &file, &noted(&name), &stop]);
        updaters.push((stage.start(&mut command, &format!("{how}-{name}"))?, noted(&name)));
    }
    let saves = stage.rounds(200, 2_000).to_string();
    stage.step(&format!("{saves} saves, {how}"));
    let editor = stage.start(&mut stage.client(&["edit", how, &file, &noted("editor"), &saves]), how)?;
    let editor = editor.finish()?;
    fs::write(stage.data().join(&stop), "")?;
    let mut found = Edits::default();
    for (updater, noted) in updaters {
        updater.finish()?.expect(0)?;
        let notes = notes(&stage.data().join(noted))?;
        found.updated.extend(notes.saved);
        found.reported.extend(notes.reported);
    }
    let said = editor.expect(0)?.stdout.trim().to_owned();
    let edited = notes(&stage.data().join(noted("editor")))?;
    (found.edited, found.dropped) = (edited.saved, edited.dropped);
    look_at(&folder, &mut found)?;
    leftovers::none(&folder).map_err(fail)?;
    Ok(Outcome { found, said })
}

#[derive(Default)]
struct Notes {
    saved: BTreeSet<String>,
    dropped: BTreeSet<String>,
    /// File names.
    reported: BTreeSet<String>,
}

fn notes(path: &Path) -> Result<Notes, Failure> {
    let mut notes = Notes::default();
    // Who noted nothing has no file.
    for line in fs::read_to_string(path).unwrap_or_default().lines() {
        match line.split_once(' ') {
            Some(("saved", id)) => notes.saved.insert(id.into()),
            Some(("dropped", id)) => notes.dropped.insert(id.into()),
            Some(("reported", aside)) => notes.reported.insert(file_name(Path::new(aside))),
            _ => return Err(fail(format!("{}: what is `{line}`?", path.display()))),
        };
    }
    Ok(notes)
}

#[derive(Deserialize)]
struct Shared {
    ids: Vec<String>,
}

fn look_at(folder: &Path, found: &mut Edits) -> Result<(), Failure> {
    let file = folder.join("shared.yaml");
    let shared: Shared = serde_yaml::from_str(&fs::read_to_string(&file).explain(file.display())?)?;
    found.in_file = shared.ids.into_iter().collect();
    found.in_backups = ids(&folder.join("shared.yaml.backup"))?;
    for snapshot in files(&folder.join(".mooring/history")) {
        found.in_backups.extend(ids(&snapshot)?);
    }
    for aside in files(&folder.join(".mooring/recovered")) {
        found.aside.push((file_name(&aside), ids(&aside)?));
    }
    Ok(())
}

/// The ids in a version that need not be whole.
fn ids(path: &Path) -> Result<BTreeSet<String>, Failure> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        text => text.explain(path.display())?,
    };
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    Ok(whole.lines().filter_map(|line| line.strip_prefix("  - ")).map(str::to_owned).collect())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

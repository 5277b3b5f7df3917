//! Every scalar, key and item of every YAML file that can be edited, edited: one edit at a time is looked at byte by byte, and what many of
//! them leave is read by PyYAML and `serde_yaml`.

mod broken;
mod insert;
mod meant;
mod places;
mod remove;
mod set;
mod values;

use crate::engine::{
    Client, Dates, Explain, Failure, Fault, Invariant, Random, Scenario, Stage, Tool, Verdict, fail,
};
use crate::scenarios::corpus::yaml_files;
use atomic_io::{Document, DocumentError};
use meant::{Edited, Meant};
use places::{Kind, Place, places};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "corpus-edits",
    proves: "every scalar of every file can be set to any string, keys and items go in and out, no other byte changes, and PyYAML and serde_yaml read what was meant",
    clients: &[Client::Crates],
    faults: &[Fault::BadInput],
    upholds: &[Invariant::BrokenFilesStand, Invariant::UnknownIsKept, Invariant::ErrorsNameTheCause],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml],
    bound: Duration::from_secs(300),
    run,
};

/// Every edit looks at the whole text, so a pass over a large file costs its scalars times its bytes. This many of
/// these are spent on one file in a full run, which is every string on every scalar in files of up to 35 KB.
const BYTES_PER_FILE: u64 = 1_500_000_000;

/// How many places of a file a quick run edits.
const SAMPLE: usize = 40;

/// What was tried, and what was refused for which reason.
#[derive(Default)]
struct Tally {
    files: usize,
    scalars: usize,
    sets: usize,
    inserted: usize,
    removed: usize,
    refusals: BTreeMap<String, usize>,
}

impl Tally {
    /// Counts a refusal; any other error fails the scenario.
    fn refused(&mut self, error: DocumentError, what: impl FnOnce() -> String) -> Result<(), Failure> {
        match error {
            DocumentError::Refused { line, column, reason, .. } if line > 0 && column > 0 => {
                *self.refusals.entry(reason).or_default() += 1;
                Ok(())
            }
            error => Err(error).explain(what()),
        }
    }

    fn told(&self) -> String {
        let Tally { files, scalars, sets, inserted, removed, refusals } = self;
        let count: usize = refusals.values().sum();
        let reasons: Vec<_> = refusals.iter().map(|(reason, count)| format!("{reason}: {count}")).collect();
        let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
        format!(
            "{files} files, {scalars} scalars set {sets} times, {inserted} entries in and out, {removed} removed, {count} refused{reasons}"
        )
    }
}

/// One file that is edited.
struct Trial<'a> {
    file: &'a Path,
    document: Document,
    meant: Meant,
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let fixtures = stage.workspace().join("xtask").join("fixtures");
    let mut folders = vec![fixtures.join("documents"), fixtures.join("queues"), fixtures.join("read-only")];
    let mut broken = vec![fixtures.join("broken")];
    for folder in stage.corpus() {
        folders.push(folder.clone());
        broken.extend(folder.parent().map(|parent| parent.join("broken")).filter(|broken| broken.is_dir()));
    }
    let mut told = 0;
    for folder in &broken {
        told += broken::are_refused_at_their_places(stage, folder)?;
    }
    let files = folders.iter().map(|folder| yaml_files(folder)).collect::<Result<Vec<_>, _>>()?.concat();
    let mut tally = Tally::default();
    let mut random = stage.random();
    let mut edited = Vec::new();
    for (file, theirs) in files.iter().zip(stage.pyyaml_all(&files, Dates::Tagged)?) {
        stage.check_time()?;
        stage.step(&file.display().to_string());
        let (Ok(theirs), Some(document)) = (theirs, editable(file, &mut tally)?) else { continue };
        let meant = Meant::of(&document, theirs).map_err(|why| fail(format!("{}: {why}", file.display())))?;
        tally.files += 1;
        all_edits(stage, &Trial { file, document, meant }, &mut random, &mut tally, &mut edited)?;
    }
    stage.step("PyYAML reads the results");
    read_back(stage, &edited)?;
    Ok(format!("{}; {told} broken files told by their place", tally.told()).into())
}

/// The document, when it can be edited. Why not is counted.
fn editable(file: &Path, tally: &mut Tally) -> Result<Option<Document>, Failure> {
    let text = fs::read_to_string(file).explain(file.display())?;
    // What does not parse is for `broken` and for the scenario `corpus`.
    let Ok(mut document) = Document::parse(text.as_str()) else { return Ok(None) };
    if document.root().line().is_some() {
        return Ok(Some(document));
    }
    match document.set("key", "value") {
        Ok(()) => return Err(fail(format!("{}: edited without an outline", file.display()))),
        Err(error) => tally.refused(error, || file.display().to_string())?,
    }
    if document.text() == text {
        Ok(None)
    } else {
        Err(fail(format!("{}: refused, but the text changed", file.display())))
    }
}

fn all_edits(
    stage: &Stage,
    trial: &Trial<'_>,
    random: &mut Random,
    tally: &mut Tally,
    edited: &mut Vec<Edited>,
) -> Result<(), Failure> {
    let all = places(&trial.document);
    let is_quick = stage.rounds(0, 1) == 0;
    let chosen = |random: &mut Random, wanted: fn(&Place) -> bool| -> Vec<&Place> {
        let mut chosen: Vec<&Place> = all.iter().filter(|place| wanted(place)).collect();
        while is_quick && chosen.len() > SAMPLE {
            let index = random.between(0, chosen.len() as u64);
            chosen.remove(usize::try_from(index).unwrap_or_default());
        }
        chosen
    };
    let scalars = chosen(random, |place| place.kind == Kind::Scalar && !place.steps.is_empty());
    let collections = chosen(random, |place| place.kind != Kind::Scalar);
    let entries = chosen(random, |place| !place.steps.is_empty());

    let cost = (scalars.len() as u64 * trial.document.text().len() as u64).max(1);
    let all_strings = values::strings().len() as u64;
    let passes = (stage.rounds(0, BYTES_PER_FILE) / cost).clamp(1, all_strings);
    tally.scalars += scalars.len();
    let first = random.between(0, all_strings);
    for pass in 0..passes {
        let shift = usize::try_from(first + pass).unwrap_or_default();
        edited.push(set::all(trial, &scalars, shift, tally)?.written(stage, edited.len())?);
        stage.check_time()?;
    }
    edited.push(insert::all(trial, &collections, random, tally)?.written(stage, edited.len())?);
    for pass in 0..remove::PASSES {
        edited.push(remove::all(trial, &entries, pass, tally)?.written(stage, edited.len())?);
        stage.check_time()?;
    }
    Ok(())
}

/// PyYAML must find in every result what was meant, in one process for all of them.
fn read_back(stage: &Stage, edited: &[Edited]) -> Result<(), Failure> {
    let paths: Vec<&PathBuf> = edited.iter().map(|edited| &edited.path).collect();
    for (edited, reading) in edited.iter().zip(stage.pyyaml_all(&paths, Dates::Tagged)?) {
        let found =
            reading.map_err(|error| fail(format!("{}: PyYAML refuses the result: {error}", edited.what)))?;
        edited.is_meant(&found)?;
        // A full run leaves half a gigabyte otherwise; what fails stays.
        fs::remove_file(&edited.path).explain(edited.path.display())?;
    }
    Ok(())
}

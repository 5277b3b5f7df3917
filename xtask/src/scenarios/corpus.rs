//! Every YAML file of the corpus: read as PyYAML reads it, and edited without touching a byte more than the value.

use crate::engine::{
    Client, Dates, Explain, Failure, Fault, Invariant, Random, Reading, Scenario, Stage, Tool, Verdict, fail,
};
use crate::judges::reading::{at, difference};
use crate::scenarios::leaves::{Leaf, leaves};
use atomic_io::{Document, DocumentError};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "corpus",
    proves: "any YAML file is read as PyYAML reads it or refused with line and column, and setting a value changes that value's bytes only",
    clients: &[Client::Crates],
    faults: &[Fault::BadInput],
    upholds: &[Invariant::BrokenFilesStand, Invariant::UnknownIsKept, Invariant::ErrorsNameTheCause],
    processes: &[1],
    filesystems: Scenario::HERE,
    needs: &[Tool::PyYaml],
    bound: Duration::from_secs(180),
    run,
};

/// What a scalar is changed to: words, and what must be quoted so that no reader takes it for something else.
fn new_values() -> [Value; 8] {
    [
        json!("plain words"),
        json!("2026-02-07"),
        json!("yes"),
        json!("a: b # c"),
        json!(42),
        json!(true),
        json!("it's \"quoted\""),
        json!("017"),
    ]
}

#[derive(Default)]
struct Tally {
    files: usize,
    refused: usize,
    edits: usize,
    edits_refused: usize,
}

/// A file that was edited, to be read by PyYAML.
struct Edited {
    path: PathBuf,
    what: String,
    expected: Value,
}

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let fixtures = stage.workspace().join("xtask").join("fixtures");
    broken_are_refused(&fixtures.join("broken"))?;
    let own: Vec<_> = yaml_files(&fixtures)?
        .into_iter()
        .filter(|file| !file.starts_with(fixtures.join("broken")))
        .collect();
    let mut foreign = Vec::new();
    for folder in stage.corpus() {
        foreign.extend(yaml_files(folder)?);
    }
    let mut tally = Tally::default();
    let mut random = stage.random();
    for (files, strict) in [(own, Strictness::Ours), (foreign, Strictness::Foreign)] {
        let as_written = stage.pyyaml_all(&files, Dates::AsWritten)?;
        let tagged = stage.pyyaml_all(&files, Dates::Tagged)?;
        let mut edited = Vec::new();
        for ((file, as_written), tagged) in files.iter().zip(as_written).zip(tagged) {
            stage.check_time()?;
            stage.step(&file.display().to_string());
            let Some(document) = read(file, &as_written, strict, &mut tally)? else { continue };
            if let Ok(tagged) = tagged {
                edited.extend(edit(stage, file, &document, &tagged, strict, &mut random, &mut tally)?);
            }
        }
        same_but_for_the_edit(stage, &edited)?;
    }
    let Tally { files, refused, edits, edits_refused } = tally;
    Ok(format!("{files} files read alike, {refused} refused with their place; {edits} edits exact, {edits_refused} refused").into())
}

/// Ours must all be read and edited; a foreign one may be beyond what is edited, with a reason.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Ours,
    Foreign,
}

fn broken_are_refused(folder: &Path) -> Result<(), Failure> {
    for file in yaml_files(folder)? {
        let text = fs::read_to_string(&file).explain(file.display())?;
        match Document::parse(text) {
            Ok(_) => return Err(fail(format!("{} does not parse, but was read", file.display()))),
            Err(error) => has_a_place(&file, error.line, error.column, &error.message)?,
        }
    }
    Ok(())
}

fn has_a_place(file: &Path, line: usize, column: usize, message: &str) -> Result<(), Failure> {
    if line > 0 && column > 0 && !message.is_empty() {
        return Ok(());
    }
    Err(fail(format!(
        "{} was refused without saying where or why: {line}:{column} {message}",
        file.display()
    )))
}

/// The document, when it parses and holds what PyYAML finds.
fn read(
    file: &Path,
    theirs: &Reading,
    strict: Strictness,
    tally: &mut Tally,
) -> Result<Option<Document>, Failure> {
    let text = fs::read_to_string(file).explain(file.display())?;
    let document = match Document::parse(text.as_str()) {
        Ok(document) => document,
        Err(error) if strict == Strictness::Ours => return Err(fail(format!("{}: {error}", file.display()))),
        Err(error) => {
            has_a_place(file, error.line, error.column, &error.message)?;
            tally.refused += 1;
            return Ok(None);
        }
    };
    if document.text() != text {
        return Err(fail(format!("{} came out with other bytes than it went in", file.display())));
    }
    let theirs = match theirs {
        Ok(theirs) => theirs,
        // What they refuse they never see; that we read it harms nobody.
        Err(_) if strict == Strictness::Foreign => return Ok(None),
        Err(error) => return Err(fail(format!("PyYAML refuses {}: {error}", file.display()))),
    };
    let ours: serde_yaml::Value = document.root().get().explain(file.display())?;
    if let Some(difference) = difference(&plain(&ours), theirs) {
        return Err(fail(format!("{}: read differently by us and by PyYAML: {difference}", file.display())));
    }
    tally.files += 1;
    Ok(Some(document))
}

/// The same form as the Python script gives: keys that are no strings are marked.
pub(super) fn plain(value: &serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Mapping(entries) => entries.iter().map(|(key, value)| (plain_key(key), plain(value))).collect(),
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Tagged(tagged) => plain(&tagged.value),
        Yaml::Number(number) if number.as_f64().is_some_and(|f| !f.is_finite()) => {
            json!({"!float": number.to_string().replace('.', "").to_lowercase()})
        }
        scalar => serde_json::to_value(scalar).unwrap_or(Value::Null),
    }
}

fn plain_key(key: &serde_yaml::Value) -> String {
    use serde_yaml::Value as Yaml;
    match key {
        Yaml::String(text) => text.clone(),
        Yaml::Bool(true) => "!True".into(),
        Yaml::Bool(false) => "!False".into(),
        Yaml::Null => "!None".into(),
        other => format!("!{}", plain(other)),
    }
}

fn edit(
    stage: &Stage,
    file: &Path,
    document: &Document,
    data: &Value,
    strict: Strictness,
    random: &mut Random,
    tally: &mut Tally,
) -> Result<Vec<Edited>, Failure> {
    let all = leaves(document);
    let mut edited = Vec::new();
    for round in 0..stage.rounds(4, 16) {
        let Some(leaf) = random.pick(&all) else { break };
        let values = new_values();
        let Some(value) = random.pick(&values) else { break };
        let what = format!("{}: {} set to {value}", file.display(), leaf.path);
        let mut changed = document.clone();
        match changed.set(&leaf.path, value) {
            Ok(()) => {}
            Err(DocumentError::Refused { line, column, ref reason, .. }) if strict == Strictness::Foreign => {
                has_a_place(file, line, column, reason)?;
                unchanged(document, &changed, &what)?;
                tally.edits_refused += 1;
                continue;
            }
            Err(error) => return Err(error).explain(what),
        }
        only_the_leaf(document.text(), changed.text(), leaf).map_err(|why| fail(format!("{what}: {why}")))?;
        let mut expected = data.clone();
        *at(&mut expected, &leaf.steps).ok_or_else(|| fail(format!("{what}: PyYAML has nothing there")))? =
            value.clone();
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let path = stage.data().join(format!("{name}-{round}-{:x}.yaml", random.next()));
        fs::write(&path, changed.text()).explain(path.display())?;
        edited.push(Edited { path, what, expected });
        tally.edits += 1;
    }
    Ok(edited)
}

fn unchanged(before: &Document, after: &Document, what: &str) -> Result<(), Failure> {
    if before.text() == after.text() {
        Ok(())
    } else {
        Err(fail(format!("{what}: refused, but the text changed")))
    }
}

/// That what stands before and after the bytes of the value is still there.
fn only_the_leaf(before: &str, after: &str, leaf: &Leaf) -> Result<(), String> {
    let (head, tail) = (&before[..leaf.bytes.start], &before[leaf.bytes.end..]);
    if after.len() >= head.len() + tail.len() && after.starts_with(head) && after.ends_with(tail) {
        return Ok(());
    }
    Err("bytes outside the value changed".into())
}

fn same_but_for_the_edit(stage: &Stage, edited: &[Edited]) -> Result<(), Failure> {
    let paths: Vec<_> = edited.iter().map(|edited| &edited.path).collect();
    for (edited, reading) in edited.iter().zip(stage.pyyaml_all(&paths, Dates::Tagged)?) {
        let found =
            reading.map_err(|error| fail(format!("{}: PyYAML refuses the result: {error}", edited.what)))?;
        // Both were read by PyYAML: no difference is excused here.
        if found != edited.expected {
            let place = difference(&edited.expected, &found).unwrap_or_default();
            return Err(fail(format!("{}: PyYAML finds other data ({place})", edited.what)));
        }
    }
    Ok(())
}

/// All YAML files under `folder`, in the order of their names.
pub(super) fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).explain(folder.display())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(yaml_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{leaves, only_the_leaf};
    use atomic_io::Document;

    #[test]
    fn a_byte_changed_outside_the_value_is_noticed() {
        let before = "a: one  # first\nb: two\n";
        let document = Document::parse(before).unwrap();
        let found = leaves(&document);
        let leaf = found.iter().find(|leaf| leaf.path.to_string() == "a").unwrap();
        assert!(only_the_leaf(before, "a: ONE  # first\nb: two\n", leaf).is_ok());
        assert!(only_the_leaf(before, "a: ONE # first\nb: two\n", leaf).is_err());
        assert!(only_the_leaf(before, "a: ONE  # first\nb: two", leaf).is_err());
        assert!(only_the_leaf(before, "a: ONE  # first\n", leaf).is_err());
    }
}

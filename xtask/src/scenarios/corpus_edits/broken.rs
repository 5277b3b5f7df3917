//! Files that do not parse: told by the place at which PyYAML marks them, and left as they are.

use crate::engine::{Dates, Explain, Failure, Stage, fail};
use crate::scenarios::corpus::yaml_files;
use atomic_io::{Document, DocumentError, ParseError, SharedFile};
use std::fs;
use std::path::Path;

/// How many broken files the folder has, when all is as it should be.
pub(super) fn are_refused_at_their_places(stage: &Stage, folder: &Path) -> Result<usize, Failure> {
    let files = yaml_files(folder)?;
    for (number, (file, theirs)) in files.iter().zip(stage.pyyaml_all(&files, Dates::Tagged)?).enumerate() {
        let text = fs::read_to_string(file).explain(file.display())?;
        let Err(error) = Document::parse(text.as_str()) else {
            return Err(fail(format!("{} does not parse, but was read", file.display())));
        };
        let place = match theirs {
            Err(theirs) => is_where_they_say(&error, &theirs, &text),
            Ok(_) => names_a_key_twice(&error, &text),
        };
        place.map_err(|why| fail(format!("{}: {error}: {why}", file.display())))?;
        stands(stage, &text, number)?;
    }
    Ok(files.len())
}

/// At the last place that PyYAML names, or, where that is only the end of the text, at the one where it began. Its
/// two loaders differ by a column.
fn is_where_they_say(ours: &ParseError, theirs: &str, text: &str) -> Result<(), String> {
    let places = marks(theirs);
    let Some(last) = places.last() else { return Err(format!("PyYAML names no place: {theirs}")) };
    let is_near = |&(line, column): &(usize, usize)| line == ours.line && column.abs_diff(ours.column) <= 1;
    let is_end = last.0 >= text.trim_end().lines().count();
    if is_near(last) || is_end && places.iter().any(is_near) {
        Ok(())
    } else {
        Err(format!("PyYAML says {theirs}"))
    }
}

/// All `line L, column C` in a message, in order.
fn marks(told: &str) -> Vec<(usize, usize)> {
    let number =
        |text: &str| text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse().ok();
    told.split("line ")
        .skip(1)
        .filter_map(|rest| {
            let (line, rest) = rest.split_once(", column ")?;
            Some((number(line)?, number(rest)?))
        })
        .collect()
}

/// PyYAML takes the last of two equal keys without a word, so the lines themselves must bear the error out.
fn names_a_key_twice(ours: &ParseError, text: &str) -> Result<(), String> {
    let first = ours.message.split("on line ").nth(1).and_then(|line| line.parse::<usize>().ok());
    let key = |line: usize| text.lines().nth(line.wrapping_sub(1)).and_then(|line| line.split(':').next());
    let indent = ours.column - 1;
    match first {
        Some(first) if first < ours.line && key(first).is_some() && key(first) == key(ours.line) => {
            let is_at_the_key = key(first).is_some_and(|key| key.len() - key.trim_start().len() == indent);
            if is_at_the_key { Ok(()) } else { Err("the column is not that of the key".into()) }
        }
        _ => Err("PyYAML reads it, and the lines named do not have the same key".into()),
    }
}

/// An update of such a file fails and leaves every byte.
fn stands(stage: &Stage, text: &str, number: usize) -> Result<(), Failure> {
    let copy = stage.data().join(format!("broken-{number}.yaml"));
    fs::write(&copy, text).explain(copy.display())?;
    let outcome =
        SharedFile::at(&copy).update(|document| document.set("key", "value").map_err(|e: DocumentError| e));
    if outcome.is_ok() {
        return Err(fail(format!("{}: it does not parse, but was updated", copy.display())));
    }
    if fs::read_to_string(&copy).explain(copy.display())? != text {
        return Err(fail(format!("{}: it does not parse, and was changed", copy.display())));
    }
    fs::remove_file(&copy).explain(copy.display())
}

#[cfg(test)]
mod tests {
    use super::{is_where_they_say, marks, names_a_key_twice};
    use atomic_io::Document;
    use std::path::Path;

    /// Where each of our own broken files is wrong.
    const PLACES: &[(&str, usize, usize)] = &[
        ("bad-escape.yaml", 4, 25),
        ("duplicate-key.yaml", 4, 1),
        ("duplicate-key-nested.yaml", 7, 3),
        ("markdown.yaml", 2, 2),
        ("quoted-header.yaml", 4, 3),
        ("tab.yaml", 2, 1),
        ("template.yaml", 3, 12),
        ("unclosed-quote.yaml", 3, 11),
        ("unfilled-template.yaml", 6, 24),
    ];

    #[test]
    fn our_broken_files_are_refused_at_their_places() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join("broken");
        let found: Vec<_> = crate::scenarios::corpus::yaml_files(&folder).unwrap();
        assert_eq!(found.len(), PLACES.len());
        for (name, line, column) in PLACES {
            let error = Document::parse(std::fs::read_to_string(folder.join(name)).unwrap()).unwrap_err();
            assert_eq!((error.line, error.column), (*line, *column), "{name}: {error}");
        }
    }

    #[test]
    fn another_place_than_theirs_is_noticed() {
        let text = "a: b: c\nd: 1\n";
        let ours = Document::parse(text).unwrap_err();
        let theirs = "mapping values are not allowed here in \"x\", line 1, column 5";
        assert_eq!(marks(theirs), [(1, 5)]);
        assert!(is_where_they_say(&ours, theirs, text).is_ok());
        assert!(is_where_they_say(&ours, "in \"x\", line 1, column 7", text).is_err());
        assert!(is_where_they_say(&ours, "in \"x\", line 2, column 5", text).is_err());
    }

    #[test]
    fn a_key_that_is_not_twice_is_noticed() {
        let ours = Document::parse("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert!(names_a_key_twice(&ours, "a: 1\nb: 2\na: 3\n").is_ok());
        assert!(names_a_key_twice(&ours, "a: 1\nb: 2\nc: 3\n").is_err());
        assert!(names_a_key_twice(&ours, "  a: 1\nb: 2\n  a: 3\n").is_err());
    }
}

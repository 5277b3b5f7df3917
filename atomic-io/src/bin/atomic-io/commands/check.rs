//! `atomic-io check`

use crate::cli::Check;
use crate::exit::{Exit, Failure};
use crate::output::{Answer, printable};
use atomic_io::{DocumentError, SharedFile};
use rustix::fs::{Access, access};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub(crate) fn run(args: &Check) -> Answer {
    let mut answer = Answer::new("", json!({}));
    let mut files = Vec::new();
    for file in &args.files {
        let (text, json, exit) = check(file);
        answer.text.push_str(&printable(&text));
        files.push(json);
        if answer.exit == Exit::Done {
            answer.exit = exit;
        }
    }
    answer.json = json!({"files": files});
    answer
}

/// What there is to say of one file.
fn check(file: &Path) -> (String, Value, Exit) {
    let name = file.display();
    let mut json =
        json!({"file": name.to_string(), "valid": true, "writable": true, "reason": null, "error": null});
    let document = match SharedFile::at(file).read() {
        Ok(document) => document,
        Err(error) => {
            let failure = Failure::from(error);
            json["valid"] = false.into();
            json["writable"] = false.into();
            json["error"] = failure.json()["error"].take();
            return (format!("{}\n", failure.story()), json, failure.exit());
        }
    };
    let text = match document.check_editable().err().map(refusal).or_else(|| obstacle(file)) {
        None => format!("{name}: fine\n"),
        Some(reason) => {
            json["writable"] = false.into();
            json["reason"] = reason.clone().into();
            format!("{name}: parses, but cannot be edited: {reason}\n")
        }
    };
    (text, json, Exit::Done)
}

fn refusal(error: DocumentError) -> String {
    match error {
        DocumentError::Refused { line, column, reason, .. } => {
            format!("line {line}, column {column}: {reason}")
        }
        other => other.to_string(),
    }
}

/// What stands in the way of a save, outside the file's content.
fn obstacle(file: &Path) -> Option<String> {
    let real = fs::canonicalize(file).ok()?;
    let links = fs::metadata(&real).ok()?.nlink();
    if links > 1 {
        return Some(format!("it has {links} names (hard links)"));
    }
    let folder = real.parent()?;
    // The new version is written beside the old one.
    let refused = access(folder, Access::WRITE_OK | Access::EXEC_OK).err()?;
    Some(format!("its folder {} cannot be written to: {refused}", folder.display()))
}

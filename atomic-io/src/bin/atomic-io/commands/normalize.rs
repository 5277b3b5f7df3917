//! `atomic-io normalize`

use crate::cli::Normalize;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output::{Answer, say};
use atomic_io::Document;
use serde_yaml::Value;
use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

pub(crate) fn run(context: &Context, args: &Normalize) -> Result<Answer, Failure> {
    let current = context.file(&args.file).read()?;
    let Some(reason) = current.check_editable().err() else {
        let answer = Answer::changed(&args.file, false);
        return Ok(Answer { text: "nothing to do: it can be edited as it is\n".into(), ..answer });
    };
    normalized(&args.file, &current)?;
    if !args.yes {
        confirm(&args.file, &Failure::in_document(&args.file)(reason), &current)?;
    }
    let ((), changed) = context.update(&args.file, |document| {
        if document.check_editable().is_err() {
            *document = normalized(&args.file, document)?;
        }
        Ok(())
    })?;
    Ok(Answer::changed(&args.file, changed))
}

/// The same values in a form that can be edited.
fn normalized(file: &Path, document: &Document) -> Result<Document, Failure> {
    let failed = Failure::in_document(file);
    let value: Value = document.get(".").map_err(&failed)?;
    let fresh = Document::of(&value).map_err(&failed)?;
    fresh.check_editable().map_err(failed)?;
    Ok(fresh)
}

fn confirm(file: &Path, reason: &Failure, current: &Document) -> Result<(), Failure> {
    let comments = current.text().lines().filter(|line| line.trim_start().starts_with('#')).count();
    let name = file.display();
    if !io::stdin().is_terminal() {
        let message = format!(
            "{name} would be written anew, without its comments ({comments} lines of them, and those behind values) and its layout; --yes does it"
        );
        return Err(Failure::new(Exit::Usage, message));
    }
    say(&reason.story());
    say(&format!(
        "{name} is written anew: its layout and comments go ({comments} lines, and those behind values)."
    ));
    say(&format!("The version before is kept as {name}.backup. Go on? [y/N]"));
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::because("cannot read the answer", error))?;
    if matches!(line.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(Failure::new(Exit::Failure, format!("{name} stays as it is")))
    }
}

//! `atomic-io write`

use crate::cli::Write;
use crate::context::{Context, document, holds_nothing, standard_input};
use crate::exit::{Exit, Failure};
use crate::output::Answer;
use atomic_io::FileError;

/// A shell does not tell that what stands before the pipe has failed.
const NOTHING: &str = "standard input holds nothing, so nothing was changed; `null` or `[]` empties a file";

pub(crate) fn run(context: &Context, args: &Write) -> Result<Answer, Failure> {
    let content = document(standard_input()?, "standard input")?;
    loop {
        let updated = context.update(&args.file, |document| {
            if holds_nothing(content.text()) && !holds_nothing(document.text()) {
                return Err(Failure::new(Exit::Invalid, NOTHING));
            }
            *document = content.clone();
            Ok(())
        });
        match updated {
            Ok(((), changed)) => return Ok(Answer::changed(&args.file, changed)),
            Err(Failure::File(FileError::NotFound { .. })) => {}
            Err(failure) => return Err(failure),
        }
        let saving = context.interrupts.saving()?;
        match context.file(&args.file).create(&content) {
            Ok(()) => {
                saving.done();
                return Ok(Answer::changed(&args.file, true));
            }
            // Made by somebody else in between: that is a version to be kept as the backup.
            Err(FileError::AlreadyExists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

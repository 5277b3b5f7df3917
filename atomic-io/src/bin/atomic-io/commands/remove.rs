//! `atomic-io remove`

use crate::cli::Remove;
use crate::context::Context;
use crate::exit::Failure;
use crate::output::Answer;
use atomic_io::DocumentError;

pub(crate) fn run(context: &Context, args: &Remove) -> Result<Answer, Failure> {
    let ((), changed) = context.update(&args.file, |document| {
        let remove = |path: &String| match document.remove(path)? {
            true => Ok(()),
            false => Err(DocumentError::NotFound { path: path.clone() }),
        };
        args.paths.iter().try_for_each(remove).map_err(Failure::in_document(&args.file))
    })?;
    Ok(Answer::changed(&args.file, changed))
}

//! `atomic-io set`

use crate::cli::Set;
use crate::context::{Context, value};
use crate::exit::{Exit, Failure};
use crate::output::Answer;

pub(crate) fn run(context: &Context, args: &Set) -> Result<Answer, Failure> {
    let mut edits = Vec::new();
    for pair in args.pairs.chunks(2) {
        let [path, text] = pair else {
            let message = format!("`{}` has no value: give pairs of PATH and VALUE", pair.concat());
            return Err(Failure::new(Exit::Usage, message));
        };
        edits.push((path, value(text, args.string)?));
    }
    let ((), changed) = context.update(&args.file, |document| {
        let set = |(path, value): &(&String, _)| document.set(path, value);
        edits.iter().try_for_each(set).map_err(Failure::in_document(&args.file))
    })?;
    Ok(Answer::changed(&args.file, changed))
}

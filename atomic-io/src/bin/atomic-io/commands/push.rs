//! `atomic-io push`

use crate::cli::Push;
use crate::context::{Context, value};
use crate::exit::Failure;
use crate::output::Answer;

pub(crate) fn run(context: &Context, args: &Push) -> Result<Answer, Failure> {
    let items = args.values.iter().map(|text| value(text, args.string)).collect::<Result<Vec<_>, _>>()?;
    let ((), changed) = context.update(&args.file, |document| {
        let push = |item| document.push(&args.path, item);
        items.iter().try_for_each(push).map_err(Failure::in_document(&args.file))
    })?;
    Ok(Answer::changed(&args.file, changed))
}

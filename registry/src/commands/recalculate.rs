//! `registry recalculate`

use super::Context;
use crate::exit::{Exit, Failure};
use crate::output::{printable, table, tenths};
use registry::ops::{self, Recalculated};
use serde_json::json;

pub(crate) fn run(context: &Context) -> Result<Exit, Failure> {
    let all = context.registry.apply(ops::recalculate)?;
    let row = |of: &Recalculated| {
        vec![printable(&of.id), tenths(of.before), tenths(of.after), printable(&of.missing.join(", "))]
    };
    let rows = || all.iter().map(row).collect::<Vec<_>>();
    let object = || json!({ "skills": all });
    context.tell(object, || table(&["SKILL", "BEFORE", "NOW", "MISSING"], &[1, 2], &rows()));
    Ok(Exit::Done)
}

//! `registry top`

use super::Context;
use super::list::rows;
use crate::exit::{Exit, Failure};
use serde_json::json;

pub(crate) fn run(context: &Context, limit: usize) -> Result<Exit, Failure> {
    let skills = context.registry.top_skills(limit)?;
    let object = || json!({ "skills": skills });
    context.show(object, || if skills.is_empty() { "no skill has a score\n".into() } else { rows(&skills) });
    Ok(Exit::Done)
}

//! `registry record` and `registry outcome`

use super::Context;
use crate::cli::{Facts, Outcome, Record, minutes, rating, truth, verdict};
use crate::exit::{Exit, Failure};
use atomic_io::Document;
use jiff::Timestamp;
use registry::ops::{self, Change, NewOutcome, Recorded};
use registry::{RegistryError, task_outcomes};
use serde_json::json;
use std::env;

pub(crate) fn outcome(context: &Context, args: &Outcome) -> Result<Exit, Failure> {
    write(context, &known(&args.task, &args.facts), ops::add_task_outcome)
}

pub(crate) fn record(context: &Context, args: &Record) -> Result<Exit, Failure> {
    let task = args.task.clone().or(variable("TASK_ID", |text| Ok(text.into()))?);
    let Some(task) = task else {
        return Err(Failure::new(Exit::Usage, "no task is named: give --task, or set BB5_TASK_ID"));
    };
    let text = |text: &str| Ok(text.to_owned());
    let given = known(&task, &args.facts);
    let new = NewOutcome {
        skill_used: given.skill_used.or(variable("SKILL_USED", text)?),
        outcome: given.outcome.or(variable("OUTCOME", verdict)?),
        duration_minutes: given.duration_minutes.or(variable("DURATION_MINUTES", minutes)?),
        quality_rating: given.quality_rating.or(variable("QUALITY_RATING", rating)?),
        trigger_was_correct: given.trigger_was_correct.or(variable("TRIGGER_CORRECT", truth)?),
        would_use_again: given.would_use_again.or(variable("WOULD_USE_AGAIN", truth)?),
        notes: given.notes.or(variable("NOTES", text)?),
        ..given
    };
    write(context, &new, ops::record)
}

fn known(task: &str, facts: &Facts) -> NewOutcome {
    NewOutcome {
        task_id: task.into(),
        skill_used: facts.skill.clone().filter(|skill| !skill.is_empty()),
        task_type: facts.task_type.clone(),
        duration_minutes: facts.duration_minutes,
        outcome: facts.outcome,
        quality_rating: facts.quality_rating,
        trigger_was_correct: facts.trigger_correct,
        would_use_again: facts.would_use_again,
        notes: facts.notes.clone(),
    }
}

/// What the environment says; what is empty there is not said.
fn variable<T>(name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, Failure> {
    let name = format!("BB5_{name}");
    let wrong = |why: String| Failure::new(Exit::Usage, format!("{name} cannot be used: {why}"));
    let Some(value) = env::var_os(&name).filter(|value| !value.is_empty()) else { return Ok(None) };
    let text = value.to_str().ok_or_else(|| wrong("it is no UTF-8".into()))?;
    read(text).map(Some).map_err(wrong)
}

fn write(
    context: &Context,
    new: &NewOutcome,
    operation: fn(&mut Document, Timestamp, &NewOutcome) -> Result<Change<Recorded>, RegistryError>,
) -> Result<Exit, Failure> {
    let (recorded, outcome) = context.registry.apply(|document, now| {
        let change = operation(document, now, new)?;
        let outcome = task_outcomes(document)?.into_iter().rev().find(|found| found.task_id == new.task_id);
        Ok(Change { value: (change.value, outcome), events: change.events })
    })?;
    let object = || json!({ "task_id": new.task_id, "recorded": recorded, "outcome": outcome });
    let word = match recorded {
        Recorded::Added => "recorded",
        Recorded::Updated => "changed",
        _ => "as it was",
    };
    context.tell(object, || format!("{} is {word}\n", new.task_id));
    Ok(Exit::Done)
}

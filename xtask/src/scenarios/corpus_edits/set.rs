//! Scalars set to strings.

use super::meant::Changed;
use super::places::{Place, bytes};
use super::{Tally, Trial, values};
use crate::engine::{Explain, Failure, fail};
use atomic_io::Document;
use serde_json::Value;

/// Long strings above this length stay in a document only a few times, or the later edits would look at little else.
const LONG: usize = 1_000;
const LONG_ONES_KEPT: usize = 4;

/// Sets all `scalars`, one after the other, each to the next string; the first to the one at `shift`.
pub(super) fn all(
    trial: &Trial<'_>,
    scalars: &[&Place],
    shift: usize,
    tally: &mut Tally,
) -> Result<Changed, Failure> {
    let mut changed = Changed::of(trial, "scalars set");
    let strings = values::strings();
    let mut long_ones = 0;
    for (number, place) in scalars.iter().enumerate() {
        let mut string = &strings[(number + shift) % strings.len()];
        let Changed { what, document, meant } = &mut changed;
        let mut is_set = one(document, place, string, what, tally)?;
        if string.len() > LONG {
            long_ones += 1;
            if is_set && long_ones > LONG_ONES_KEPT {
                string = &strings[(number + shift + 1) % strings.len()];
                is_set = one(document, place, string, what, tally)?;
            }
        }
        if is_set {
            meant.change(&place.steps, |node| *node = Value::String(string.clone()))?;
        }
    }
    Ok(changed)
}

/// Sets one scalar; whether it was not refused.
fn one(
    document: &mut Document,
    place: &Place,
    string: &str,
    what: &str,
    tally: &mut Tally,
) -> Result<bool, Failure> {
    let what = || format!("{what}: {} to {string:?}", place.path);
    let before = document.text().to_owned();
    let own = bytes(document, &place.path).ok_or_else(|| fail(format!("{}: nothing is there", what())))?;
    if let Err(error) = document.set(&place.path, string) {
        tally.refused(error, what)?;
        return unchanged(&before, document.text()).map(|()| false).explain(what());
    }
    tally.sets += 1;
    only_between(&before[..own.start], &before[own.end..], document.text()).explain(what())?;
    let read: String = document.get(&place.path).explain(what())?;
    if read == string { Ok(true) } else { Err(fail(format!("{}: reads back as {read:?}", what()))) }
}

pub(super) fn unchanged(before: &str, after: &str) -> Result<(), Failure> {
    if before == after { Ok(()) } else { Err(fail("refused, but the text changed")) }
}

/// That `head` and `tail` are still there, with something new between them at most.
pub(super) fn only_between(head: &str, tail: &str, after: &str) -> Result<(), Failure> {
    if after.len() >= head.len() + tail.len() && after.starts_with(head) && after.ends_with(tail) {
        return Ok(());
    }
    let at = head.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let line = 1 + head.as_bytes()[..at].iter().filter(|&&c| c == b'\n').count();
    Err(fail(format!("bytes outside the value changed (line {line} is the first that differs)")))
}

#[cfg(test)]
mod tests {
    use super::only_between;

    #[test]
    fn a_byte_changed_outside_the_value_is_noticed() {
        let (head, tail) = ("a: ", "  # first\nb: two\n");
        assert!(only_between(head, tail, "a: ONE  # first\nb: two\n").is_ok());
        assert!(only_between(head, tail, "a:   # first\nb: two\n").is_ok());
        for after in
            ["a: ONE # first\nb: two\n", "a: ONE  # first\nb: two", "A: ONE  # first\nb: two\n", "a: "]
        {
            assert!(only_between(head, tail, after).is_err(), "{after:?}");
        }
    }
}

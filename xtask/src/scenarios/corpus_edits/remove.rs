//! Keys and items taken out.

use super::meant::Changed;
use super::places::{Place, bytes, bytes_of};
use super::set::{only_between, unchanged};
use super::{Tally, Trial};
use crate::engine::{Explain, Failure, fail};
use atomic_io::Document;
use std::ops::Range;

/// Every pass takes out every third entry, so all go once, beside neighbours that stay and some that are gone.
pub(super) const PASSES: usize = 3;

/// Removes every entry of `entries` whose turn it is in `pass`, the last one first, so that no other place moves.
pub(super) fn all(
    trial: &Trial<'_>,
    entries: &[&Place],
    pass: usize,
    tally: &mut Tally,
) -> Result<Changed, Failure> {
    let mut changed = Changed::of(trial, "entries removed");
    for (_, place) in entries.iter().enumerate().filter(|(number, _)| number % PASSES == pass).rev() {
        let Changed { what, document, meant } = &mut changed;
        let what = || format!("{what}: {}", place.path);
        let before = document.text().to_owned();
        let touched =
            touched(document, place).ok_or_else(|| fail(format!("{}: nothing is there", what())))?;
        match document.remove(&place.path) {
            Ok(true) => {
                tally.removed += 1;
                // The next entry may move up to the dash of this one.
                let tail = before[touched.end..].trim_start_matches(' ');
                only_between(&before[..touched.start], tail, document.text()).explain(what())?;
                meant.remove(&place.steps)?;
            }
            Ok(false) => return Err(fail(format!("{}: it is there, but was not found", what()))),
            Err(error) => {
                tally.refused(error, what)?;
                unchanged(&before, document.text()).explain(what())?;
            }
        }
    }
    Ok(changed)
}

/// The bytes that removing an entry may touch: its lines; those of its collection when it is the only one there; between
/// brackets all that is in the outermost pair.
fn touched(document: &Document, place: &Place) -> Option<Range<usize>> {
    if let Some(brackets) = &place.brackets {
        return bytes(document, brackets);
    }
    let text = document.text();
    let parent = document.node(&place.parent).ok()??;
    let is_alone = parent.entries().count() + parent.items().count() == 1;
    let own = bytes_of(text, if is_alone { parent } else { document.node(&place.path).ok()?? })?;
    let end = text[own.end..].find('\n').map_or(text.len(), |n| own.end + n + 1);
    Some(first_line(text, own.start)..end)
}

/// The start of the line on which the key or dash stands whose value begins at `at`: that line, or one above it.
fn first_line(text: &str, at: usize) -> usize {
    let mut start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let mut line = &text[start..at];
    while start > 0 && (line.trim().is_empty() || line.trim_start().starts_with('#')) {
        let above = text[..start - 1].rfind('\n').map_or(0, |n| n + 1);
        line = &text[above..start];
        start = above;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn the_line_of_a_key_is_found_over_comments() {
        let text = "a: 1\nb: # why\n\n  # c\n  - x\n";
        assert_eq!(first_line(text, text.find('1').unwrap()), 0);
        assert_eq!(first_line(text, text.find('-').unwrap()), 5);
        assert_eq!(first_line(text, text.find('x').unwrap()), text.find("  - x").unwrap());
        assert_eq!(first_line("# c\na: 1\n", 4), 0);
    }
}

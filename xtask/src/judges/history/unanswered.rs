//! Attempts that nobody was told of: each needs a claim of its own whose answer never came.

/// An attempt of a task, and the claims without an answer that can have made it.
pub(super) struct Missing {
    pub(super) place: String,
    pub(super) candidates: Vec<usize>,
}

/// That every attempt can have a claim of its own; otherwise one that cannot.
pub(super) fn explain(missing: &[Missing]) -> Result<(), &str> {
    let mut taken_by = vec![None; missing.iter().flat_map(|one| &one.candidates).max().map_or(0, |n| n + 1)];
    for place in 0..missing.len() {
        let mut seen = vec![false; taken_by.len()];
        if !find(missing, place, &mut taken_by, &mut seen) {
            return Err(&missing[place].place);
        }
    }
    Ok(())
}

/// Finds a claim for one attempt, if need be by giving the one that has it another.
fn find(missing: &[Missing], place: usize, taken_by: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for &claim in &missing[place].candidates {
        if std::mem::replace(&mut seen[claim], true) {
            continue;
        }
        let free = match taken_by[claim] {
            None => true,
            Some(other) => find(missing, other, taken_by, seen),
        };
        if free {
            taken_by[claim] = Some(place);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Missing, explain};

    fn missing(place: &str, candidates: &[usize]) -> Missing {
        Missing { place: place.into(), candidates: candidates.to_vec() }
    }

    #[test]
    fn a_claim_accounts_for_one_attempt_only() {
        assert_eq!(explain(&[missing("a", &[0, 1]), missing("b", &[0])]), Ok(()));
        assert_eq!(explain(&[missing("a", &[0, 1]), missing("b", &[0, 2]), missing("c", &[0])]), Ok(()));
        assert_eq!(explain(&[missing("a", &[0]), missing("b", &[0])]), Err("b"));
        assert_eq!(explain(&[missing("a", &[])]), Err("a"));
        assert_eq!(explain(&[]), Ok(()));
    }
}

//! Choosing some of very many combinations: all of them where they are few, else the telling ones and a sample.

use crate::engine::Random;

/// Choices among combinations, and how many were passed over.
pub(crate) struct Chosen {
    pub(crate) picks: Vec<Vec<usize>>,
    pub(crate) left_out: u64,
}

/// Up to so many options, all pairs of them are tried one against the other.
const FEW: usize = 3;

/// For each of `options.len()` things one of so many options, numbered from 0: all combinations if there are at most `most`; else
/// those in which all are alike, all but one, and all up to one alike, and a random sample.
pub(crate) fn choose(options: &[usize], most: usize, random: &mut Random) -> Chosen {
    let all = options.iter().try_fold(1_u64, |all, count| all.checked_mul(*count as u64)).unwrap_or(u64::MAX);
    if all <= most as u64 {
        return Chosen { picks: every(options), left_out: 0 };
    }
    let are_few = options.iter().all(|count| *count <= FEW);
    let mut picks = if are_few { telling(options) } else { one_by_one(options) };
    sample(&mut picks, most, random);
    // Whatever else is left out, these are not.
    picks.extend([options.iter().map(|_| 0).collect(), options.iter().map(|count| count - 1).collect()]);
    while picks.len() < most {
        picks.push(options.iter().map(|count| index(random, *count)).collect());
    }
    picks.sort_unstable();
    picks.dedup();
    let left_out = all - picks.len() as u64;
    Chosen { picks, left_out }
}

/// Takes items out by chance until at most `most` are left.
fn sample(picks: &mut Vec<Vec<usize>>, most: usize, random: &mut Random) {
    while picks.len() > most {
        picks.swap_remove(index(random, picks.len()));
    }
}

fn index(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.between(0, count as u64)).unwrap_or(0)
}

fn every(options: &[usize]) -> Vec<Vec<usize>> {
    options.iter().fold(vec![Vec::new()], |picks, count| {
        picks
            .iter()
            .flat_map(|pick| (0..*count).map(move |option| [pick.as_slice(), &[option]].concat()))
            .collect()
    })
}

/// Each option of each thing, with the others at their first and at their last.
fn one_by_one(options: &[usize]) -> Vec<Vec<usize>> {
    let first: Vec<usize> = vec![0; options.len()];
    let last: Vec<usize> = options.iter().map(|count| count - 1).collect();
    let mut picks = vec![first.clone(), last.clone()];
    for (at, count) in options.iter().enumerate() {
        for option in 0..*count {
            for base in [&first, &last] {
                let mut pick = base.clone();
                pick[at] = option;
                picks.push(pick);
            }
        }
    }
    picks
}

fn telling(options: &[usize]) -> Vec<Vec<usize>> {
    let kinds = options.iter().copied().max().unwrap_or(0);
    let alike = |kind: usize| options.iter().map(move |count| kind.min(count - 1));
    let mut picks: Vec<Vec<usize>> = Vec::new();
    for kind in 0..kinds {
        picks.push(alike(kind).collect());
        for other in (0..kinds).filter(|other| *other != kind) {
            for at in 0..options.len() {
                let one =
                    alike(kind).zip(alike(other)).enumerate().map(|(i, (a, b))| if i == at { b } else { a });
                picks.push(one.collect());
                let up_to =
                    alike(kind).zip(alike(other)).enumerate().map(|(i, (a, b))| if i < at { a } else { b });
                picks.push(up_to.collect());
            }
        }
    }
    picks.sort_unstable();
    picks.dedup();
    picks
}

#[cfg(test)]
mod tests {
    use super::choose;
    use crate::engine::Random;

    #[test]
    fn few_combinations_are_all_taken() {
        let chosen = choose(&[2, 3, 1], 6, &mut Random::new(1));
        assert_eq!((chosen.picks.len(), chosen.left_out), (6, 0));
        assert_eq!(choose(&[], 6, &mut Random::new(1)).picks, [Vec::<usize>::new()]);
    }

    #[test]
    fn of_many_the_telling_ones_are_taken_and_the_rest_is_counted() {
        let chosen = choose(&[2; 12], 60, &mut Random::new(1));
        let with_ones =
            |count: usize| chosen.picks.iter().filter(|pick| pick.iter().sum::<usize>() == count).count();
        assert_eq!((with_ones(0), with_ones(1), with_ones(11), with_ones(12)), (1, 12, 12, 1));
        assert_eq!(chosen.left_out, 4096 - chosen.picks.len() as u64);
    }

    #[test]
    fn more_combinations_than_can_be_counted_are_no_trouble() {
        assert!(choose(&[3; 100], 50, &mut Random::new(1)).left_out > u64::MAX / 2);
    }
}

//! What is measured, who takes part, what is aimed at; and the rounds.

use crate::engine::{Explain, Failure, Stage, Tool, fail};

/// Several who do the same, and what is looked at.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    /// What exactly is measured, in a sentence or two.
    pub(crate) told: &'static str,
    pub(crate) figures: Vec<Figure>,
    /// The first one is what the others are compared with.
    pub(crate) contestants: Vec<Contestant>,
    pub(crate) targets: Vec<Target>,
    pub(crate) picture: Option<Picture>,
}

/// The figures of a measure as lines, one for each contestant.
pub(crate) struct Picture {
    /// Its file in docs/plots, without the ending.
    pub(crate) file: &'static str,
    pub(crate) title: &'static str,
    /// What the figures are told apart by.
    pub(crate) across: &'static str,
    /// Where each figure stands on that axis.
    pub(crate) places: Vec<f64>,
    pub(crate) up: &'static str,
    pub(crate) height: Height,
}

/// How high a line runs.
#[derive(Clone, Copy)]
pub(crate) enum Height {
    /// As the figure says.
    Figure,
    /// By how often it is done in a second, where the figure says how long it takes.
    InASecond,
}

/// One number that every go yields.
#[derive(Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    /// Whether a ratio of it says anything.
    pub(crate) is_compared: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanoseconds,
    Count,
    PerSecond,
    Bytes,
}

/// The figures of one go, in the order of [`Measure::figures`].
pub(crate) type Go = Box<dyn Fn(&Stage) -> Result<Vec<f64>, Failure>>;

pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) needs: Vec<Tool>,
    pub(crate) go: Go,
    /// Why the last figures are not tried; the goes yield those before them.
    pub(crate) not_tried: Option<&'static str>,
}

impl Contestant {
    pub(crate) fn new(
        name: &'static str,
        needs: &[Tool],
        go: impl Fn(&Stage) -> Result<Vec<f64>, Failure> + 'static,
    ) -> Self {
        Self { name, needs: needs.to_vec(), go: Box::new(go), not_tried: None }
    }

    /// Who stops before the last figures, and why.
    pub(crate) fn stopping(self, why: &'static str) -> Self {
        Self { not_tried: Some(why), ..self }
    }

    /// A number that is missing without a reason is a mistake, and so is a reason where none is missing.
    fn may_yield(&self, found: usize, wanted: usize) -> bool {
        if self.not_tried.is_some() { found < wanted } else { found == wanted }
    }
}

/// What is aimed at.
pub(crate) struct Target {
    pub(crate) contestant: &'static str,
    pub(crate) figure: &'static str,
    pub(crate) bound: Bound,
    /// What costs the time or the memory, for when it is missed.
    pub(crate) when_missed: &'static str,
}

/// What a median is to keep to. A ratio is to the first contestant.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    RatioAtMost(f64),
    /// For those who are to be slower than the first one.
    RatioAtLeast(f64),
    /// The figure itself, in its unit.
    ValueAtMost(f64),
}

/// A measure, and what came of it.
pub(crate) struct Outcome {
    pub(crate) measure: Measure,
    /// For each contestant.
    pub(crate) results: Vec<Result<Rounds, Skipped>>,
}

/// The figures of every round.
pub(crate) type Rounds = Vec<Vec<f64>>;

/// Why somebody could not take part.
pub(crate) struct Skipped(pub(crate) String);

/// Has everybody go once in each round; nobody did before.
pub(crate) fn rounds(
    stage: &Stage,
    topic: &str,
    outcomes: &mut [Outcome],
    count: u16,
) -> Result<(), Failure> {
    for round in 0..usize::from(count) {
        for Outcome { measure, results } in &mut *outcomes {
            for place in 0..results.len() {
                let turn = (place + round) % results.len();
                let (contestant, result) = (&measure.contestants[turn], &mut results[turn]);
                let Ok(figures) = result else { continue };
                let what = format!("{}: {}", measure.name, contestant.name);
                stage.step(&format!("{topic}, round {} of {count}: {what}", round + 1));
                let go = (contestant.go)(stage).explain(&what)?;
                let wanted = measure.figures.len();
                if !contestant.may_yield(go.len(), wanted) {
                    return Err(fail(format!("{what}: {} figures, where there are {wanted}", go.len())));
                }
                figures.push(go);
            }
        }
    }
    Ok(())
}

impl Outcome {
    /// Nothing came of it yet but who cannot take part.
    pub(crate) fn of(stage: &Stage, measure: Measure) -> Self {
        let missing = |contestant: &Contestant| contestant.needs.iter().find_map(|tool| stage.missing(*tool));
        let results = measure.contestants.iter().map(|contestant| match missing(contestant) {
            Some(reason) => Err(Skipped(reason)),
            None => Ok(Rounds::new()),
        });
        Self { results: results.collect(), measure }
    }

    /// Who cannot take part, and why.
    pub(crate) fn missing(&self) -> Option<(&'static str, &str)> {
        let mut results = self.measure.contestants.iter().zip(&self.results);
        results.find_map(|(contestant, result)| Some((contestant.name, result.as_ref().err()?.0.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::Contestant;

    #[test]
    fn a_number_is_missing_with_a_reason_only() {
        let all = Contestant::new("all", &[], |_| Ok(Vec::new()));
        assert!(all.may_yield(3, 3) && !all.may_yield(2, 3) && !all.may_yield(4, 3));
        let some = all.stopping("it is late");
        assert!(some.may_yield(2, 3) && !some.may_yield(3, 3) && !some.may_yield(4, 3));
    }
}

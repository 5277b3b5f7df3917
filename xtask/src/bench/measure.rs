//! What is measured, who takes part, what is aimed at; and the rounds.

use crate::engine::{Explain, Failure, Stage, Tool};

/// Several who do the same, and what is looked at.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    /// What exactly is measured, in a sentence or two.
    pub(crate) told: &'static str,
    pub(crate) figures: Vec<Figure>,
    /// The first one is what the others are compared with.
    pub(crate) contestants: Vec<Contestant>,
    pub(crate) targets: Vec<Target>,
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

/// Has everybody go once in each round.
pub(crate) fn rounds(stage: &Stage, measures: Vec<Measure>, count: u16) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes: Vec<Outcome> =
        measures.into_iter().map(|measure| Outcome::of(stage, measure)).collect();
    for round in 0..usize::from(count) {
        for Outcome { measure, results } in &mut outcomes {
            for place in 0..results.len() {
                let turn = (place + round) % results.len();
                let (contestant, result) = (&measure.contestants[turn], &mut results[turn]);
                let Ok(figures) = result else { continue };
                stage.step(&format!("round {} of {count}: {}: {}", round + 1, measure.name, contestant.name));
                let go = (contestant.go)(stage);
                figures.push(go.explain(format_args!("{}: {}", measure.name, contestant.name))?);
            }
        }
    }
    Ok(outcomes)
}

impl Outcome {
    /// Nothing came of it yet but who cannot take part.
    fn of(stage: &Stage, measure: Measure) -> Self {
        let missing = |contestant: &Contestant| contestant.needs.iter().find_map(|tool| stage.missing(*tool));
        let results = measure.contestants.iter().map(|contestant| match missing(contestant) {
            Some(reason) => Err(Skipped(reason)),
            None => Ok(Rounds::new()),
        });
        Self { results: results.collect(), measure }
    }
}

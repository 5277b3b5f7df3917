//! One figure of one contestant over all rounds: the median, the spread, the ratio; and how it is written.

use crate::bench::measure::{Figure, Rounds, Unit};
use serde::Serialize;

/// One figure of one contestant over all rounds.
#[derive(Serialize)]
pub(super) struct Summary {
    pub(super) figure: &'static str,
    pub(super) unit: &'static str,
    pub(super) spread: Spread,
    /// Of each round, in their order.
    rounds: Vec<f64>,
    /// To the first contestant's, within each round; `None` for the first one itself, and where there is nothing to compare.
    pub(super) ratio: Option<Spread>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

/// Of all figures that were tried.
pub(super) fn summaries(figures: &[Figure], rounds: &Rounds, reference: Option<&Rounds>) -> Vec<Summary> {
    let summary = |(column, figure): (usize, &Figure)| {
        let ratios = reference.filter(|_| figure.is_compared).map(|reference| {
            let pairs = rounds.iter().zip(reference);
            pairs
                .filter_map(|(ours, theirs)| Some(ours.get(column)? / theirs.get(column)?))
                .collect::<Vec<_>>()
        });
        let rounds: Vec<f64> = rounds.iter().filter_map(|round| round.get(column).copied()).collect();
        Some(Summary {
            figure: figure.name,
            unit: figure.unit.name(),
            spread: Spread::of(rounds.clone())?,
            rounds,
            ratio: ratios.and_then(Spread::of),
        })
    };
    figures.iter().enumerate().filter_map(summary).collect()
}

impl Spread {
    /// `None` of nothing.
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (least, greatest) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        Some(Self { median, least, greatest })
    }
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Count => "",
            Self::PerSecond => "1/s",
            Self::Bytes => "bytes",
        }
    }

    /// What is divided by and written behind it, for numbers about as large as `value`.
    fn scale(self, value: f64) -> (f64, &'static str) {
        match self {
            Self::Count => (1.0, ""),
            Self::PerSecond => (1.0, " /s"),
            Self::Bytes => (1e6, " MB"),
            Self::Nanoseconds if value < 1e6 => (1e3, " µs"),
            Self::Nanoseconds if value < 1e10 => (1e6, " ms"),
            Self::Nanoseconds => (1e9, " s"),
        }
    }

    pub(super) fn show_one(self, value: f64) -> String {
        let (scale, name) = self.scale(value);
        format!("{}{name}", short(value / scale))
    }

    /// The median, and the others in the same scale.
    pub(super) fn show(self, spread: Spread) -> String {
        let Spread { median, least, greatest } = spread;
        let (scale, name) = self.scale(median);
        let number = |value: f64| short(value / scale);
        format!("{}{name} ({}..{})", number(median), number(least), number(greatest))
    }
}

/// Three digits that count, or two where there are zeros before them.
fn short(value: f64) -> String {
    let decimals = match value {
        value if value == value.trunc() || value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 0.1 => 2,
        value if value >= 0.01 => 3,
        value if value >= 0.001 => 4,
        _ => 5,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::{Spread, short};
    use crate::bench::measure::Unit;

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        assert_eq!(Spread::of(vec![4.0, 1.0, 3.0, 2.0]).unwrap().median, 2.5);
        assert!(Spread::of(Vec::new()).is_none());
    }

    #[test]
    fn times_have_the_unit_that_keeps_them_short() {
        let times = [2_500.0, 1_234_567.0, 9_876_543_210.0, 21_465_000_000.0];
        assert_eq!(
            times.map(|time| Unit::Nanoseconds.show_one(time)),
            ["2.50 µs", "1.23 ms", "9877 ms", "21.5 s"]
        );
    }

    #[test]
    fn three_digits_count() {
        assert_eq!([1.234, 12.34, 123.4, 1234.0, 2.0].map(short), ["1.23", "12.3", "123", "1234", "2"]);
        assert_eq!(
            [0.0, 0.4567, 0.04567, 0.004567, 0.0004567].map(short),
            ["0", "0.46", "0.046", "0.0046", "0.00046"]
        );
    }
}

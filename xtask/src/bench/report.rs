//! What came of a bench: medians, spreads, ratios, and the targets that were met and missed.

use crate::bench::machine::Machine;
use crate::bench::measure::{Bound, Figure, Outcome, Rounds, Target, Unit};
use crate::engine::{Failure, fail};
use crate::markdown;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
pub(crate) struct Report {
    topic: &'static str,
    date: String,
    machine: Machine,
    rounds: u16,
    measures: Vec<Told>,
}

/// One measure.
#[derive(Serialize)]
struct Told {
    name: &'static str,
    told: &'static str,
    rows: Vec<Row>,
    targets: Vec<Aim>,
    #[serde(skip)]
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct Row {
    who: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    figures: Vec<Summary>,
}

/// One figure of one contestant over all rounds.
#[derive(Serialize)]
struct Summary {
    figure: &'static str,
    unit: &'static str,
    spread: Spread,
    /// To the first contestant's, within each round; `None` for the first one itself, and where there is nothing to compare.
    ratio: Option<Spread>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Spread {
    median: f64,
    least: f64,
    greatest: f64,
}

#[derive(Serialize)]
struct Aim {
    who: &'static str,
    figure: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<f64>,
    /// Median of the ratio to the first contestant; `None` if it could not be measured.
    ratio: Option<f64>,
    /// Median of the figure itself, where that is what is aimed at.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    is_met: bool,
    #[serde(skip)]
    told: String,
    when_missed: &'static str,
}

impl Report {
    pub(crate) fn new(
        topic: &'static str,
        machine: Machine,
        rounds: u16,
        outcomes: Vec<Outcome>,
    ) -> Result<Self, Failure> {
        let measures = outcomes.into_iter().map(tell).collect();
        Ok(Self { topic, date: markdown::today()?, machine, rounds, measures })
    }

    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            println!("{}", serde_json::to_string_pretty(self)?);
        } else {
            println!("\n{}", self.text());
        }
        Ok(())
    }

    /// A table in which somebody is missing is not written down.
    pub(crate) fn write_docs(&self, file: &Path) -> Result<(), Failure> {
        let mut rows = self.measures.iter().flat_map(|measure| &measure.rows);
        if let Some((who, reason)) = rows.find_map(|row| Some((row.who, row.skipped.as_ref()?))) {
            return Err(fail(format!("{}: not written, {who} is missing: {reason}", file.display())));
        }
        markdown::write_between(file, &format!("bench {}", self.topic), &self.text())
    }

    fn text(&self) -> String {
        let Self { topic, date, machine, rounds, .. } = self;
        let head = format!("`cargo xtask bench {topic} --rounds {rounds}`, {date}: {machine}.");
        let measures = self.measures.iter().map(Told::text);
        std::iter::once(head).chain(measures).collect::<Vec<_>>().join("\n\n")
    }
}

fn tell(outcome: Outcome) -> Told {
    let Outcome { measure, results } = outcome;
    let reference = results.first().and_then(|result| result.as_ref().ok());
    let rows: Vec<Row> = measure
        .contestants
        .iter()
        .zip(&results)
        .enumerate()
        .map(|(place, (contestant, result))| {
            let (skipped, figures) = match result {
                Ok(rounds) => (None, summaries(&measure.figures, rounds, reference.filter(|_| place > 0))),
                Err(skipped) => (Some(skipped.0.clone()), Vec::new()),
            };
            Row { who: contestant.name, skipped, figures }
        })
        .collect();
    let targets = measure.targets.iter().map(|target| {
        let row = rows.iter().find(|row| row.who == target.contestant);
        let summary = row.and_then(|row| row.figures.iter().find(|summary| summary.figure == target.figure));
        let figure = measure.figures.iter().find(|figure| figure.name == target.figure);
        aim(target, summary, figure.map_or(Unit::Count, |figure| figure.unit))
    });
    let targets = targets.collect();
    Told { name: measure.name, told: measure.told, rows, targets, figures: measure.figures }
}

fn aim(target: &Target, summary: Option<&Summary>, unit: Unit) -> Aim {
    let Target { contestant, figure, bound, when_missed } = *target;
    let ratio = summary.and_then(|summary| summary.ratio).map(|ratio| ratio.median);
    let value = summary.map(|summary| summary.spread.median);
    let (at_most, at_least, measured, unit) = match bound {
        Bound::RatioAtMost(most) => (Some(most), None, ratio, Unit::Count),
        Bound::RatioAtLeast(least) => (None, Some(least), ratio, Unit::Count),
        Bound::ValueAtMost(most) => (Some(most), None, value, unit),
    };
    let is_met = measured.is_some_and(|measured| {
        at_most.is_none_or(|most| measured <= most) && at_least.is_none_or(|least| measured >= least)
    });
    let aimed = match (at_most, at_least) {
        (Some(most), _) => format!("no more than {}", unit.show_one(most)),
        (_, least) => format!("no less than {}", unit.show_one(least.unwrap_or_default())),
    };
    let (found, verdict) = match measured {
        None => ("nothing".into(), "not known".to_owned()),
        Some(measured) if is_met => (unit.show_one(measured), "met".into()),
        Some(measured) => (unit.show_one(measured), format!("**missed**: {when_missed}")),
    };
    let told = format!("{contestant}, {figure}: aimed at {aimed}, measured {found}: {verdict}");
    let value = value.filter(|_| matches!(bound, Bound::ValueAtMost(_)));
    Aim { who: contestant, figure, at_most, at_least, ratio, value, is_met, told, when_missed }
}

fn summaries(figures: &[Figure], rounds: &Rounds, reference: Option<&Rounds>) -> Vec<Summary> {
    let summary = |(column, figure): (usize, &Figure)| {
        let ratios = reference.filter(|_| figure.is_compared).map(|reference| {
            let pairs = rounds.iter().zip(reference);
            pairs.map(|(ours, theirs)| ours[column] / theirs[column]).collect::<Vec<_>>()
        });
        Some(Summary {
            figure: figure.name,
            unit: figure.unit.name(),
            spread: Spread::of(rounds.iter().map(|round| round[column]).collect())?,
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
            Self::Nanoseconds => (1e6, " ms"),
        }
    }

    fn show_one(self, value: f64) -> String {
        let (scale, name) = self.scale(value);
        format!("{}{name}", short(value / scale))
    }

    /// The median, and the others in the same scale.
    fn show(self, spread: Spread) -> String {
        let Spread { median, least, greatest } = spread;
        let (scale, name) = self.scale(median);
        let number = |value: f64| short(value / scale);
        format!("{}{name} ({}..{})", number(median), number(least), number(greatest))
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    let decimals = match value {
        value if value == value.trunc() || value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

impl Told {
    fn text(&self) -> String {
        let mut head = vec![String::new()];
        for figure in &self.figures {
            head.push(figure.name.to_owned());
            if figure.is_compared {
                head.push("ratio".into());
            }
        }
        let rows = self.rows.iter().map(|row| row.cells(&self.figures));
        let table = markdown::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>());
        let targets: String = self.targets.iter().map(|target| format!("\n- {}", target.told)).collect();
        let targets = if targets.is_empty() { targets } else { format!("\n{targets}") };
        format!("### {}\n\n{}\n\n{table}{targets}", self.name, self.told)
    }
}

impl Row {
    fn cells(&self, figures: &[Figure]) -> Vec<String> {
        let mut cells = vec![self.who.to_owned()];
        for (column, figure) in figures.iter().enumerate() {
            let summary = self.figures.get(column);
            let value = match (summary, &self.skipped) {
                (Some(summary), _) => figure.unit.show(summary.spread),
                (None, Some(reason)) if column == 0 => format!("skipped: {reason}"),
                (None, _) => String::new(),
            };
            cells.push(value);
            if figure.is_compared {
                let ratio = summary.and_then(|summary| summary.ratio);
                cells.push(ratio.map_or_else(String::new, |ratio| Unit::Count.show(ratio)));
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::{Spread, Told, short, tell};
    use crate::bench::measure::{Bound, Contestant, Figure, Measure, Outcome, Rounds, Skipped, Target, Unit};

    fn told(ours: Result<Rounds, Skipped>) -> Told {
        told_of(ours, Bound::RatioAtMost(1.5))
    }

    fn told_of(ours: Result<Rounds, Skipped>, bound: Bound) -> Told {
        let contestant = |name| Contestant {
            name,
            needs: Vec::new(),
            go: Box::new(|_| unreachable!("the figures are given")),
        };
        let measure = Measure {
            name: "walking",
            told: "a way",
            figures: vec![
                Figure { name: "time", unit: Unit::Nanoseconds, is_compared: true },
                Figure { name: "steps", unit: Unit::Count, is_compared: false },
            ],
            contestants: vec![contestant("they"), contestant("we")],
            targets: vec![Target { contestant: "we", figure: "time", bound, when_missed: "rain" }],
        };
        let theirs = vec![vec![1_000.0, 3.0], vec![9_000.0, 3.0], vec![2_000.0, 4.0]];
        tell(Outcome { measure, results: vec![Ok(theirs), ours] })
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        // Of the medians it would be 3.
        let told = told(Ok(vec![vec![1_200.0, 5.0], vec![9_000.0, 5.0], vec![6_000.0, 5.0]]));
        let ratio = told.rows[1].figures[0].ratio.unwrap();
        assert_eq!(ratio, Spread { median: 1.2, least: 1.0, greatest: 3.0 });
        assert!(told.targets[0].is_met && told.rows[1].figures[1].ratio.is_none());
        assert!(
            told.text().contains("| we   | 6 µs (1.20..9) | 1.20 (1..3) | 5 (5..5) |"),
            "{}",
            told.text()
        );
    }

    #[test]
    fn a_missed_target_says_why_and_a_skipped_one_is_neither_met_nor_missed() {
        let missed = told(Ok(vec![vec![2_000.0, 5.0]]));
        assert!(
            missed.text().contains("no more than 1.50, measured 2: **missed**: rain"),
            "{}",
            missed.text()
        );
        let skipped = told(Err(Skipped("no legs".into())));
        assert!(!skipped.targets[0].is_met);
        assert!(skipped.text().contains("skipped: no legs"), "{}", skipped.text());
        assert!(skipped.text().contains("measured nothing: not known"), "{}", skipped.text());
    }

    #[test]
    fn being_slower_and_a_value_can_be_aimed_at_too() {
        let of = |bound| told_of(Ok(vec![vec![2_000.0, 5.0]]), bound).targets.remove(0);
        assert!(of(Bound::RatioAtLeast(2.0)).is_met && !of(Bound::RatioAtLeast(2.1)).is_met);
        assert!(of(Bound::ValueAtMost(2_000.0)).is_met && !of(Bound::ValueAtMost(1_999.0)).is_met);
        let missed = of(Bound::ValueAtMost(1_000.0)).told;
        assert!(missed.contains("aimed at no more than 1 µs, measured 2 µs: **missed**: rain"), "{missed}");
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        assert_eq!(Spread::of(vec![4.0, 1.0, 3.0, 2.0]).unwrap().median, 2.5);
        assert!(Spread::of(Vec::new()).is_none());
    }

    #[test]
    fn three_digits_count() {
        assert_eq!([1.234, 12.34, 123.4, 1234.0, 2.0].map(short), ["1.23", "12.3", "123", "1234", "2"]);
    }
}

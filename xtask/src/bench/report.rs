//! What came of a bench: medians, spreads, ratios, and the targets that were met and missed.

use crate::bench::machine::Machine;
use crate::bench::measure::{Bound, Figure, Height, Measure, Outcome, Picture, Target, Unit};
use crate::bench::plot::{Line, Plot};
use crate::bench::summary::{Summary, summaries};
use crate::engine::{Explain, Failure};
use crate::markdown;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// The folder of the pictures, beside the tables.
const PLOTS: &str = "plots";

#[derive(Serialize)]
pub(crate) struct Report {
    topic: &'static str,
    /// What to type for the same again.
    command: String,
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
    #[serde(skip)]
    picture: Option<Picture>,
}

#[derive(Serialize)]
struct Row {
    who: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    /// Why there are not as many figures as others have.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_tried: Option<&'static str>,
    figures: Vec<Summary>,
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
        command: String,
        machine: &Machine,
        rounds: u16,
        outcomes: Vec<Outcome>,
    ) -> Result<Self, Failure> {
        let measures = outcomes.into_iter().map(tell).collect();
        Ok(Self { topic, command, date: markdown::today()?, machine: machine.clone(), rounds, measures })
    }

    /// Puts the tables into `docs/benchmarks.md`, and the pictures beside it.
    pub(crate) fn write_docs(&self, docs: &Path) -> Result<(), Failure> {
        self.write_pictures(&docs.join(PLOTS))?;
        let file = docs.join("benchmarks.md");
        markdown::write_between(
            &file,
            &format!("bench {}", self.topic),
            &self.text_with(Told::text_and_picture),
        )
    }

    /// One file for each picture.
    pub(crate) fn write_pictures(&self, folder: &Path) -> Result<(), Failure> {
        fs::create_dir_all(folder).explain(folder.display())?;
        for measure in &self.measures {
            let Some(picture) = &measure.picture else { continue };
            let told =
                format!("Medians of {} rounds, {}. Both axes are logarithmic.", self.rounds, self.date);
            let file = folder.join(picture.file).with_extension("svg");
            atomic_io::replace(&file, measure.plot(picture, told).svg().as_bytes())?;
        }
        Ok(())
    }

    /// For people, at a terminal.
    pub(crate) fn text(&self) -> String {
        self.text_with(Told::text)
    }

    fn text_with(&self, tell: fn(&Told) -> String) -> String {
        let Self { command, date, machine, .. } = self;
        let head = format!("`{command}`, {date}: {machine}.");
        std::iter::once(head).chain(self.measures.iter().map(tell)).collect::<Vec<_>>().join("\n\n")
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
            Row { who: contestant.name, skipped, not_tried: contestant.not_tried, figures }
        })
        .collect();
    let targets = measure.targets.iter().map(|target| {
        let row = rows.iter().find(|row| row.who == target.contestant);
        let summary = row.and_then(|row| row.figures.iter().find(|summary| summary.figure == target.figure));
        let figure = measure.figures.iter().find(|figure| figure.name == target.figure);
        aim(target, summary, figure.map_or(Unit::Count, |figure| figure.unit))
    });
    let targets = targets.collect();
    let Measure { name, told, figures, picture, .. } = measure;
    Told { name, told, rows, targets, figures, picture }
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

    /// As the documentation has it.
    fn text_and_picture(&self) -> String {
        let picture = self.picture.as_ref();
        let link = picture.map(|picture| format!("\n\n![{}]({PLOTS}/{}.svg)", picture.title, picture.file));
        self.text() + &link.unwrap_or_default()
    }

    /// The medians that the table has.
    fn plot(&self, picture: &Picture, told: String) -> Plot {
        let line = |row: &Row| {
            let medians = row.figures.iter().map(|summary| picture.height.of(summary.spread.median));
            Line { name: row.who.to_owned(), points: picture.places.iter().copied().zip(medians).collect() }
        };
        let unit = match picture.height {
            Height::Figure => self.figures.first().map_or(Unit::Count, |figure| figure.unit),
            Height::InASecond => Unit::PerSecond,
        };
        let Picture { title, across, up, .. } = *picture;
        let (title, across, up) = (title.into(), across.into(), up.into());
        Plot { title, told, across, up, unit, lines: self.rows.iter().map(line).collect() }
    }
}

impl Height {
    fn of(self, figure: f64) -> f64 {
        match self {
            Self::Figure => figure,
            Self::InASecond => 1e9 / figure,
        }
    }
}

impl Row {
    fn cells(&self, figures: &[Figure]) -> Vec<String> {
        let mut cells = vec![self.who.to_owned()];
        for (column, figure) in figures.iter().enumerate() {
            let summary = self.figures.get(column);
            let value = match (summary, &self.skipped, self.not_tried) {
                (Some(summary), ..) => figure.unit.show(summary.spread),
                (None, Some(reason), _) if column == 0 => format!("skipped: {reason}"),
                (None, None, Some(reason)) if column == self.figures.len() => format!("not tried: {reason}"),
                (None, None, Some(_)) => "not tried".into(),
                (None, ..) => String::new(),
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
    use super::{Report, Told, tell};
    use crate::bench::machine::Machine;
    use crate::bench::measure::{
        Bound, Contestant, Figure, Height, Measure, Outcome, Picture, Rounds, Skipped, Target, Unit,
    };
    use crate::bench::summary::Spread;

    fn told(ours: Result<Rounds, Skipped>) -> Told {
        told_of(ours, Bound::RatioAtMost(1.5))
    }

    fn told_of(ours: Result<Rounds, Skipped>, bound: Bound) -> Told {
        let contestant = |name| Contestant::new(name, &[], |_| unreachable!("the figures are given"));
        let measure = Measure {
            name: "walking",
            told: "a way",
            figures: vec![
                Figure { name: "time", unit: Unit::Nanoseconds, is_compared: true },
                Figure { name: "steps", unit: Unit::Count, is_compared: false },
            ],
            contestants: vec![contestant("they"), contestant("we")],
            targets: vec![Target { contestant: "we", figure: "time", bound, when_missed: "rain" }],
            picture: None,
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

    /// Two sizes, of which we are tried on the first one only.
    fn pictured() -> Told {
        let contestant = |name| Contestant::new(name, &[], |_| unreachable!("the figures are given"));
        let figure = |name| Figure { name, unit: Unit::Nanoseconds, is_compared: true };
        let measure = Measure {
            name: "walking",
            told: "a way",
            figures: vec![figure("10 steps"), figure("100 steps")],
            contestants: vec![contestant("they"), contestant("we").stopping("we are tired")],
            targets: Vec::new(),
            picture: Some(Picture {
                file: "walks",
                title: "Walks",
                across: "steps",
                places: vec![10.0, 100.0],
                up: "walks a second",
                height: Height::InASecond,
            }),
        };
        let results = vec![Ok(vec![vec![1e6, 1e9], vec![1e6, 1e9]]), Ok(vec![vec![2e6], vec![4e6]])];
        tell(Outcome { measure, results })
    }

    #[test]
    fn what_is_not_tried_says_so_and_is_no_number() {
        let told = pictured();
        let row = told.text().lines().find(|line| line.starts_with("| we ")).unwrap().to_owned();
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells[2..], ["3 ms (2..4)", "3 (2..4)", "not tried: we are tired", "", ""], "{row}");
    }

    #[test]
    fn the_picture_has_the_medians_of_the_table() {
        let told = pictured();
        let plot = told.plot(told.picture.as_ref().unwrap(), String::new());
        assert_eq!(plot.lines[0].points, [(10.0, 1_000.0), (100.0, 1.0)]);
        assert_eq!(plot.lines[1].points, [(10.0, 1e9 / 3e6)]);
        assert!(told.text_and_picture().ends_with("\n\n![Walks](plots/walks.svg)"));
        assert!(!told.text().contains("svg"));
    }

    #[test]
    fn the_documentation_gets_the_table_and_the_picture_that_it_links() {
        let docs = tempfile::tempdir().unwrap();
        let file = docs.path().join("benchmarks.md");
        std::fs::write(&file, "a\n<!-- bench walks: begin -->\nold\n<!-- bench walks: end -->\nb\n").unwrap();
        let machine = Machine::look(docs.path()).unwrap();
        let (command, date) = ("bench walks".into(), "2026-01-31".into());
        let report = Report { topic: "walks", command, date, machine, rounds: 2, measures: vec![pictured()] };
        report.write_docs(docs.path()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("| 3 ms (2..4)") && !text.contains("old"), "{text}");
        let link = text.split_once("![Walks](").unwrap().1.split_once(')').unwrap().0;
        let svg = std::fs::read_to_string(docs.path().join(link)).unwrap();
        assert!(svg.contains("Medians of 2 rounds, 2026-01-31."), "{svg}");
    }

    #[test]
    fn every_picture_that_is_linked_is_there() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let text = std::fs::read_to_string(docs.join("benchmarks.md")).unwrap();
        let linked: Vec<&str> =
            text.split("](").filter_map(|rest| rest.split_once(".svg)")).map(|(file, _)| file).collect();
        for file in linked {
            let svg = std::fs::read_to_string(docs.join(file).with_extension("svg")).unwrap();
            roxmltree::Document::parse(&svg).unwrap();
        }
    }
}

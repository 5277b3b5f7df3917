//! What came of a run: a line each, the closing table, `report.json` and the count.

use crate::engine::watch::Outcome;
use crate::engine::{Counts, Pace, Run, Scenario};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table};
use serde::Serialize;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Passed,
    Failed,
    Skipped,
}

/// What came of one scenario.
#[derive(Serialize)]
pub(crate) struct Record {
    name: &'static str,
    proves: &'static str,
    clients: &'static str,
    faults: &'static str,
    outcome: Word,
    seconds: f64,
    detail: String,
    counts: Counts,
    /// The one command that does it again.
    repeat: String,
}

impl Record {
    pub(crate) fn new(
        scenario: &Scenario,
        outcome: Outcome,
        time: Duration,
        run: &Run,
        require_all: bool,
    ) -> Self {
        let one = |passed, failed, skipped| Counts { passed, failed, skipped };
        let (mut word, detail, mut counts) = match outcome {
            Outcome::Passed(verdict) => (Word::Passed, verdict.told, verdict.counts.unwrap_or(one(1, 0, 0))),
            Outcome::Failed(failure) => (Word::Failed, failure.told, failure.counts.unwrap_or(one(0, 1, 0))),
            Outcome::Skipped(reason) => (Word::Skipped, reason, one(0, 0, 1)),
        };
        if require_all && counts.skipped > 0 {
            counts.failed += counts.skipped;
            counts.skipped = 0;
            word = Word::Failed;
        }
        Self {
            name: scenario.name,
            proves: scenario.proves,
            clients: scenario.clients,
            faults: scenario.faults,
            outcome: word,
            seconds: (time.as_secs_f64() * 10.0).round() / 10.0,
            detail,
            counts,
            repeat: repeat(scenario.name, run),
        }
    }

    /// The line that is shown when the scenario is over.
    pub(crate) fn line(&self) -> String {
        let Self { name, seconds, detail, .. } = self;
        match self.outcome {
            Word::Passed => format!("passed   {name} in {seconds} s: {detail}"),
            Word::Skipped => format!("skipped  {name}: {detail}"),
            Word::Failed => {
                format!("FAILED   {name} in {seconds} s: {detail}\n         again: {}", self.repeat)
            }
        }
    }
}

fn repeat(name: &str, run: &Run) -> String {
    let mut command = format!("cargo xtask test --only {name} --seed {}", run.seed);
    if run.pace == Pace::Quick {
        command.push_str(" --quick");
    }
    for folder in &run.corpus {
        command.push_str(&format!(" --corpus {}", folder.display()));
    }
    command
}

/// What came of all of them.
#[derive(Serialize)]
pub(crate) struct Report {
    seed: u64,
    pace: Pace,
    counts: Counts,
    scenarios: Vec<Record>,
}

impl Report {
    pub(crate) fn new(seed: u64, pace: Pace, scenarios: Vec<Record>) -> Self {
        let mut counts = Counts::default();
        for record in &scenarios {
            counts += record.counts;
        }
        Self { seed, pace, counts, scenarios }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Nothing failed, and something ran at all.
    pub(crate) fn is_good(&self) -> bool {
        self.counts.failed == 0 && self.counts.passed > 0
    }

    /// A report that cannot be written is a failure of the run: somebody counts on it.
    pub(crate) fn write(&mut self, path: &Path) {
        let written = serde_json::to_string_pretty(self)
            .map_err(std::io::Error::from)
            .and_then(|json| std::fs::write(path, json + "\n"));
        if let Err(error) = written {
            eprintln!("cannot write the report to {}: {error}", path.display());
            self.counts.failed += 1;
        }
    }

    /// The table, and under it every failure in full.
    pub(crate) fn print(&self) {
        let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::io::stdout().is_terminal();
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        if !std::io::stdout().is_terminal() {
            table.set_width(120);
        }
        table.set_header(["scenario", "clients", "faults", "result", "s", "detail"]);
        for record in &self.scenarios {
            table.add_row([
                Cell::new(record.name),
                Cell::new(record.clients),
                Cell::new(record.faults),
                result_cell(record, colour),
                Cell::new(format!("{:.1}", record.seconds)),
                Cell::new(first_line(&record.detail)),
            ]);
        }
        println!("\n{table}");
        for record in self.scenarios.iter().filter(|record| record.outcome == Word::Failed) {
            println!("\n{} failed. It is there to show: {}", record.name, record.proves);
            println!("  {}", record.detail.trim_end().replace('\n', "\n  "));
            println!("  again: {}", record.repeat);
        }
        println!();
    }
}

fn result_cell(record: &Record, colour: bool) -> Cell {
    let (text, shade) = match record.outcome {
        Word::Passed => ("passed", Color::Green),
        Word::Failed => ("FAILED", Color::Red),
        Word::Skipped => ("skipped", Color::Yellow),
    };
    let cell = Cell::new(text);
    if colour { cell.fg(shade).add_attribute(Attribute::Bold) } else { cell }
}

fn first_line(text: &str) -> String {
    const LONG: usize = 160;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LONG {
        return line.into();
    }
    line.chars().take(LONG).chain(['…']).collect()
}

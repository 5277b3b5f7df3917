//! What came of a run: a line each, the closing table, `report.json` and the count.

use crate::engine::axes::{Filesystem, Invariant, listed};
use crate::engine::places::Places;
use crate::engine::watch::Outcome;
use crate::engine::{Case, Counts, Explain, Failure, Pace, Run, html};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table};
use serde::Serialize;
use std::fs;
use std::io::IsTerminal;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Word {
    Passed,
    Failed,
    Skipped,
}

/// What came of one case.
#[derive(Serialize)]
pub(crate) struct Record {
    pub(super) name: String,
    pub(super) scenario: &'static str,
    pub(super) proves: &'static str,
    pub(super) clients: Vec<String>,
    pub(super) processes: u16,
    pub(super) faults: Vec<String>,
    pub(super) filesystem: Filesystem,
    /// The numbers of the invariants in ARCHITECTURE.md.
    pub(super) upholds: &'static [Invariant],
    pub(super) outcome: Word,
    pub(super) seconds: f64,
    pub(super) detail: String,
    pub(super) counts: Counts,
    /// The one command that does it again.
    pub(super) repeat: String,
}

impl Record {
    pub(crate) fn new(case: Case, outcome: Outcome, time: Duration, run: &Run) -> Self {
        let one = |passed, failed, skipped| Counts { passed, failed, skipped };
        let (mut word, detail, mut counts) = match outcome {
            Outcome::Passed(verdict) => (Word::Passed, verdict.told, verdict.counts.unwrap_or(one(1, 0, 0))),
            Outcome::Failed(failure) => (Word::Failed, failure.told, failure.counts.unwrap_or(one(0, 1, 0))),
            Outcome::Skipped(reason) => (Word::Skipped, reason, one(0, 0, 1)),
        };
        if run.require_all && counts.skipped > 0 {
            counts.failed += counts.skipped;
            counts.skipped = 0;
            word = Word::Failed;
        }
        let scenario = case.scenario;
        let name = case.name();
        Self {
            repeat: repeat(&name, run),
            name,
            scenario: scenario.name,
            proves: scenario.proves,
            clients: scenario.clients.iter().map(ToString::to_string).collect(),
            processes: case.processes,
            faults: scenario.faults.iter().map(ToString::to_string).collect(),
            filesystem: case.filesystem,
            upholds: scenario.upholds,
            outcome: word,
            seconds: tenths(time),
            detail,
            counts,
        }
    }

    /// The line that is shown when the case is over.
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

fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

fn repeat(name: &str, run: &Run) -> String {
    let mut command = format!("cargo xtask test --only {name} --seed {}", run.seed);
    if run.pace == Pace::Quick {
        command.push_str(" --quick");
    }
    if run.times.get() > 1 {
        command.push_str(&format!(" --times {}", run.times));
    }
    for folder in &run.corpus {
        command.push_str(&format!(" --corpus {}", folder.display()));
    }
    command
}

/// What came of all of them: also the content of `report.json`, described in CONTRIBUTING.md.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Goes up when a field changes its meaning or goes away.
    format: u32,
    pub(super) seed: u64,
    pub(super) pace: Pace,
    pub(super) seconds: f64,
    /// How many cases ran at a time.
    pub(super) jobs: usize,
    pub(super) counts: Counts,
    pub(super) cases: Vec<Record>,
}

impl Report {
    pub(crate) fn new(run: &Run, time: Duration, cases: Vec<Record>) -> Self {
        let mut counts = Counts::default();
        for record in &cases {
            counts += record.counts;
        }
        Self {
            format: 1,
            seed: run.seed,
            pace: run.pace,
            seconds: tenths(time),
            jobs: run.jobs,
            counts,
            cases,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Nothing failed, and something ran at all.
    pub(crate) fn is_good(&self) -> bool {
        self.counts.failed == 0 && self.counts.passed > 0
    }

    pub(super) fn failed(&self) -> impl Iterator<Item = &Record> {
        self.cases.iter().filter(|record| record.outcome == Word::Failed)
    }

    /// A report that cannot be written is a failure of the run: somebody counts on it.
    pub(crate) fn write(&mut self, places: &Places) {
        if let Err(failure) = self.try_to_write(places) {
            eprintln!("xtask: the report cannot be written: {failure}");
            self.counts.failed += 1;
        }
    }

    fn try_to_write(&self, places: &Places) -> Result<(), Failure> {
        let (json, html) = (places.report_json(), places.report_html());
        fs::write(&json, serde_json::to_string_pretty(self)? + "\n").explain(json.display())?;
        fs::write(&html, html::page(self)).explain(html.display())
    }

    /// The report as one line of JSON, on standard output.
    pub(crate) fn print_json(&self) {
        match serde_json::to_string(self) {
            Ok(json) => println!("{json}"),
            Err(error) => eprintln!("xtask: the report is no JSON: {error}"),
        }
    }

    /// The table, and under it every failure in full.
    pub(crate) fn print(&self, places: &Places) {
        let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::io::stdout().is_terminal();
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        if !std::io::stdout().is_terminal() {
            table.set_width(120);
        }
        table.set_header(["case", "clients", "faults", "result", "s", "detail"]);
        for record in &self.cases {
            table.add_row([
                Cell::new(&record.name),
                Cell::new(listed(&record.clients)),
                Cell::new(listed(&record.faults)),
                result_cell(record, colour),
                Cell::new(format!("{:.1}", record.seconds)),
                Cell::new(first_line(&record.detail)),
            ]);
        }
        println!("\n{table}");
        for record in self.failed() {
            println!("\n{} failed. It is there to show: {}", record.name, record.proves);
            println!("  {}", record.detail.trim_end().replace('\n', "\n  "));
            println!("  again: {}", record.repeat);
        }
        println!("\nreport: {}\n", places.report_html().display());
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

//! What is printed, and what goes into the documentation.

use crate::crash::controls::{Control, states};
use crate::crash::models::Model;
use crate::crash::programs::Expected;
use crate::crash::trial::{Tally, Trial};
use crate::engine::{Explain, Failure, fail};
use serde::Serialize;
use std::fs;
use std::path::Path;
use std::process::Command;

const BEGIN: &str = "<!-- crash table: begin -->";
const END: &str = "<!-- crash table: end -->";

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) trials: Vec<Trial>,
    pub(crate) controls: Vec<Control>,
}

impl Report {
    pub(crate) fn is_good(&self) -> bool {
        self.problems().is_empty()
    }

    /// What must not be: a wrong state of ours, and a control that does not hold.
    pub(crate) fn problems(&self) -> Vec<String> {
        let ours = self.trials.iter().filter(|trial| trial.expected == Expected::Sound);
        let stories = ours.flat_map(|trial| trial.tallies.iter().filter_map(|tally| tally.first.clone()));
        let failed = self.controls.iter().filter(|control| !control.holds);
        stories.chain(failed.map(|control| format!("control: {}: {}", control.what, control.seen))).collect()
    }

    /// In one line.
    pub(crate) fn told(&self) -> String {
        let ours = self.trials.iter().filter(|trial| trial.expected == Expected::Sound);
        let (programs, distinct, wrong) =
            ours.fold((0, 0, 0), |(n, d, w), trial| (n + 1, d + trial.distinct, w + trial.bad()));
        let others = self.trials.iter().filter(|trial| trial.expected != Expected::Sound);
        let (peers, bad) = others.fold((0, 0), |(n, b), trial| (n + 1, b + u64::from(trial.bad() > 0)));
        format!(
            "{programs} programs of ours: {distinct} distinct states, {wrong} wrong; {peers} peers, {bad} with wrong states"
        )
    }

    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            println!("{}", serde_json::to_string_pretty(self)?);
            return Ok(());
        }
        println!("{}", self.table());
        for trial in &self.trials {
            let first = trial.tallies.iter().find_map(|tally| tally.first.as_ref());
            if let Some(story) = first {
                println!("\n{story}");
            }
        }
        println!();
        for control in &self.controls {
            let word = if control.holds { "holds" } else { "FAILS" };
            println!("control {word}: {}: {}", control.what, control.seen);
        }
        for problem in self.problems() {
            println!("\nproblem: {problem}");
        }
        println!("\n{}", self.told());
        Ok(())
    }

    /// Programs by models, in Markdown.
    fn table(&self) -> String {
        let head = ["program", "operations", "distinct states"].into_iter().map(String::from);
        let mut rows: Vec<Vec<String>> =
            vec![head.chain(Model::ALL.map(|model| model.name().into())).collect()];
        for trial in &self.trials {
            let first = [trial.program.to_owned(), trial.operations.to_string(), trial.distinct.to_string()];
            rows.push(first.into_iter().chain(trial.tallies.iter().map(cell)).collect());
        }
        let all: u64 = self.trials.iter().map(states).sum();
        let left_out = self.trials.iter().flat_map(|trial| &trial.tallies);
        let left_out = left_out.fold(0, |sum: u64, tally| sum.saturating_add(tally.left_out));
        let left_out =
            if left_out == u64::MAX { "more than can be counted".into() } else { left_out.to_string() };
        format!(
            "{}\n\n{all} states; combinations of sectors and names that were not tried: {left_out}.",
            markdown(&rows)
        )
    }

    /// Replaces what stands between the markers in `file`.
    pub(crate) fn write_docs(&self, file: &Path, command: &str) -> Result<(), Failure> {
        let text = fs::read_to_string(file).explain(file.display())?;
        let date = Command::new("date").arg("+%Y-%m-%d").output().explain("date")?;
        let date = String::from_utf8_lossy(&date.stdout).trim().to_owned();
        let seed = self.seed;
        let table = format!("`{command} --seed {seed}`, {date}:\n\n{}", self.table());
        let text = between(&text, &table)
            .ok_or_else(|| fail(format!("{}: no place for the table", file.display())))?;
        atomic_io::replace(file, text.as_bytes())?;
        Ok(())
    }
}

fn between(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

fn cell(tally: &Tally) -> String {
    let parts = [(tally.torn, "torn"), (tally.lost, "lost"), (tally.other, "wrong otherwise")];
    let bad: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if bad.is_empty() { tally.states.to_string() } else { format!("{}: {}", tally.states, bad.join(", ")) }
}

fn markdown(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let line = |cells: &[String]| {
        let cells: Vec<_> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut lines: Vec<String> = rows.iter().map(|row| line(row)).collect();
    lines.insert(1.min(lines.len()), line(&rule));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Report, between, markdown};
    use crate::crash::controls::Control;
    use crate::crash::programs::Expected;
    use crate::crash::trial::{Tally, Trial};

    fn report(expected: Expected, torn: u64, holds: bool) -> Report {
        let first = (torn > 0).then(|| "story".to_owned());
        let tally = Tally { model: "m", states: 9, torn, first, ..Tally::default() };
        let trial = Trial { program: "p", expected, operations: 1, distinct: 9, tallies: vec![tally] };
        let control = Control { what: String::new(), holds, seen: String::new() };
        Report { seed: 1, trials: vec![trial], controls: vec![control] }
    }

    #[test]
    fn a_wrong_state_of_ours_and_a_failed_control_are_problems_and_a_peers_is_not() {
        assert!(report(Expected::Sound, 0, true).is_good());
        assert!(!report(Expected::Sound, 1, true).is_good());
        assert!(!report(Expected::Sound, 0, false).is_good());
        assert!(report(Expected::Compared, 1, true).is_good());
    }

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let text = "a\n<!-- crash table: begin -->\nold\n<!-- crash table: end -->\nb\n";
        let replaced = "a\n<!-- crash table: begin -->\nnew\n<!-- crash table: end -->\nb\n";
        assert_eq!(between(text, "new").as_deref(), Some(replaced));
        assert_eq!(between("no markers", "new"), None);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a", "bbb"], ["cc", "d"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(markdown(&rows), "| a  | bbb |\n| -- | --- |\n| cc | d   |");
    }
}
